namespace Actors.Grains.Webhooks;

/// <summary>
/// Bounds the requests to webhooks that are under way on this node: all of them, those of one business, and those that are suspected to take long, as they
/// did lately, whether they arrived or not. So whoever is slow or hangs takes little of what there is, and nothing from businesses that wait behind; who
/// fails at once takes little anyway, and doesn't wait behind those that hang.
/// </summary>
internal sealed class OutgoingGate(WebhookSettings settings)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, int> _businesses = [];
    private readonly LinkedList<Waiter> _waiting = [];
    private int _all;
    private int _suspects;

    /// <summary>Requests under way.</summary>
    public int UnderWay => Volatile.Read(ref _all);

    /// <summary>Lets one through at once, or not at all.</summary>
    public bool TryEnter(long business, bool isSuspect)
    {
        lock (_lock)
        {
            return TryTake(business, isSuspect);
        }
    }

    /// <summary>Waits until one may go.</summary>
    public Task EnterAsync(long business, bool isSuspect, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (TryTake(business, isSuspect))
            {
                return Task.CompletedTask;
            }

            var waiter = new Waiter(business, isSuspect, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            var place = _waiting.AddLast(waiter);
            return WaitAsync(place, cancellationToken);
        }
    }

    /// <summary>One has ended.</summary>
    public void Leave(long business, bool isSuspect)
    {
        lock (_lock)
        {
            _all--;
            _suspects -= isSuspect ? 1 : 0;
            if (--_businesses[business] == 0)
            {
                _businesses.Remove(business);
            }

            for (var place = _waiting.First; place is not null && _all < settings.AtOnce;)
            {
                var (next, waiter) = (place.Next, place.Value);
                if (TryTake(waiter.Business, waiter.IsSuspect))
                {
                    _waiting.Remove(place);
                    waiter.MayGo.SetResult();
                }

                place = next;
            }
        }
    }

    private async Task WaitAsync(LinkedListNode<Waiter> place, CancellationToken cancellationToken)
    {
        try
        {
            await place.Value.MayGo.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            if (!TryGiveUp(place))
            {
                Leave(place.Value.Business, place.Value.IsSuspect);   // let through in this very moment
            }

            throw;
        }
    }

    private bool TryGiveUp(LinkedListNode<Waiter> place)
    {
        lock (_lock)
        {
            if (place.List is null)
            {
                return false;
            }

            _waiting.Remove(place);
            return true;
        }
    }

    private bool TryTake(long business, bool isSuspect)
    {
        var own = _businesses.GetValueOrDefault(business);
        if (_all >= settings.AtOnce || own >= settings.AtOncePerBusiness || (isSuspect && _suspects >= settings.AtOnceSuspect))
        {
            return false;
        }

        _all++;
        _suspects += isSuspect ? 1 : 0;
        _businesses[business] = own + 1;
        return true;
    }

    private sealed record Waiter(long Business, bool IsSuspect, TaskCompletionSource MayGo);
}
