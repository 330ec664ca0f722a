using Actors.Ledger;
using Actors.Policy.Users;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>Updates of one business, out of the ledger, as they go out.</summary>
/// <param name="After">The place behind which it begins.</param>
/// <param name="Next">The place up to which there is nothing else.</param>
/// <param name="Fields">The fields that it was read for.</param>
/// <param name="Updates">In ledger order; of these fields.</param>
/// <param name="Erased">Places and fields of what isn't told, since its user was erased.</param>
/// <param name="Lost">Whether events behind <paramref name="After"/> were dropped before they were read.</param>
internal sealed record UpdatePage(
    long After, long Next, IReadOnlySet<string> Fields, IReadOnlyList<WebhookUpdate> Updates, IReadOnlyList<(long Seq, string Field)> Erased, bool Lost);

/// <summary>The updates of a range of one field.</summary>
/// <param name="Updates">In ledger order.</param>
/// <param name="IsLost">Whether events were dropped that may have been of this range.</param>
internal readonly record struct UpdateRange(IReadOnlyList<WebhookUpdate> Updates, bool IsLost);

/// <summary>Reads the updates of one business. The ledger is the queue: nothing is kept here.</summary>
internal sealed class WebhookPages(UserLedger ledger, WebhookKeys keys, long business)
{
    private const int PageMax = 1_000, PageMin = 64, ProbePagesMax = 4;

    /// <summary>The page behind a place.</summary>
    /// <param name="after">The place.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="limit">About so many events.</param>
    /// <param name="stopping">Ends the wait.</param>
    public async Task<UpdatePage> ReadAsync(long after, IReadOnlySet<string> fields, int limit, CancellationToken stopping)
    {
        var page = await ledger.ReadEventsAsync(business, after, Math.Clamp(limit, PageMin, PageMax), stopping);
        if (page.Earliest is { } earliest)
        {
            return new UpdatePage(after, earliest, fields, [], [], Lost: true);
        }

        // Who was erased is named in the log until the walk comes by, and isn't told from the erasure on: both are counted.
        var told = await WithoutErasedAsync(page.Events, fields.Contains, stopping);
        var erased = told.Where(line => line.User < 0).Select(line => (line.Seq, WebhookFields.OfAnybody(line)!)).ToArray();
        return new UpdatePage(after, page.Next, fields, await TellAsync(told, stopping), erased, Lost: false);
    }

    /// <summary>All updates of one field in a range: what a batch is made of.</summary>
    public async Task<UpdateRange> ReadRangeAsync(string field, long after, long upTo, CancellationToken stopping)
    {
        var updates = new List<WebhookUpdate>();
        var isLost = false;
        while (after < upTo)
        {
            await ledger.WaitForEventsAsync(after, stopping);   // another node may have seen more of the ledger than this one yet
            var page = await ledger.ReadEventsAsync(business, after, PageMax, stopping);
            if (page.Earliest is null)
            {
                var told = await WithoutErasedAsync(page.Events.Where(line => line.Seq <= upTo), one => one == field, stopping);
                updates.AddRange(await TellAsync(told, stopping));
            }

            // What was dropped isn't told any more; a range that was read once is final.
            isLost |= page.Earliest is not null;
            after = page.Earliest ?? page.Next;
        }

        return new UpdateRange(updates, isLost);
    }

    /// <summary>
    /// An update to probe with while the first batch of a lane is stuck: of another kind, where there is one, and each time about twice as far away as the one
    /// before, since what is alike or near may fail for the same reason; and always the first of its message that isn't delivered, so that nothing overtakes.
    /// Null where there is none.
    /// </summary>
    /// <param name="lane">The lane.</param>
    /// <param name="upTo">Not behind this place.</param>
    /// <param name="stopping">Ends the wait.</param>
    public async Task<LedgerEvent?> FindProbeAsync(DeliveryLane lane, long upTo, CancellationToken stopping)
    {
        var first = lane.Pending[0];
        var messages = new HashSet<(long, long)>();
        var (fresh, failed, kinds) = (new List<LedgerEvent>(), new List<LedgerEvent>(), new HashSet<EventKind>());
        for (var (after, pages) = (lane.Reached, 0); after < upTo && pages < ProbePagesMax; pages++)
        {
            var page = await ledger.ReadEventsAsync(business, after, PageMax, stopping);
            foreach (var line in page.Events.TakeWhile(line => line.Seq <= upTo).Where(line => WebhookUpdates.FieldOf(line) == lane.Field))
            {
                var message = line.Event.Message == 0 ? (0, line.Seq) : (line.User, line.Event.Message);
                var isFirst = messages.Add(message);
                if (IsIn(first, line) || lane.Probes.Any(probe => IsIn(probe, line)))
                {
                    kinds.Add(line.Event.Kind);
                }
                else if (isFirst)
                {
                    (lane.Pending.Any(batch => batch.Tries > 0 && IsIn(batch, line)) ? failed : fresh).Add(line);
                }
            }

            after = page.Earliest ?? page.Next;
        }

        var others = fresh.FindAll(line => !kinds.Contains(line.Event.Kind));
        var found = others.Count > 0 ? others : fresh.Count > 0 ? fresh : failed;
        if (found.FindAll(line => line.Seq > lane.ProbedAt) is { Count: > 0 } behind)
        {
            found = behind;   // the one before may have arrived: it needn't come again for each that is stuck
        }

        return found.Count == 0 ? null : found[Math.Min(found.Count, 1 << lane.Probes.Length) - 1];

        static bool IsIn(DeliveryBatch batch, LedgerEvent line) => line.Seq > batch.After && line.Seq <= batch.UpTo;
    }

    private async Task<IReadOnlyList<LedgerEvent>> WithoutErasedAsync(IEnumerable<LedgerEvent> events, Func<string, bool> wanted, CancellationToken stopping) =>
        await ledger.WithoutErasedAsync([.. events.Where(line => WebhookFields.OfAnybody(line) is { } field && wanted(field))], stopping);

    private async Task<IReadOnlyList<WebhookUpdate>> TellAsync(IReadOnlyList<LedgerEvent> events, CancellationToken stopping) =>
        events.Count == 0 ? [] : await WebhookUpdates.ReadAsync(ledger.Store, await keys.WamidAsync(), business, events, stopping);
}
