using System.Diagnostics.CodeAnalysis;
using Actors.Contracts;
using Actors.Ledger;
using Orleans.Storage;

namespace Actors.Grains.Webhooks;

/// <summary>
/// The state of a business's webhooks in memory, ahead of what is stored: it changes at once and is written in one go for all who ask for it. What must not be
/// lost waits for the write.
/// </summary>
/// <remarks>
/// A write that fails, or finds that another activation has written, throws away what was not stored: then what is stored counts. Not thread-safe:
/// it belongs to one activation.
/// </remarks>
internal sealed class WebhookKeep(GrainId grain, IGrainStorage storage, UserLedger ledger) : IDisposable
{
    private readonly Outbox<WebhooksState> _outbox = new("webhooks", grain, storage, ledger);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private WebhooksState? _state;
    private long _changes;
    private long _stored;
    private int _generation;

    /// <summary>As it is now. Only after <see cref="LoadAsync"/>, and again after each failed write.</summary>
    public WebhooksState State => _state ?? throw new OutageException(OutageKind.Unavailable, "The state isn't known now.");

    /// <summary>Whether <see cref="State"/> may be asked for.</summary>
    [MemberNotNullWhen(true, nameof(_state))]
    public bool IsLoaded => _state is not null;

    /// <summary>Whether there is something that isn't stored.</summary>
    public bool IsAhead => _stored < _changes;

    /// <summary>Whether another activation has written: two of them are at it.</summary>
    public bool IsBeaten => _outbox.IsBeaten;

    /// <summary>Reads what is stored, where it isn't known.</summary>
    /// <exception cref="OutageException">It can't be had now.</exception>
    public async ValueTask LoadAsync()
    {
        if (IsLoaded)
        {
            return;
        }

        await _turn.WaitAsync();
        try
        {
            if (!IsLoaded)
            {
                _state = await _outbox.ReadAsync();
                _stored = _changes;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Changes it in memory.</summary>
    public void Change(Func<WebhooksState, WebhooksState> change)
    {
        var next = change(State);
        if (!ReferenceEquals(next, _state))
        {
            _state = next;
            _changes++;
        }
    }

    /// <summary>Changes one webhook's book in memory.</summary>
    public void Change(int webhook, Func<Policy.Webhooks.DeliveryBook, Policy.Webhooks.DeliveryBook> change)
    {
        if (State.Find(webhook) is { } found && change(found.Book) is var next && !ReferenceEquals(next, found.Book))
        {
            Change(state => state.With(webhook, one => one with { Book = next }));
        }
    }

    /// <summary>Ends when everything that was changed before is stored.</summary>
    /// <param name="tell">What the ledger is told, by the version that the change has; null for nothing.</param>
    /// <exception cref="OutageException">It may not be stored: what is stored is to be loaded.</exception>
    public async Task SaveAsync(Func<long, GrainChange>? tell = null)
    {
        var (generation, changes) = (_generation, _changes);
        await _turn.WaitAsync();
        try
        {
            if (generation != _generation || _state is null)
            {
                throw new OutageException(OutageKind.Unavailable, "What was to be stored is lost; nothing was done.");
            }

            if (_stored >= changes && tell is null)
            {
                return;   // somebody else's write had it
            }

            await WriteAsync(_state, _changes, tell);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(WebhooksState state, long changes, Func<long, GrainChange>? tell)
    {
        try
        {
            var before = await _outbox.ReadAsync();
            await _outbox.WriteAsync(state with { Version = before.Version, Outbox = before.Outbox }, tell?.Invoke(before.Version + 1));
            _stored = changes;
        }
        catch
        {
            _generation++;
            _state = null;
            _outbox.Forget();
            throw;
        }
    }
}
