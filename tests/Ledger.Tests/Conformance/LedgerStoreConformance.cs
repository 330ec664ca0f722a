namespace Actors.Ledger.Tests.Conformance;

/// <summary>
/// What every store promises; derived once for each. One storage per test: <see cref="OpenAsync"/> opens it, and opens the same one again after it was closed.
/// </summary>
public abstract partial class LedgerStoreConformance : IAsyncLifetime
{
    private ILedgerStore? _store;

    /// <summary>Opens this test's storage: new at the first call, with what was written at later ones. The caller starts and disposes it.</summary>
    protected abstract Task<ILedgerStore> OpenAsync();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal ILedgerStore Store => _store ?? throw new InvalidOperationException("Not open.");

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.StartAsync(Cancel);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the storage and opens it again, as after the restart of a node.</summary>
    private async Task RestartAsync()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync();
        await _store.StartAsync(Cancel);
    }

    /// <summary>So many users, from a number on, who are of one part of the store: what is written of them together is one batch.</summary>
    private long[] Neighbours(long first, int count)
    {
        var part = Store.PartOf(first);
        var users = new List<long>(count);
        for (var user = first; users.Count < count; user++)
        {
            if (Store.PartOf(user) == part)
            {
                users.Add(user);
            }
        }

        return [.. users];
    }

    private async Task<CommitOutcome> WriteAsync(EncodedCommit commit) => Assert.Single(await Store.WriteAsync([commit], Cancel));

    /// <summary>All events from the beginning, once everything written so far is final.</summary>
    private async Task<List<LedgerEvent>> EventsAsync(long? business, int expected)
    {
        while (true)
        {
            var events = await Store.ReadEventsAsync(business, 0, await Store.ReadHorizonAsync(Cancel), 100_000, Cancel);
            if (events.Count >= expected)
            {
                return [.. events];
            }

            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
