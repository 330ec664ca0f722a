using System.Net;

namespace Actors.Grains.Webhooks;

/// <summary>For whom a name is looked up.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="IsSuspect">Whether it may take long: see <see cref="OutgoingGate"/>.</param>
internal readonly record struct LookupAsker(long Business, bool IsSuspect);

/// <summary>Looks names up, a few at once, each name once at a time. One per node.</summary>
/// <remarks>
/// A look-up keeps a thread of the pool until the name server answers or the system gives it up, however soon nobody waits for it any more. So it keeps its
/// place until it has truly ended, and whoever asks for a name that is being looked up waits for that: a dead name server takes little, however often its
/// names are asked for, and leaves others theirs.
/// </remarks>
/// <param name="resolve">Finds the addresses of a name.</param>
internal sealed class NameLookups(Func<string, Task<IPAddress[]>> resolve)
{
    private readonly OutgoingGate _gate = new(new WebhookSettings { AtOnce = 16, AtOncePerBusiness = 4, AtOnceSuspect = 8 });
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<IPAddress[]>> _underWay = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds the addresses of a name.</summary>
    /// <exception cref="OperationCanceledException">It took too long, or no place was free for so long.</exception>
    public async Task<IPAddress[]> FindAsync(string host, LookupAsker asker, CancellationToken cancellationToken)
    {
        var lookup = Find(host);
        if (lookup is null)
        {
            await _gate.EnterAsync(asker.Business, asker.IsSuspect, cancellationToken);
            lookup = Start(host, asker);
        }

        return await lookup.WaitAsync(cancellationToken);
    }

    private Task<IPAddress[]>? Find(string host)
    {
        lock (_lock)
        {
            return _underWay.GetValueOrDefault(host);
        }
    }

    /// <summary>Takes over a place of the gate.</summary>
    private Task<IPAddress[]> Start(string host, LookupAsker asker)
    {
        lock (_lock)
        {
            if (_underWay.TryGetValue(host, out var other))
            {
                _gate.Leave(asker.Business, asker.IsSuspect);   // somebody else began while this one waited for its place
                return other;
            }

            return _underWay[host] = Task.Run(() => LookUpAsync(host, asker));   // it outlives whoever asks
        }
    }

    private async Task<IPAddress[]> LookUpAsync(string host, LookupAsker asker)
    {
        try
        {
            return await resolve(host);
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(host);
            }

            _gate.Leave(asker.Business, asker.IsSuspect);
        }
    }
}
