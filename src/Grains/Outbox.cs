using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>
/// State of a slow-changing grain, with what the ledger hasn't confirmed yet. Immutable: it is replaced, never changed, as it may be serialized off the
/// grain's thread.
/// </summary>
internal abstract record OutboxState
{
    /// <summary>Counts the changes that the ledger is told.</summary>
    public long Version { get; init; }

    /// <summary>Changes that the ledger may not have yet, oldest first.</summary>
    public ImmutableArray<GrainChange> Outbox { get; init; } = [];
}

/// <summary>
/// A grain's state and what the ledger is told of it are two stores. This keeps them together: a change is written with the state, then appended to the ledger,
/// which takes each version once; it is cleared with the next write. What a crash leaves in between is appended before the next answer.
/// </summary>
/// <remarks>
/// The state is read when it is first asked for, not when the grain is activated, so that storage that is away is an outage like any other.
/// </remarks>
/// <param name="name">Name of the state: part of its key.</param>
/// <param name="grain">Whose state it is.</param>
/// <param name="storage">Where the state is.</param>
/// <param name="ledger">What is told of it.</param>
internal sealed class Outbox<TState>(string name, GrainId grain, IGrainStorage storage, UserLedger ledger)
    where TState : OutboxState, new()
{
    /// <summary>The row and its version.</summary>
    private readonly GrainState<TState> _row = new();

    /// <summary>The state; null when it isn't known what is stored.</summary>
    private TState? _state;

    /// <summary>The ledger has the changes up to this one.</summary>
    private long _delivered;

    /// <summary>Whether a write found that another activation had written.</summary>
    public bool IsBeaten { get; private set; }

    /// <summary>The state, once the ledger has everything that led to it.</summary>
    /// <exception cref="OutageException">It can't be had now.</exception>
    public async ValueTask<TState> ReadAsync()
    {
        if (_state is null)
        {
            try
            {
                await storage.ReadStateAsync(name, grain, _row);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new OutageException(OutageKind.Unavailable, "The state can't be read: " + e.GetType().Name);
            }

            _state = _row.State ?? new TState();
        }

        await DeliverAsync(_state);
        return _state;
    }

    /// <summary>What is stored may be newer than what is known here: reads it before the next answer.</summary>
    public void Forget() => _state = null;

    /// <summary>Makes the next state durable, and with it what the ledger is told of it; then tells the ledger.</summary>
    /// <param name="next">Made from the state that was just read.</param>
    /// <param name="change">What the ledger is told; null for nothing.</param>
    /// <exception cref="OutageException">
    /// <see cref="OutageKind.Unavailable"/>: nothing was done. <see cref="OutageKind.Unknown"/>: the state may be written, and the ledger may not know it yet.
    /// </exception>
    public async Task WriteAsync(TState next, GrainChange? change = null)
    {
        var pending = next.Outbox.RemoveAll(c => c.Version <= _delivered);
        next = next with { Outbox = change is null ? pending : pending.Add(change), Version = change?.Version ?? next.Version };
        _row.State = next;
        _state = null;
        try
        {
            await storage.WriteStateAsync(name, grain, _row);
        }
        catch (InconsistentStateException)
        {
            IsBeaten = true;
            throw new OutageException(OutageKind.Unavailable, "Another activation has written; nothing was done.");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new OutageException(OutageKind.Unknown, "The state may not have been written: " + e.GetType().Name);
        }

        _state = next;
        await DeliverAsync(next);
    }

    private async ValueTask DeliverAsync(TState state)
    {
        foreach (var change in state.Outbox)
        {
            if (change.Version <= _delivered)
            {
                continue;
            }

            try
            {
                await ledger.Store.AppendAsync(change, CancellationToken.None);
            }
            catch (LedgerUnavailableException)
            {
                throw new OutageException(OutageKind.Unknown, "The state is written, but the ledger doesn't know it yet; it will.");
            }

            _delivered = change.Version;
        }
    }
}
