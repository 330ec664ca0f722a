using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Users;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Reads the log in its order, sorts what matters by the grain that it concerns, hands it over in batches, many grains at once, and notes durably up to
/// where every grain has everything.
/// </summary>
/// <remarks>
/// <para>
/// An event counts exactly once: what may not have arrived is handed over again, after a failure, a crash or by a second activation, and a grain skips what
/// it has, because its own place is stored with its state in one write. A grain that fails holds the durable place and is tried again until it
/// answers; the others go on, until so much waits for it that no more is read.
/// </para>
/// <para>Not thread-safe: runs on the scheduler of the one activation that owns it.</para>
/// </remarks>
/// <param name="ledger">What is read.</param>
/// <param name="handOver">Gives a grain its events; done when they are durable there. May be called again with events that it had.</param>
/// <param name="atOnce">Most grains that are handed something at the same time.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class FoldLoop(
    UserLedger ledger, Func<FoldTarget, ImmutableArray<EventLine>, Task> handOver, int atOnce, FoldMetrics metrics, ILogger logger) : IDisposable
{
    /// <summary>By this name the durable place is found.</summary>
    public const string Reader = "fold";

    private const int PageMax = 4_096;
    private const int PendingMax = 65_536;

    // A machine's matter, not the ledger's time: these run on real time also where a test sets the clock.
    private static readonly TimeSpan RoundGap = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BatchGap = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SaveGapIdle = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SaveGap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryLast = TimeSpan.FromSeconds(5);

    private readonly Dictionary<FoldTarget, FoldBox> _boxes = [];
    private readonly SemaphoreSlim _turns = new(atOnce);
    private readonly FoldTemplates _templates = new(ledger.Store);
    private TaskCompletionSource _handed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _read;
    private long _savedAt;
    private int _pending;

    /// <summary>The durable place: every grain has everything up to it.</summary>
    public long Saved { get; private set; }

    /// <summary>Up to where one grain has everything, durably, whatever others lack.</summary>
    public long PlaceOf(FoldTarget target) =>
        _boxes.TryGetValue(target, out var box) && box.Oldest is { } oldest ? oldest.Seq - 1 : _read.GetValueOrDefault();

    /// <summary>Reads and hands over until it is told to stop. Nothing else ends it.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await GoOnAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever it was: it stands where it is and tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("read");
                LogHeldUp(logger, exception);
                await Task.WhenAny(Task.Delay(RetryLast / 5, TimeProvider.System, stopping));
            }
        }

        await Task.WhenAll(_boxes.Values.Select(box => box.Emptying).ToArray());
        metrics.Stopped();
    }

    /// <summary>After it was told to stop, and has.</summary>
    public void Dispose() => _turns.Dispose();

    private async Task GoOnAsync(CancellationToken stopping)
    {
        _read ??= Saved = await ledger.Store.ReadPositionAsync(Reader, stopping);
        while (true)
        {
            var isMore = _pending < PendingMax && await ReadPageAsync(_read.Value, stopping);
            Measure();
            await SaveAsync(stopping);
            if (!isMore)
            {
                await Task.Delay(RoundGap, TimeProvider.System, stopping);
                await WaitAsync(stopping);
            }

            stopping.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads and sorts one page; whether there is more at once.</summary>
    private async Task<bool> ReadPageAsync(long after, CancellationToken stopping)
    {
        var page = await ledger.ReadEventsAsync(null, after, PageMax, stopping);
        if (page.Earliest is { } earliest)
        {
            if (after > 0)
            {
                // So long stood still that retention has dropped what was not read. Nothing brings it back.
                metrics.Failed("retention");
                LogDropped(logger, after, earliest);
            }

            _read = earliest;
            return true;
        }

        await _templates.LearnAsync(page.Events, stopping);

        // From here on nothing waits: a page is taken whole or not at all.
        foreach (var line in page.Events)
        {
            Sort(line, stopping);
        }

        _read = page.Next;
        metrics.Read(page.Events.Count, page.Next, page.Events.Count > 0 ? page.Events[^1].Event.At : ledger.Clock.Now);
        return page.Events.Count == PageMax;
    }

    private void Sort(LedgerEvent read, CancellationToken stopping)
    {
        var happened = read.Event;
        var mark = happened.Quality;
        var isReport = happened.Kind == EventKind.Reported;
        if ((mark == default && !happened.Opened && !isReport) || happened.Business == 0)
        {
            return;
        }

        var line = new EventLine(read.Seq, read.User, happened, null);
        if (happened.Opened)
        {
            Add(new FoldTarget(happened.Business, null, IsLimit: true), line, stopping);
        }

        if (mark.CountsUser || mark.Signal is not null || isReport)
        {
            Add(new FoldTarget(happened.Business, null), line, stopping);
        }

        if (FoldTemplates.Concerned(happened) is var template && template != 0 && _templates.NameOf(template) is { } name)
        {
            Add(new FoldTarget(happened.Business, name), line, stopping);
        }
    }

    private void Add(FoldTarget target, EventLine line, CancellationToken stopping)
    {
        _pending++;
        if (_boxes.TryGetValue(target, out var box))
        {
            box.Add(line);
            return;
        }

        _boxes.Add(target, box = new FoldBox());
        box.Add(line);
        box.Emptying = EmptyAsync(target, box, stopping);
    }

    /// <summary>Hands over what waits for a grain, in batches with a gap between them, until nothing is left.</summary>
    private async Task EmptyAsync(FoldTarget target, FoldBox box, CancellationToken stopping)
    {
        // The page is sorted first: what it has for this grain goes in one batch.
        await Task.Yield();
        try
        {
            while (box.Take() is { IsEmpty: false } events)
            {
                await HandOverAsync(target, events, stopping);
                box.Handed();
                _pending -= events.Length;
                metrics.Folded(events.Length);
                _handed.TrySetResult();
                await Task.Delay(BatchGap, TimeProvider.System, stopping);
            }

            _boxes.Remove(target);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task HandOverAsync(FoldTarget target, ImmutableArray<EventLine> events, CancellationToken stopping)
    {
        for (var wait = RetryFirst; ; wait = wait * 2 < RetryLast ? wait * 2 : RetryLast)
        {
            await _turns.WaitAsync(stopping);
            try
            {
                await handOver(target, events);
                return;
            }
#pragma warning disable CA1031 // A grain that fails is tried again until it takes its events: none is ever skipped.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("hand_over");
                LogNotTaken(logger, target.Business, target.Template, events.Length, exception);
            }
            finally
            {
                _turns.Release();
            }

            await Task.Delay(wait, TimeProvider.System, stopping);
        }
    }

    /// <summary>Up to where every grain has everything, and the oldest event that one doesn't have.</summary>
    private (long Place, EventLine? Oldest) Folded()
    {
        EventLine? oldest = null;
        foreach (var box in _boxes.Values)
        {
            if (box.Oldest is { } line && (oldest is null || line.Seq < oldest.Seq))
            {
                oldest = line;
            }
        }

        return (oldest is null ? _read.GetValueOrDefault() : oldest.Seq - 1, oldest);
    }

    /// <summary>Notes the place: now and then under load, soon where there is nothing else to do.</summary>
    private async Task SaveAsync(CancellationToken stopping)
    {
        var place = Folded().Place;
        var gap = _pending == 0 && ledger.Horizon <= _read ? SaveGapIdle : SaveGap;
        if (place > Saved && TimeProvider.System.GetElapsedTime(_savedAt) >= gap)
        {
            await ledger.Store.WritePositionAsync(Reader, place, stopping);
            (Saved, _savedAt) = (place, TimeProvider.System.GetTimestamp());
        }
    }

    /// <summary>Ends when there is something to read, something was handed over, or the place is to be noted.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        if (_handed.Task.IsCompleted)
        {
            _handed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        var wasCaughtUp = ledger.Horizon <= _read;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var ends = new List<Task> { _handed.Task };
        if (_pending < PendingMax)
        {
            ends.Add(ledger.WaitForEventsAsync(_read.GetValueOrDefault(), either.Token));
        }

        if (_pending > 0 || Saved < _read)
        {
            ends.Add(Task.Delay(SaveGapIdle, TimeProvider.System, either.Token));
        }

        await Task.WhenAny(ends);
        await either.CancelAsync();
        if (wasCaughtUp)
        {
            metrics.WasCaughtUp();
        }
    }

    private void Measure()
    {
        var (place, oldest) = Folded();
        metrics.Stands(place, oldest?.Event.At);
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "The ledger can't be folded now")]
    private static partial void LogHeldUp(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 2102, Level = LogLevel.Warning, Message = "Business {Business}, template {Template}, didn't take {Count} events; they are handed over again")]
    private static partial void LogNotTaken(ILogger logger, long business, string? template, int count, Exception exception);

    [LoggerMessage(
        EventId = 2103, Level = LogLevel.Error, Message = "Retention has dropped events before they were folded: from {After} to {Earliest} none counts")]
    private static partial void LogDropped(ILogger logger, long after, long earliest);
}
