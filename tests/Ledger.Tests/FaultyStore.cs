using Actors.Policy;
using Actors.Policy.Users;
using Actors.Tests;

namespace Actors.Ledger.Tests;

/// <summary>A store in front of a real one, whose round trips can be made to fail, hang or lie.</summary>
internal sealed class FaultyStore(ILedgerStore inner) : ForwardingStore(inner)
{
    public delegate Task<CommitOutcome[]> Write(IReadOnlyList<EncodedCommit> batch);

    public delegate Task<IReadOnlyList<EncodedRecord>> Read(IReadOnlyList<long> users);

    public delegate Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessages(IReadOnlyList<(long User, long Number)> messages);

    /// <summary>What a write does; gets the real one.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Write, Task<CommitOutcome[]>> OnWrite { get; set; } = (batch, write) => write(batch);

    /// <summary>What finding out does; gets the real one.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Write, Task<CommitOutcome[]>> OnResolve { get; set; } = (batch, resolve) => resolve(batch);

    /// <summary>What reading users does; gets the real one.</summary>
    public Func<IReadOnlyList<long>, Read, Task<IReadOnlyList<EncodedRecord>>> OnRead { get; set; } = (users, read) => read(users);

    /// <summary>What reading messages of many users does; gets the real one.</summary>
    public Func<IReadOnlyList<(long User, long Number)>, ReadMessages, Task<IReadOnlyList<(long User, StoredMessage Message)>>> OnMessages { get; set; } =
        (messages, read) => read(messages);

    /// <summary>What reading the horizon does; gets the real one.</summary>
    public Func<Func<Task<long>>, Task<long>> OnHorizon { get; set; } = read => read();

    /// <summary>What reading the clock does; gets the real one.</summary>
    public Func<Func<Task<Instant>>, Task<Instant>> OnClock { get; set; } = read => read();

    public override Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken) =>
        OnWrite(batch, commits => Inner.WriteAsync(commits, cancellationToken));

    public override Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken) =>
        OnResolve(batch, commits => Inner.ResolveAsync(commits, backend, cancellationToken));

    public override Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken) =>
        OnRead(users, some => Inner.ReadUsersAsync(some, cancellationToken));

    public override Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken) =>
        OnMessages(messages, some => Inner.ReadMessagesAsync(some, cancellationToken));

    public override Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => OnHorizon(() => Inner.ReadHorizonAsync(cancellationToken));

    public override Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => OnClock(() => Inner.ReadClockAsync(cancellationToken));
}
