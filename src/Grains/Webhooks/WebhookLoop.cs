using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Webhooks;
using Microsoft.Extensions.Logging;

namespace Actors.Grains.Webhooks;

/// <summary>
/// Delivers what a business's webhooks have to deliver: looks at every lane, gives new batches their numbers, makes that durable, and tries what is due.
/// <see cref="DeliveryBook"/> says what and when.
/// </summary>
/// <remarks>
/// <para>
/// A batch has its number and its range durably before it is first sent. What became of it is noted with the next write, a second later at the
/// latest: a crash in between has it sent again, with the same number and the same bytes.
/// </para>
/// <para>Nothing in memory grows with the backlog: of each lane at most one batch is read, and only while it is under way.</para>
/// <para>Not thread-safe: runs on the scheduler of the one activation that owns it.</para>
/// </remarks>
/// <param name="business">The business's id.</param>
/// <param name="keep">The state.</param>
/// <param name="ledger">What is told.</param>
/// <param name="pages">Reads it.</param>
/// <param name="sender">Tries.</param>
/// <param name="settings">How often it looks.</param>
/// <param name="pace">What lanes with a backlog may take while the ledger is busy.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="stayAwake">Called now and then while there is something to deliver.</param>
/// <param name="giveUp">Called when another activation has written: that one delivers, and this one is to end.</param>
/// <param name="logger">What is told to operators.</param>
internal sealed partial class WebhookLoop(
    long business,
    WebhookKeep keep,
    UserLedger ledger,
    WebhookPages pages,
    WebhookSender sender,
    WebhookSettings settings,
    WebhookPace pace,
    WebhookMetrics metrics,
    Action stayAwake,
    Action giveUp,
    ILogger logger)
{
    // A machine's matter, not the ledger's time: these run on real time also where a test sets the clock.
    private static readonly TimeSpan NotedWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SkippedWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NewsPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RefusedGap = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<LaneKey, LaneNotes> _notes = [];
    private readonly Queue<Ended> _ended = [];
    private readonly HashSet<Task> _tries = [];
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _news;

    /// <summary>Whether a number was given, or a range changed, that must be durable before anything starts.</summary>
    private bool _mustSave;

    private long? _resultsSince;
    private long? _aheadSince;

    /// <summary>Whether something is to be delivered, or to be noted.</summary>
    public bool HasWork => !keep.IsLoaded || keep.IsAhead || _tries.Count > 0 || keep.State.Webhooks.Any(
        webhook => !webhook.IsPaused && webhook.Book.Lanes.Any(lane => lane.Pending.Length > 0 || lane.Cursor < _news));

    /// <summary>There is something new up to this place, or something was changed.</summary>
    public void Wake(long upTo)
    {
        _news = Math.Max(_news, upTo);
        _signal.TrySetResult();
    }

    /// <summary>Delivers until it is told to stop. Nothing else ends it.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _news = Math.Max(_news, ledger.Horizon);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await keep.LoadAsync();
                await TurnAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever it was: what is stored counts, and is gone on from.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("turn");
                LogHeldUp(logger, business, exception);
                if (keep.IsBeaten)
                {
                    giveUp();
                }

                await Task.WhenAny(Task.Delay(FaultPause, TimeProvider.System, stopping));
            }
        }

        await Task.WhenAll(_tries);
        await NoteLastAsync();
        metrics.Stands(business, null);
    }

    private async Task TurnAsync(CancellationToken stopping)
    {
        if (_signal.Task.IsCompleted)
        {
            _signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        TakeEnded();
        var turn = new Turn(ledger.Clock.Now);
        foreach (var webhook in keep.State.Webhooks)
        {
            foreach (var lane in webhook.IsPaused ? [] : webhook.Book.Lanes)
            {
                await LookAtAsync(new LaneKey(webhook.Id, lane.Field), turn, stopping);
            }
        }

        if (_mustSave || IsNoteDue())
        {
            await keep.SaveAsync();
            (_mustSave, _resultsSince, _aheadSince) = (false, null, null);
        }

        foreach (var (key, batch, updates) in turn.Starts)
        {
            Start(key, batch, updates, stopping);
        }

        turn.Forget();
        Measure();
        if (!turn.IsMore)
        {
            await WaitAsync(turn, stopping);
        }
    }

    /// <summary>What is known of tries that have ended becomes part of the state.</summary>
    private void TakeEnded()
    {
        while (_ended.TryDequeue(out var ended))
        {
            var notes = NotesOf(ended.Key);
            notes.IsUnderWay = false;
            if (ended.End is not { End: var result } end)
            {
                notes.HeldSince = TimeProvider.System.GetTimestamp();
                continue;
            }

            notes.Took = Longer(end.Took, (notes.Took ?? TimeSpan.Zero) / 2);   // one quick answer among slow ones changes little
            if (keep.State.Find(ended.Key.Webhook) is not { } webhook)
            {
                continue;   // removed meanwhile
            }

            var next = webhook.Book.Tried(ended.Key.Field, ended.Sequence, result, end.Places, Random.Shared.NextDouble());
            keep.Change(ended.Key.Webhook, _ => next.Tidy());
            metrics.Parked(next.Parked.Length - webhook.Book.Parked.Length);
            metrics.Erased((next.Erased ?? 0) - (webhook.Book.Erased ?? 0));
            if (result.IsHopeless && end.Places.Count <= 1)
            {
                LogHopeless(logger, ended.Sequence, ended.Key.Webhook, business, result.Outcome);
            }

            _resultsSince ??= TimeProvider.System.GetTimestamp();
            _mustSave |= result.Outcome != AttemptOutcome.Delivered;
        }

        if (keep.IsAhead)
        {
            _aheadSince ??= TimeProvider.System.GetTimestamp();
        }
    }

    private bool IsNoteDue() => keep.IsAhead
        && ((_resultsSince is { } results && TimeProvider.System.GetElapsedTime(results) >= NotedWithin)
            || (_aheadSince is { } ahead && TimeProvider.System.GetElapsedTime(ahead) >= SkippedWithin));

    private void Start(LaneKey key, DeliveryBatch batch, HeldUpdates updates, CancellationToken stopping)
    {
        if (ToSend(key, batch) is not { } webhook)
        {
            return;   // removed or paused while its number was stored
        }

        var notes = NotesOf(key);
        (notes.IsUnderWay, notes.StartedAt) = (true, TimeProvider.System.GetTimestamp());
        notes.IsShort = batch.Count < webhook.MaxUpdates / 4;
        notes.WasFull = batch.Count >= webhook.MaxUpdates;
        var isSuspect = notes.IsSlow(webhook.Book.Lane(key.Field)!, settings.SuspectAfter);
        var what = new WebhookTry(business, key.Field, batch, pages, IsRedriven: false, isSuspect);
        var tried = TryAsync(key, what, updates, stopping);
        _tries.Add(tried);
        _ = tried.ContinueWith(
            done =>
            {
                _tries.Remove(done);
                _signal.TrySetResult();
            },
            TaskScheduler.Current);
    }

    /// <summary>The webhook as it is now, where a batch is still to be sent to it; null where it was removed, paused, or isn't known at the moment.</summary>
    private Webhook? ToSend(LaneKey key, DeliveryBatch batch) =>
        keep.IsLoaded && keep.State.Find(key.Webhook) is { IsPaused: false } webhook && webhook.Book.Lane(key.Field)?.Find(batch.Sequence) is not null
            ? webhook
            : null;

    private async Task TryAsync(LaneKey key, WebhookTry what, HeldUpdates updates, CancellationToken stopping)
    {
        try
        {
            _ended.Enqueue(new Ended(key, what.Batch.Sequence, await sender.TryAsync(what, () => ToSend(key, what.Batch), updates, stopping)));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            _ended.Enqueue(new Ended(key, what.Batch.Sequence, null));
        }
#pragma warning disable CA1031 // The ledger is away, or what it holds can't be told: it is tried again, and holds up no other lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            metrics.Failed("read");
            LogNotRead(logger, business, exception);
            _ended.Enqueue(new Ended(key, what.Batch.Sequence, null));
        }
    }

    /// <summary>Ends when there is something new, a try has ended, or one is due.</summary>
    private async Task WaitAsync(Turn turn, CancellationToken stopping)
    {
        if (HasWork)
        {
            stayAwake();
        }

        if (keep.IsAhead)
        {
            turn.Due(_resultsSince is null ? SkippedWithin : NotedWithin);
        }

        if (_news > ledger.Horizon)
        {
            turn.Due(NewsPause);   // another node has seen more of the ledger than this one yet
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(_signal.Task, Task.Delay(turn.Wait ?? Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token));
        await either.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    /// <summary>What has ended need not be done again.</summary>
    private async Task NoteLastAsync()
    {
        try
        {
            if (keep.IsLoaded)
            {
                TakeEnded();
                await (keep.IsAhead ? keep.SaveAsync() : Task.CompletedTask);
            }
        }
        catch (OutageException exception)
        {
            LogHeldUp(logger, business, exception);
        }
    }

    private void Measure() => metrics.Stands(
        business,
        keep.State.Webhooks.Where(webhook => !webhook.IsPaused).SelectMany(webhook => webhook.Book.Lanes).SelectMany(lane => lane.Pending)
            .Min(batch => (Policy.Instant?)batch.Oldest));

    private LaneNotes NotesOf(LaneKey key) => _notes.TryGetValue(key, out var notes) ? notes : _notes[key] = new LaneNotes();

    [LoggerMessage(EventId = 2601, Level = LogLevel.Warning, Message = "Webhooks of business {Business} are held up; it is tried again")]
    private static partial void LogHeldUp(ILogger logger, long business, Exception exception);

    [LoggerMessage(EventId = 2602, Level = LogLevel.Warning, Message = "A webhook delivery of business {Business} can't be made now; it is tried again")]
    private static partial void LogNotRead(ILogger logger, long business, Exception exception);

    [LoggerMessage(
        EventId = 2604,
        Level = LogLevel.Error,
        Message = "Delivery {Sequence} of webhook {Webhook} of business {Business} can't be told, and is parked: {Outcome}")]
    private static partial void LogHopeless(ILogger logger, long sequence, int webhook, long business, AttemptOutcome outcome);

    [LoggerMessage(
        EventId = 2603, Level = LogLevel.Warning, Message = "Events of business {Business} were dropped by retention before webhook {Webhook} had them")]
    private static partial void LogLost(ILogger logger, long business, int webhook);
}
