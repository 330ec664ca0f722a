namespace Actors.Ledger;

/// <summary>Up to where a log is final that several servers write.</summary>
/// <remarks>
/// <para>
/// Each server's part is final up to a place M that it had drawn, by its own rule (<see cref="PostgresHorizon"/>), and what it writes later stands at M + 64 or
/// behind. So all places of M's round are final as far as they are its own, and the whole log is up to the least round of all servers.
/// </para>
/// <para>
/// A server that writes little would hold up the rest. So before the rule is asked for, each that is behind draws places for nobody, up to the round of the one
/// that is furthest ahead. That takes nothing from its rule: who had drawn a place before stands before the newest place, has an id of before, and is waited
/// for; who draws one later gets one behind it. It also makes the answer cover whatever any server committed before it was asked for: that stands, at the
/// latest, in the furthest round.
/// </para>
/// </remarks>
internal static class SplitHorizon
{
    /// <summary>The place up to which the whole log is final. Waits for the writers under way on all servers.</summary>
    public static async Task<long> ReadAsync(IReadOnlyList<PostgresLedgerStore> servers, LedgerLog log, CancellationToken cancellationToken)
    {
        var places = await AlignAsync(servers, log, cancellationToken);
        await Task.WhenAll(servers.Select((server, i) => server.WaitAsync(log, places[i], cancellationToken)));
        return SplitPlaces.LastOf(places.Min(SplitPlaces.RoundOf));
    }

    /// <summary>Brings all servers to the round of the one that is furthest ahead.</summary>
    /// <returns>The newest place of each.</returns>
    public static async Task<long[]> AlignAsync(IReadOnlyList<PostgresLedgerStore> servers, LedgerLog log, CancellationToken cancellationToken)
    {
        var places = await Task.WhenAll(servers.Select(server => server.ReadPlaceAsync(log, cancellationToken)));
        var round = places.Max(SplitPlaces.RoundOf);
        return await Task.WhenAll(servers.Select((server, i) => server.AdvanceAsync(log, places[i], round, cancellationToken)));
    }
}
