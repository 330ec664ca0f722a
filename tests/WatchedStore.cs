using System.Reflection;
using Actors.Ledger;
using Actors.Policy;

namespace Actors.Tests;

/// <summary>A node's real store, in which a test can hold writes and show another clock or horizon; everything else goes through.</summary>
/// <remarks>Public, as a proxy's type must be.</remarks>
public class WatchedStore : DispatchProxy
{
    private ILedgerStore _inner = null!;

    /// <summary>Runs before each batch is written.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the node sees of the storage's clock.</summary>
    public Func<Instant, Instant> ShowClock { get; set; } = shown => shown;

    /// <summary>Up to where the node sees the log.</summary>
    public Func<long, long> ShowHorizon { get; set; } = shown => shown;

    /// <summary>Puts one around a store; it is a <see cref="WatchedStore"/>.</summary>
    public static ILedgerStore Around(ILedgerStore inner)
    {
        var store = Create<ILedgerStore, WatchedStore>();
        ((WatchedStore)(object)store)._inner = inner;
        return store;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(ILedgerStore.WriteAsync) => WriteAsync((IReadOnlyList<EncodedCommit>)args![0]!, (CancellationToken)args[1]!),
        nameof(ILedgerStore.ReadClockAsync) => ReadClockAsync((CancellationToken)args![0]!),
        nameof(ILedgerStore.ReadHorizonAsync) => ReadHorizonAsync((CancellationToken)args![0]!),
        _ => targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null),
    };

    private async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken)
    {
        await BeforeWrite(batch);
        return await _inner.WriteAsync(batch, cancellationToken);
    }

    private async Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => ShowHorizon(await _inner.ReadHorizonAsync(cancellationToken));

    private async Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => ShowClock(await _inner.ReadClockAsync(cancellationToken));
}
