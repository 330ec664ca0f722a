using Actors.Policy;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>
/// The ledger on several PostgreSQL servers. All that belongs to a user is on one of them, by <see cref="LogicalShards"/>; all that belongs to none is on the
/// first, the home server. docs/decisions/0018 says what is where.
/// </summary>
/// <remarks>
/// Nothing needs a transaction over two servers. Two things are on all of them: the epochs that commits are checked by, and the places of the logs, which are
/// distinct and kept at about the same height (<see cref="SplitHorizon"/>), so that readers follow one log.
/// </remarks>
public sealed partial class SplitLedgerStore : ILedgerStore
{
    /// <summary>Most servers beside the home server.</summary>
    public const int OthersMax = SplitPlaces.Step - 1;

    private readonly PostgresLedgerStore[] _servers;
    private readonly ILogger _logger;
    private byte[] _serverOf = [];

    /// <summary>Creates it; <see cref="StartAsync"/> connects.</summary>
    /// <param name="home">The home server, as Npgsql understands it.</param>
    /// <param name="others">The other servers, in their order: at least one, at most 63.</param>
    /// <param name="time">For waiting, not for instants: those are the home server's.</param>
    /// <param name="logger">Where changes of the schema and trouble are told.</param>
    public SplitLedgerStore(string home, IReadOnlyList<string> others, TimeProvider time, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(others.Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(others.Count, OthersMax);
        (_servers, _logger) = ([.. others.Prepend(home).Select(server => new PostgresLedgerStore(server, time, logger))], logger);
    }

    /// <inheritdoc/>
    public int Parts => _servers.Length;

    private PostgresLedgerStore Home => _servers[0];

    /// <inheritdoc/>
    public int PartOf(long user) => _serverOf[LogicalShards.Of(user)];

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_servers.Select(server => server.PrepareAsync(cancellationToken)));
        _serverOf = await PostgresServers.JoinAsync(_servers, home => MendAsync(home, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => Home.ReadClockAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private PostgresLedgerStore Of(long user) => _servers[PartOf(user)];

    /// <summary>Asks all servers at once.</summary>
    private Task<T[]> AllAsync<T>(Func<PostgresLedgerStore, Task<T>> ask) => Task.WhenAll(_servers.Select(ask));

    /// <summary>Has all servers do something. One that can't keeps no other from it.</summary>
    private Task AllAsync(Func<PostgresLedgerStore, Task> run) => Task.WhenAll(_servers.Select(run));

    /// <summary>Asks each server for what concerns its users, if anything does.</summary>
    private async Task<IReadOnlyList<T>> ByUserAsync<TKey, T>(
        IReadOnlyList<TKey> keys, Func<TKey, long> userOf, Func<PostgresLedgerStore, IReadOnlyList<TKey>, Task<IReadOnlyList<T>>> ask)
    {
        var parts = keys.GroupBy(key => PartOf(userOf(key))).ToList();
        return parts.Count == 1
            ? await ask(_servers[parts[0].Key], keys)
            : [.. (await Task.WhenAll(parts.Select(part => ask(_servers[part.Key], [.. part])))).SelectMany(rows => rows)];
    }

    /// <summary>The first of what all servers have, in order.</summary>
    private static List<T> Merge<T>(IReadOnlyList<T>[] rows, Func<T, long> placeOf, int limit) => [.. rows.SelectMany(row => row).OrderBy(placeOf).Take(limit)];
}
