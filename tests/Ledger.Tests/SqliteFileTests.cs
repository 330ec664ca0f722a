using Microsoft.Data.Sqlite;

namespace Actors.Ledger.Tests;

/// <summary>The file and its directory: who may open it, and what is refused with which words.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_second_opener_of_the_directory_is_refused_by_name_until_the_first_has_closed()
    {
        await using (var first = await OpenAsync())
        {
            await using var second = new SqliteLedgerStore(_directory.Path, TimeProvider.System);
            var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => second.StartAsync(Cancel));
            Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
            Assert.Contains("another process", refused.Message, StringComparison.Ordinal);

            Assert.Equal([CommitOutcome.Committed], await first.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel));
        }

        await using var next = await OpenAsync();
        Assert.Single(await next.ReadUsersAsync([1], Cancel));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        await (await OpenAsync()).DisposeAsync();
        Execute("PRAGMA user_version = 9999");

        await using var store = new SqliteLedgerStore(_directory.Path, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.StartAsync(Cancel));

        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(9999L, Execute("PRAGMA user_version"));
    }

    [Fact]
    public async Task The_secret_of_all_days_becomes_that_of_the_days_that_are_open()
    {
        byte[] secret;
        await using (var before = await OpenAsync())
        {
            secret = await before.ReadSecretAsync("analytics", 32, Cancel);
            await before.WritePositionAsync("analytics/closed", Policy.Instant.Day * 20_787 + 5, Cancel);
            await before.WritePositionAsync("refusals/17", 1, Cancel);
        }

        Execute("ALTER TABLE messages DROP COLUMN devices");
        Execute("PRAGMA user_version = 8");
        await using var store = await OpenAsync();
        Assert.Equal(secret, await store.ReadSecretAsync("analytics/20787", 32, Cancel));
        Assert.Equal(secret, await store.ReadSecretAsync("analytics/20788", 32, Cancel));
        Assert.NotEqual(secret, await store.ReadSecretAsync("analytics", 32, Cancel));
        Assert.Equal(0, await store.ReadPositionAsync("refusals/17", Cancel));
    }

    [Fact]
    public async Task A_file_that_is_no_ledger_is_refused_by_name()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "ledger.db"), new string('x', 8_192), Cancel);

        await using var store = new SqliteLedgerStore(_directory.Path, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.StartAsync(Cancel));

        Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_refused_by_name()
    {
        var path = Path.Combine(_directory.Path, "file");
        await File.WriteAllTextAsync(path, "", Cancel);

        await using var store = new SqliteLedgerStore(Path.Combine(path, "data"), TimeProvider.System);
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.StartAsync(Cancel));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_ahead_log_is_kept()
    {
        await using var store = await OpenAsync();

        Assert.Equal("wal", Execute("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Many_old_events_are_dropped_and_none_of_the_young_ones()
    {
        await using var store = await OpenAsync();
        var events = Enumerable.Range(1, 5_000).Select(i => Given.Accepted(i)).ToArray();
        await store.WriteAsync([Given.Commit(1, 0, Given.Only(events))], Cancel);

        await store.DropEventsAsync(events[4_499].At, Cancel);

        var kept = await store.ReadEventsAsync(null, 0, await store.ReadHorizonAsync(Cancel), 10_000, Cancel);
        Assert.Equal(events[4_499..], kept.Select(line => line.Event));
        Assert.Equal(kept[0].Seq - 1, await store.ReadEarliestAsync(Cancel));
    }

    [Fact]
    public async Task Events_of_a_message_that_lies_ahead_stay_until_its_row_is_known_to_be_old()
    {
        await using var store = await OpenAsync();
        var ahead = Given.At(365 * Policy.Instant.Day);
        var sent = Given.Send(1) with { Events = [Given.Accepted(1) with { At = ahead }], Message = Given.Message(1) with { At = ahead } };
        await store.WriteAsync([Given.Commit(1, 0, sent)], Cancel);
        await store.WriteAsync([Given.Commit(2, 0, Given.Only(Given.Accepted(2)))], Cancel);
        var before = Given.At(2 * Policy.Instant.Day);

        // Behind its event stands something old, behind its row nothing yet.
        await store.DropEventsAsync(before, Cancel);
        Assert.NotNull(await store.ReadMessageAsync(1, 1, Cancel));
        Assert.Equal(0, await store.ReadEarliestAsync(Cancel));

        await store.WriteAsync([Given.Commit(3, 0, Given.Send(1))], Cancel);
        await store.DropEventsAsync(before, Cancel);
        Assert.Null(await store.ReadMessageAsync(1, 1, Cancel));
        Assert.Equal(await store.ReadHorizonAsync(Cancel), await store.ReadEarliestAsync(Cancel));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(40_000)]
    public async Task Contents_that_were_dropped_are_nowhere_in_the_file(int length)
    {
        var secret = new string('s', length) + "-the-secret-" + new string('s', length);
        await using (var store = await OpenAsync())
        {
            var kept = Given.Send(2) with { Message = Given.Message(2, content: "-what-stays-") with { At = Given.At(9) } };
            await store.WriteAsync([Given.Commit(1, 0, Given.Send(1) with { Message = Given.Message(1, content: secret) })], Cancel);
            await store.WriteAsync([Given.Commit(2, 0, kept)], Cancel);
        }

        Assert.True(IsInFile("-the-secret-"));
        await using (var store = await OpenAsync())
        {
            await store.DropContentsAsync(Given.At(5), Cancel);
        }

        Assert.False(IsInFile("-the-secret-"));
        Assert.False(IsInFile("ssssssss"));
        Assert.True(IsInFile("-what-stays-"));

        bool IsInFile(string text) => File.ReadAllBytes(Path.Combine(_directory.Path, "ledger.db")).AsSpan()
            .IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
    }

    [Fact]
    public async Task A_damaged_record_in_the_file_stops_its_user_only()
    {
        await using (var store = await OpenAsync())
        {
            await store.WriteAsync([Given.Commit(1, 0, Given.Send(1)), Given.Commit(2, 0, Given.Send(1))], Cancel);
        }

        Execute("UPDATE users SET record = CAST(substr(record, 1, length(record) - 1) || x'00' AS BLOB) WHERE id = 1");
        await using var ledger = new UserLedger(new SqliteLedgerStore(_directory.Path, TimeProvider.System), new(), TimeProvider.System);
        await ledger.StartAsync(Cancel);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await ledger.ReadUserAsync(1, Cancel));
        Assert.Equal(1, (await ledger.ReadUserAsync(2, Cancel)).Version);
    }

    [Fact]
    public async Task What_waits_when_the_store_closes_is_still_written()
    {
        var store = await OpenAsync();
        var writes = Enumerable.Range(1, 50).Select(user => store.WriteAsync([Given.Commit(user, 0, Given.Send(1))], Cancel)).ToArray();
        await store.DisposeAsync();

        Assert.All(await Task.WhenAll(writes), outcomes => Assert.Equal([CommitOutcome.Committed], outcomes));
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.ReadUsersAsync([1], Cancel));
        await using var again = await OpenAsync();
        Assert.Equal(50, (await again.ReadUsersAsync([.. Enumerable.Range(1, 50)], Cancel)).Count);
    }

    private async Task<SqliteLedgerStore> OpenAsync()
    {
        var store = new SqliteLedgerStore(_directory.Path, TimeProvider.System);
        await store.StartAsync(Cancel);
        return store;
    }

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, "ledger.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
