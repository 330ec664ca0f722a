namespace Actors.Grains.Webhooks;

/// <summary>
/// Bounds the requests to webhooks that are under way on this node: all of them, those of one business, and those that are suspected to take long, as they
/// did lately, whether they arrived or not; these have half of what one business has, too. So whoever is slow or hangs takes little of what there is, and
/// nothing from who waits behind, of the same business or of others; who fails at once takes little anyway, and doesn't wait behind those that hang.
/// </summary>
internal sealed class OutgoingGate(WebhookSettings settings)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Count> _businesses = [];
    private readonly LinkedList<Waiter> _waiting = [];
    private Count _all;

    /// <summary>Requests under way.</summary>
    public int UnderWay
    {
        get
        {
            lock (_lock)
            {
                return _all.All;
            }
        }
    }

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
            _all = _all.With(-1, isSuspect);
            _businesses[business] = _businesses[business].With(-1, isSuspect);
            if (_businesses[business].All == 0)
            {
                _businesses.Remove(business);
            }

            for (var place = _waiting.First; place is not null && _all.All < settings.AtOnce;)
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
        if (_all.All >= settings.AtOnce || own.All >= settings.AtOncePerBusiness)
        {
            return false;
        }

        if (isSuspect && (_all.Suspects >= settings.AtOnceSuspect || own.Suspects >= Math.Max(1, settings.AtOncePerBusiness / 2)))
        {
            return false;
        }

        _all = _all.With(1, isSuspect);
        _businesses[business] = own.With(1, isSuspect);
        return true;
    }

    private sealed record Waiter(long Business, bool IsSuspect, TaskCompletionSource MayGo);

    private readonly record struct Count(int All, int Suspects)
    {
        public Count With(int change, bool isSuspect) => new(All + change, Suspects + (isSuspect ? change : 0));
    }
}
