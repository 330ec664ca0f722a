namespace Actors.Ledger;

/// <summary>Takes the move of a business's epoch to the other servers, while the home server's transaction for it is under way.</summary>
/// <param name="servers">The home server, then the others.</param>
/// <param name="business">Whose epoch.</param>
internal sealed class SplitMove(IReadOnlyList<PostgresLedgerStore> servers, long business)
{
    /// <summary>So long a server that doesn't answer may hold up other moves, and with them no commit.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>So long it may hold up commits of the home server that the move concerns.</summary>
    private static readonly TimeSpan LockedPatience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Before the home server moves: nothing that was decided before can be committed on the others any more, and what the home server says of the move in the
    /// log stands behind all that was.
    /// </summary>
    public Task BeforeAsync(long epoch, CancellationToken cancellationToken) => WithinAsync(
        Patience,
        async cancel =>
        {
            await Task.WhenAll(servers.Skip(1).Select(server => server.RaiseEpochAsync(business, epoch, cancel)));
            await SplitHorizon.AlignAsync(servers, LedgerLog.Events, cancel);
        },
        cancellationToken);

    /// <summary>When the home server has said it: what the others commit once it holds stands in the log behind it.</summary>
    public Task BehindAsync(CancellationToken cancellationToken) =>
        WithinAsync(LockedPatience, cancel => SplitHorizon.AlignAsync(servers, LedgerLog.Events, cancel), cancellationToken);

    /// <summary>Gives up on servers that don't answer in time.</summary>
    /// <exception cref="LedgerUnavailableException">They didn't.</exception>
    public static async Task WithinAsync(TimeSpan patience, Func<CancellationToken, Task> runAsync, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await runAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LedgerUnavailableException("A PostgreSQL server doesn't answer: what binds on all of them can't be said.", e);
        }
    }
}
