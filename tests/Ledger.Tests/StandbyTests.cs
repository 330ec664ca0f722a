using Actors.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Servers with standbys: where commits are to wait for one, nothing is answered, or shown to anybody, that none has.</summary>
public sealed class StandbyTests : IAsyncLifetime
{
    /// <summary>Takes the log as a standby does, and keeps it on disk. Ends with the server, or when its folder has a file "away".</summary>
    private const string Standby =
        """
        mkdir -p standby && rm -f standby/away
        PGAPPNAME=standby1 pg_receivewal -D standby --no-loop --synchronous >standby.log 2>&1 &
        (while kill -0 $! && [ ! -e standby/away ]; do sleep 0.1; done; kill $!) >standby.log 2>&1 &
        """;

    private PostgresServer _server = null!;
    private string _connectionString = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        TestPostgres.RequireServer();
        _server = await PostgresServer.StartAsync();
        _connectionString = await TestPostgres.CreateDatabaseAsync(_server.ConnectionString);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

    [Fact]
    public async Task What_no_standby_has_is_neither_answered_nor_shown_and_is_committed_once_one_has_it()
    {
        await using var store = Open(NullLogger.Instance);
        await using var other = Open(NullLogger.Instance);
        await store.StartAsync(Cancel);
        await _server.RunScriptAsync(Standby);
        await _server.RunScriptAsync("psql -d postgres -c \"ALTER SYSTEM SET synchronous_standby_names = 'standby1'\" -c 'SELECT pg_reload_conf()'");
        await UntilAsync("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1");
        Assert.Equal([CommitOutcome.Committed], await store.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel));

        await _server.RunScriptAsync("touch standby/away");
        await UntilAsync("SELECT count(*) FROM pg_stat_replication", "0");
        var commit = Given.Commit(1, 1, Given.Send(2));
        var writing = store.WriteAsync([commit], Cancel);
        await UntilAsync("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "1");

        // As after the loss of the connection. To end the process would show its commit to everybody.
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var find = source.CreateCommand("SELECT pid, backend_start FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        await using var found = await find.ExecuteReaderAsync(Cancel);
        await found.ReadAsync(Cancel);
        var backend = new PostgresBackend(found.GetInt32(0), found.GetDateTime(1));
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => other.ResolveAsync([commit], backend, Cancel));
        Assert.Equal(1, Assert.Single(await other.ReadUsersAsync([1], Cancel)).Version);
        Assert.False(writing.IsCompleted);

        await _server.RunScriptAsync(Standby);
        Assert.Equal([CommitOutcome.Committed], await writing);
        Assert.Equal(2, Assert.Single(await other.ReadUsersAsync([1], Cancel)).Version);
    }

    [Fact]
    public async Task A_node_warns_of_a_standby_that_no_commit_waits_for_and_refuses_not_to_wait()
    {
        var lines = new LogLines();
        await using (var store = Open(lines))
        {
            await store.StartAsync(Cancel);
        }

        Assert.Equal(0, lines.Count(5008));
        await _server.RunScriptAsync(Standby);
        await UntilAsync("SELECT count(*) FROM pg_stat_replication", "1");
        await using (var store = Open(lines))
        {
            await store.StartAsync(Cancel);
        }

        Assert.Equal(1, lines.Count(5008));
        await using var hasty = Open(lines, ";Options=-c synchronous_commit=local");
        var refusal = await Assert.ThrowsAsync<LedgerUnavailableException>(() => hasty.StartAsync(Cancel));
        Assert.Contains("Set synchronous_commit = on", refusal.Message, StringComparison.Ordinal);
    }

    private PostgresLedgerStore Open(ILogger logger, string settings = "") => new(_connectionString + settings, TimeProvider.System, logger);

    private async Task UntilAsync(string question, string answer)
    {
        while ((await _server.RunScriptAsync($"psql -d postgres -Atc \"{question}\"")).Trim() != answer)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }
}
