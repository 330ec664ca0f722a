using Npgsql;

namespace Actors.Ledger;

/// <summary>Which databases an installation's users are split over. Said once, at its first start, and compared at each later one.</summary>
/// <remarks>
/// A database is known by the id that it made for itself, whatever it is reached by. The home server's list counts: it is written last, and in one transaction.
/// A start that is broken off before that leaves others that name their home and number, and goes on from there.
/// </remarks>
internal static class PostgresServers
{
    private const int JoinLock = 7004;

    private const string Advice =
        "Which users are on which server is said once, at the first start: see \"Several PostgreSQL servers\" in docs/operations.md.";

    /// <summary>Refuses a database that is one of several, and notes that it is alone.</summary>
    /// <exception cref="LedgerUnavailableException">With a sentence that says what to write.</exception>
    public static async Task RefuseSplitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "UPDATE ledger.identity SET (home, number) = (id, 0) WHERE home IS NULL", cancellationToken);
        var identity = await ReadIdentityAsync(connection, cancellationToken);
        if (identity.Home != identity.Id)
        {
            throw new LedgerUnavailableException($"{NameOf(0)} is {OneOfSeveral(identity)}");
        }

        if (await ReadServersAsync(connection, cancellationToken) is { Count: > 0 } servers)
        {
            throw new LedgerUnavailableException(
                $"Users are split over {servers.Count} PostgreSQL servers, and only {NameOf(0)} is configured. Write the connection strings of the others: "
                + $"{NamesOf(1, servers.Count)}. {Advice}");
        }
    }

    /// <summary>Founds the split at the first start; later checks that it is the same.</summary>
    /// <param name="stores">The home server, then the others, in their order.</param>
    /// <param name="mendAsync">Runs at later starts, once the servers are the right ones, within the transaction that keeps other starts waiting.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The server of each shard.</returns>
    /// <exception cref="LedgerUnavailableException">With a sentence that says what to write.</exception>
    public static Task<byte[]> JoinAsync(
        IReadOnlyList<PostgresLedgerStore> stores, Func<NpgsqlConnection, Task> mendAsync, CancellationToken cancellationToken) => stores[0].AskAsync(
        async home =>
        {
            await using var transaction = await home.BeginTransactionAsync(cancellationToken);
            await using (var turn = new NpgsqlCommand($"SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock({JoinLock}, 0)", home))
            {
                turn.CommandTimeout = 90;
                await turn.ExecuteNonQueryAsync(cancellationToken);
            }

            var identities = new List<Identity> { await ReadIdentityAsync(home, cancellationToken) };
            foreach (var store in stores.Skip(1))
            {
                identities.Add(await store.AskAsync(other => ReadIdentityAsync(other, cancellationToken), cancellationToken));
            }

            RefuseTwice(identities);
            var servers = await ReadServersAsync(home, cancellationToken);
            if (servers.Count == 0)
            {
                RefuseUsed(identities);
                for (var number = 1; number < stores.Count; number++)
                {
                    await stores[number].AskAsync(other => MarkAsync(other, identities[0].Id, number, cancellationToken), cancellationToken);
                }

                await FoundAsync(home, identities, cancellationToken);
            }
            else
            {
                RefuseOthers(identities, servers);
                await mendAsync(home);
            }

            var shards = await ReadShardsAsync(home, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return shards;
        },
        cancellationToken);

    private static void RefuseTwice(List<Identity> identities)
    {
        for (var number = 1; number < identities.Count; number++)
        {
            if (identities.FindIndex(identity => identity.Id == identities[number].Id) is var first && first < number)
            {
                throw new LedgerUnavailableException(
                    $"{NameOf(number)} is the same database as {NameOf(first)}, or a copy of it. Write a database of its own for each server.");
            }
        }
    }

    private static void RefuseUsed(List<Identity> identities)
    {
        var home = identities[0];
        if (home.Home is not null && home.Home != home.Id)
        {
            throw new LedgerUnavailableException($"{NameOf(0)} is {OneOfSeveral(home)}");
        }

        if (home.Home is not null || home.IsUsed)
        {
            throw new LedgerUnavailableException(
                $"{NameOf(0)} was used alone before, so all its users are there, and they aren't moved. Take {NamesOf(1, identities.Count)} out, or begin with "
                + $"new databases. {Advice}");
        }

        for (var number = 1; number < identities.Count; number++)
        {
            var identity = identities[number];
            if (identity.Home is null ? identity.IsUsed : identity.Home != home.Id || identity.Number != number)
            {
                throw new LedgerUnavailableException(
                    identity.Home is not null && identity.Home != identity.Id
                        ? $"{NameOf(number)} is {OneOfSeveral(identity)}"
                        : $"{NameOf(number)} was used by another installation before. Write a new, empty database.");
            }
        }
    }

    private static void RefuseOthers(List<Identity> identities, List<Guid> servers)
    {
        if (identities.Count < servers.Count)
        {
            throw new LedgerUnavailableException(
                $"Users are split over {servers.Count} PostgreSQL servers, and {NamesOf(identities.Count, servers.Count)} is missing: its users couldn't be "
                + $"found. Write it. {Advice}");
        }

        for (var number = 0; number < servers.Count; number++)
        {
            var was = servers.IndexOf(identities[number].Id);
            if (was != number)
            {
                throw new LedgerUnavailableException(
                    was >= 0
                        ? $"{NameOf(number)} is the database that was {NameOf(was)} at the first start. Write them in the order of then."
                        : $"{NameOf(number)} is another database than the one that has its users. Write that one, wherever it is now. {Advice}");
            }
        }

        if (identities.Count > servers.Count)
        {
            throw new LedgerUnavailableException(
                $"Users are split over {servers.Count} PostgreSQL servers, and {NamesOf(servers.Count, identities.Count)} is more than these. Take it out: "
                + $"users aren't moved by configuration. {Advice}");
        }
    }

    /// <summary>Makes a database one of several: places of its logs are those that are its number modulo 64.</summary>
    private static async Task<bool> MarkAsync(NpgsqlConnection connection, Guid home, int number, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MarkWithinAsync(connection, home, number, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task MarkWithinAsync(NpgsqlConnection connection, Guid home, int number, CancellationToken cancellationToken)
    {
        await using (var mark = new NpgsqlCommand("UPDATE ledger.identity SET (home, number) = ($1, $2)", connection))
        {
            mark.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = home });
            mark.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)number });
            await mark.ExecuteNonQueryAsync(cancellationToken);
        }

        await ExecuteAsync(
            connection,
            $"""
            ALTER SEQUENCE ledger.event_seq INCREMENT BY {SplitPlaces.Step};
            ALTER TABLE ledger.consents ALTER COLUMN seq SET INCREMENT BY {SplitPlaces.Step};
            ALTER TABLE ledger.audit ALTER COLUMN seq SET INCREMENT BY {SplitPlaces.Step};
            """,
            cancellationToken);
        foreach (var sequence in PostgresLedgerStore.LogSequences)
        {
            await ExecuteAsync(connection, $"SELECT setval('{sequence}', {SplitPlaces.Step + number})", cancellationToken);
        }
    }

    private static async Task FoundAsync(NpgsqlConnection home, List<Identity> identities, CancellationToken cancellationToken)
    {
        await MarkWithinAsync(home, identities[0].Id, 0, cancellationToken);
        await using var insert = new NpgsqlCommand(
            "INSERT INTO ledger.servers (number, id) SELECT place - 1, id FROM unnest($1) WITH ORDINALITY AS x (id, place)", home)
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. identities.Select(identity => identity.Id)] } },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await ExecuteAsync(
            home,
            $"INSERT INTO ledger.shards (shard, server) SELECT n, n % {identities.Count} FROM generate_series(0, {LogicalShards.Count - 1}) AS n",
            cancellationToken);
    }

    private static string NameOf(int number) => number == 0 ? "ConnectionStrings:Actors" : $"Ledger:Servers:{number}";

    private static string NamesOf(int from, int to) => string.Join(", ", Enumerable.Range(from, to - from).Select(NameOf));

    private static string OneOfSeveral(Identity identity) =>
        $"server {identity.Number} of an installation that it isn't configured as here. Write it as {NameOf(identity.Number)}, and that installation's home "
        + $"server as {NameOf(0)}; or write a new, empty database.";

    private static async Task<Identity> ReadIdentityAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT id, coalesce(home, '00000000-0000-0000-0000-000000000000'), coalesce(number, 0),
                EXISTS (SELECT FROM ledger.users) OR EXISTS (SELECT FROM ledger.policy_versions)
                OR EXISTS (SELECT FROM ledger.grain_changes)
            FROM ledger.identity
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Identity(
                reader.GetGuid(0), reader.GetGuid(1) is var home && home == Guid.Empty ? null : home, reader.GetInt16(2), reader.GetBoolean(3))
            : throw new LedgerUnavailableException("The database has lost the row of ledger.identity. Restore it from a backup.");
    }

    private static async Task<List<Guid>> ReadServersAsync(NpgsqlConnection home, CancellationToken cancellationToken)
    {
        var servers = new List<Guid>();
        await using var command = new NpgsqlCommand("SELECT id FROM ledger.servers ORDER BY number", home);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            servers.Add(reader.GetGuid(0));
        }

        return servers;
    }

    private static async Task<byte[]> ReadShardsAsync(NpgsqlConnection home, CancellationToken cancellationToken)
    {
        var shards = new List<byte>(LogicalShards.Count);
        await using var command = new NpgsqlCommand("SELECT server FROM ledger.shards ORDER BY shard", home);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            shards.Add((byte)reader.GetInt16(0));
        }

        return shards.Count == LogicalShards.Count
            ? [.. shards]
            : throw new LedgerUnavailableException($"The table ledger.shards has {shards.Count} rows, not {LogicalShards.Count}. Restore it from a backup.");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private readonly record struct Identity(Guid Id, Guid? Home, int Number, bool IsUsed);
}
