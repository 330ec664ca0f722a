using Actors.Policy;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>What is done for one lane in a turn.</summary>
internal sealed partial class WebhookLoop
{
    private async Task LookAtAsync(LaneKey key, Turn turn, CancellationToken stopping)
    {
        try
        {
            await LookAtLaneAsync(key, turn, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // What one lane stumbles over holds up no other; where the state itself isn't known, the turn ends.
        catch (Exception exception) when (keep.IsLoaded)
#pragma warning restore CA1031
        {
            metrics.Failed("read");
            LogNotRead(logger, business, exception);
            NotesOf(key).HeldSince = TimeProvider.System.GetTimestamp();
            turn.Due(FaultPause);
        }
    }

    private async Task LookAtLaneAsync(LaneKey key, Turn turn, CancellationToken stopping)
    {
        var notes = NotesOf(key);
        if (notes.IsUnderWay || IsHeld(notes, turn) || keep.State.Find(key.Webhook) is not { } webhook || webhook.Book.Lane(key.Field) is not { } lane)
        {
            return;
        }

        var step = webhook.Book.Next(lane);
        switch (step.Need)
        {
            case LaneNeed.Updates:
                if (lane.Cursor < _news && IsDue(step, turn) && !IsTooSoon(notes, turn) && MayGo(notes, webhook, turn))
                {
                    await AssignAsync(key, webhook, lane, turn, stopping);
                }

                break;
            case LaneNeed.Probe:
                await ProbeAsync(key, lane, step, turn, stopping);
                break;
            case LaneNeed.Try:
                if (IsDue(step, turn) && !IsJustRefused(lane, notes, turn))
                {
                    turn.Start(key, step.Batch!);
                }

                break;
            case LaneNeed.Nothing:
                keep.Change(key.Webhook, book => book.Tidy());
                break;
        }
    }

    /// <summary>Gives the next updates a number, or moves over what has none for this lane.</summary>
    private async Task AssignAsync(LaneKey key, Webhook webhook, DeliveryLane lane, Turn turn, CancellationToken stopping)
    {
        var page = turn.PageFor(lane);
        if (page is null)
        {
            var fields = keep.State.Webhooks.SelectMany(one => one.Book.Lanes).Where(one => !one.IsClosing).Select(one => one.Field).ToHashSet();
            page = await pages.ReadAsync(lane.Cursor, fields, webhook.MaxUpdates, stopping);
            turn.Pages.Add(page);
            if (page.Lost)
            {
                metrics.Failed("retention");
                LogLost(logger, business, key.Webhook);
            }
        }

        if (keep.State.Find(key.Webhook)?.Book.Lane(key.Field) is not { IsClosing: false } now || now.Cursor != lane.Cursor)
        {
            turn.IsMore = true;   // changed while the page was read
            return;
        }

        if (page.Lost)
        {
            GiveUp(key, page.Next);
            turn.IsMore = true;
            return;
        }

        var (updates, upTo) = Take(page, lane, webhook.MaxUpdates);
        var erased = page.Erased.Count(one => one.Seq > lane.Cursor && one.Seq <= upTo && one.Field == key.Field);
        metrics.Erased(erased);
        keep.Change(key.Webhook, book => book.Miss(erased));
        if (updates.Count == 0)
        {
            keep.Change(key.Webhook, book => book.Skip(key.Field, upTo));
            turn.IsMore |= upTo > lane.Cursor && upTo < Math.Min(_news, ledger.Horizon);
            return;
        }

        keep.Change(key.Webhook, book => book.Assign(key.Field, upTo, updates.Count, updates[0].At));
        if (keep.State.Find(key.Webhook)!.Book.Lane(key.Field)!.Pending is [var batch])
        {
            _mustSave = true;
            turn.Start(key, batch, updates);
        }
    }

    /// <summary>What retention has dropped gets a number and is parked at once: a receiver sees that something is missing.</summary>
    private void GiveUp(LaneKey key, long upTo)
    {
        var now = ledger.Clock.Now;
        keep.Change(key.Webhook, book =>
        {
            var given = book.Assign(key.Field, upTo, 1, now);
            return given.Tried(key.Field, given.Sequence, new AttemptResult(AttemptOutcome.Lost, 0, now), [], 0);
        });
        metrics.Parked(1);
        _mustSave = true;
    }

    /// <summary>As many updates of a page as one delivery may have.</summary>
    private static (List<WebhookUpdate> Updates, long UpTo) Take(UpdatePage page, DeliveryLane lane, int most)
    {
        var updates = new List<WebhookUpdate>();
        var bytes = 0L;
        foreach (var update in page.Updates)
        {
            if (update.Seq <= lane.Cursor || update.Field != lane.Field)
            {
                continue;
            }

            bytes += update.Value.Length + WebhookBody.PerUpdate;
            if (updates.Count == most || (updates.Count > 0 && bytes > DeliveryRules.BytesMax - WebhookBody.Envelope))
            {
                return (updates, updates[^1].Seq);
            }

            updates.Add(update);
        }

        return (updates, page.Next);
    }

    /// <summary>Looks for one more update to probe with, in its time, or when there may be a first one; without any the batch is tried.</summary>
    private async Task ProbeAsync(LaneKey key, DeliveryLane lane, LaneStep step, Turn turn, CancellationToken stopping)
    {
        var (notes, horizon) = (NotesOf(key), ledger.Horizon);
        if (step.At <= turn.Now || (lane.Probes.IsEmpty && notes.ProbeLookedTo < _news))
        {
            notes.ProbeLookedTo = Math.Min(_news, horizon);
            if (await pages.FindProbeAsync(lane, lane.IsClosing ? lane.Cursor : horizon, stopping) is { } found)
            {
                keep.Change(key.Webhook, book => book.AssignProbe(key.Field, found.Seq, found.Event.At));
                turn.IsMore = true;   // it is tried with the next look, when its number is stored
                _mustSave = true;
                return;
            }
        }

        if (IsDue(step, turn) && !IsJustRefused(lane, notes, turn))
        {
            turn.Start(key, step.Batch!);
        }
    }

    /// <summary>Whether the time of a step has come; where it hasn't, it is looked at again then.</summary>
    private bool IsDue(LaneStep step, Turn turn)
    {
        if (step.At <= turn.Now)
        {
            return true;
        }

        var left = step.At - turn.Now;
        turn.Due(left < settings.Tick ? left : settings.Tick);
        return false;
    }

    /// <summary>
    /// Whether a lane may take its next updates: always, unless it has a backlog while the ledger is busy. Then it takes its part of what all of them may,
    /// so that sends don't wait for what has waited anyway.
    /// </summary>
    private bool MayGo(LaneNotes notes, Webhook webhook, Turn turn)
    {
        if (!notes.WasFull || ledger.QueueLength < settings.BusyFrom || pace.Take(webhook.MaxUpdates) is not { } wait)
        {
            return true;
        }

        turn.Due(wait);
        return false;
    }

    /// <summary>
    /// Whether the next try has to wait a moment although it has no pause: each refusal costs a write, and a receiver that answers at once would make the
    /// database as busy as it can be.
    /// </summary>
    private static bool IsJustRefused(DeliveryLane lane, LaneNotes notes, Turn turn) =>
        lane.Last is { Outcome: not AttemptOutcome.Delivered } && IsWithin(notes.StartedAt, RefusedGap, turn);

    /// <summary>Whether a lane that has little to tell at a time told something just now.</summary>
    private bool IsTooSoon(LaneNotes notes, Turn turn) => notes.IsShort && IsWithin(notes.StartedAt, settings.Gap, turn);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static bool IsHeld(LaneNotes notes, Turn turn) => notes.HeldSince is { } since && IsWithin(since, FaultPause, turn);

    private static bool IsWithin(long since, TimeSpan length, Turn turn)
    {
        var left = length - TimeProvider.System.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        turn.Due(left);
        return true;
    }

    /// <summary>A lane of a webhook.</summary>
    private readonly record struct LaneKey(int Webhook, string Field);

    /// <summary>What is known of a lane in memory only.</summary>
    private sealed class LaneNotes
    {
        /// <summary>One try at a time: so nothing overtakes.</summary>
        public bool IsUnderWay { get; set; }

        public long StartedAt { get; set; }

        /// <summary>Whether it had little to tell the last time.</summary>
        public bool IsShort { get; set; }

        /// <summary>Whether it had as much to tell the last time as one delivery may have: there is more.</summary>
        public bool WasFull { get; set; }

        /// <summary>How long it took lately; null while there was no try.</summary>
        public TimeSpan? Took { get; set; }

        /// <summary>Since when it can't be read.</summary>
        public long? HeldSince { get; set; }

        /// <summary>Up to where no update to probe with was found.</summary>
        public long ProbeLookedTo { get; set; }

        /// <summary>Whether it is suspected to take long. Where this node hasn't tried yet, by how its last try ended.</summary>
        public bool IsSlow(DeliveryLane lane, TimeSpan from) => Took is { } took
            ? took > from
            : lane is { Failures: > 0, Last.Outcome: AttemptOutcome.TimedOut or AttemptOutcome.Unreachable };
    }

    /// <summary>The end of a try; without a result, none was made, or nobody knows.</summary>
    private readonly record struct Ended(LaneKey Key, long Sequence, WebhookTried? End);

    /// <summary>One look at all lanes.</summary>
    private sealed class Turn(Instant now)
    {
        public Instant Now => now;

        /// <summary>What was read: lanes that stand at the same place share it.</summary>
        public List<UpdatePage> Pages { get; } = [];

        public List<(LaneKey Key, DeliveryBatch Batch, HeldUpdates Updates)> Starts { get; } = [];

        /// <summary>Whether there is more to do at once.</summary>
        public bool IsMore { get; set; }

        /// <summary>How long there is nothing to do; null for ever.</summary>
        public TimeSpan? Wait { get; private set; }

        public void Start(LaneKey key, DeliveryBatch batch, IReadOnlyList<WebhookUpdate>? updates = null) =>
            Starts.Add((key, batch, new HeldUpdates(updates)));

        /// <summary>Nothing of what was read is held while there is nothing to do.</summary>
        public void Forget()
        {
            Starts.Clear();
            Pages.Clear();
        }

        public void Due(TimeSpan wait) => Wait = Wait is { } other && other < wait ? other : wait;

        public UpdatePage? PageFor(DeliveryLane lane) =>
            Pages.Find(page => page.After <= lane.Cursor && lane.Cursor < page.Next && page.Fields.Contains(lane.Field));
    }
}
