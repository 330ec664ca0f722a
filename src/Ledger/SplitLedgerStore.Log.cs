using Actors.Policy;

namespace Actors.Ledger;

/// <summary>The logs of all servers, read as one.</summary>
public sealed partial class SplitLedgerStore
{
    /// <inheritdoc/>
    public Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => SplitHorizon.ReadAsync(_servers, LedgerLog.Events, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(
        long? business, long after, long upTo, int limit, CancellationToken cancellationToken) => Merge(
            await AllAsync(server => server.ReadEventsAsync(business, after, upTo, limit, cancellationToken)), line => line.Seq, limit);

    /// <inheritdoc/>
    public async Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        UndeliveredPage.Of(
            Merge(
                await AllAsync(server => server.ReadUndeliveredLinesAsync(business, after, upTo, limit, cancellationToken)), line => line.Seq, limit),
            upTo,
            limit);

    /// <inheritdoc/>
    public async Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken)
    {
        var lines = Merge(
            await AllAsync(server => server.ReadLoggedLinesAsync(after, upTo, before, limit, cancellationToken)), line => line.Seq, limit);
        return await OldSends.OfAsync(
            lines,
            after,
            upTo,
            before,
            lines.Count == limit,
            async place => (await AllAsync(server => server.IsAnyOldBehindAsync(place, upTo, before, cancellationToken))).Contains(true));
    }

    /// <inheritdoc/>
    /// <remarks>What one server has dropped is missing in the log, whatever the others still have.</remarks>
    public async Task<long> ReadEarliestAsync(CancellationToken cancellationToken) =>
        (await AllAsync(server => server.ReadEarliestAsync(cancellationToken))).Max();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(long business, long after, int limit, CancellationToken cancellationToken)
    {
        var upTo = await SplitHorizon.ReadAsync(_servers, LedgerLog.Consents, cancellationToken);
        return Merge(
            await AllAsync(server => server.ReadBusinessConsentsAsync(business, after, upTo, limit, cancellationToken)), stored => stored.Seq, limit);
    }

    /// <inheritdoc/>
    /// <remarks>An erasure's line is on its user's server, in the transaction that erases; all others are on the home server.</remarks>
    public async Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var upTo = await SplitHorizon.ReadAsync(_servers, LedgerLog.Audit, cancellationToken);
        return Merge(await AllAsync(server => server.ReadAuditAsync(after, upTo, limit, cancellationToken)), stored => stored.Seq, limit);
    }

    /// <inheritdoc/>
    public Task DropContentsAsync(Instant before, CancellationToken cancellationToken) =>
        AllAsync(server => server.DropContentsAsync(before, cancellationToken));

    /// <inheritdoc/>
    public Task DropEventsAsync(Instant before, CancellationToken cancellationToken) => AllAsync(server => server.DropEventsAsync(before, cancellationToken));
}
