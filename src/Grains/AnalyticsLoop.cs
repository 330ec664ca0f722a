using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Analytics;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Reads the whole log in its order, sums in memory what happened, and stores the sums together with the place that they bring it to, in one transaction.
/// </summary>
/// <remarks>
/// An event counts exactly once: sums are added only to what was stored at the place that they go on from. When that is not so (another activation was
/// faster) or can't be known (an outage in the middle), everything in memory is thrown away and it goes on from what is stored.
/// </remarks>
/// <param name="ledger">What is read, and where the sums go.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class AnalyticsLoop(UserLedger ledger, AnalyticsMetrics metrics, ILogger logger)
{
    /// <summary>By this name the place is found; see also <see cref="ReaderClosed"/>.</summary>
    public const string Reader = "analytics";

    /// <summary>By this name it is found until when everything is counted for good: an instant in milliseconds.</summary>
    public const string ReaderClosed = Reader + "/closed";

    // Each day has a secret of its own, which people's marks of that day are made with: this, then the day.
    private const string Secrets = Reader + "/";
    private const int SecretLength = 32;

    private const int PageMax = 4_096;

    // While sums are stored the log's horizon stands still for all readers: few rows at a time. Who lags behind needs fewer rows for each event.
    private const int RowsMax = 2_000, RowsMaxBehind = 20_000;

    // A machine's matter, not the ledger's time: these run on real time also where a test sets the clock.
    private static readonly TimeSpan SaveGap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RoundGap = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    // Where nothing happens time goes on, and half hours close.
    private static readonly TimeSpan CloseGap = TimeSpan.FromMinutes(1);

    private AnalyticsGroups _groups = new();
    private AnalyticsSums _sums = new(default);
    private Instant _closed;
    private Instant _newest;
    private long _read;
    private long _savedAt;
    private HalfHour _forgotten;

    /// <summary>The durable place: everything up to it is counted.</summary>
    public long Saved { get; private set; }

    /// <summary>The name of the secret of a day, given by any of its half hours. In the order of days.</summary>
    public static string SecretOf(HalfHour day) => $"{Secrets}{day.Number / HalfHour.PerDay:D5}";

    /// <summary>Reads and counts until it is told to stop. Nothing else ends it.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await LoadAsync(stopping);
                while (await GoOnAsync(stopping))
                {
                    stopping.ThrowIfCancellationRequested();
                }

                LogOvertaken(logger);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever it was: it goes on from what is stored.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("count");
                LogHeldUp(logger, exception);
            }

            await Task.WhenAny(Task.Delay(Retry, TimeProvider.System, stopping));
        }

        metrics.Stopped();
    }

    /// <summary>Goes on from what is stored. The place comes first: whatever is stored after it was read, nothing can be added to what is read here.</summary>
    private async Task LoadAsync(CancellationToken stopping)
    {
        var store = ledger.Store;
        _read = Saved = await store.ReadPositionAsync(Reader, stopping);
        _closed = new Instant(await store.ReadPositionAsync(ReaderClosed, stopping));
        _newest = Instant.Max(_newest, _closed);
        _groups = new AnalyticsGroups();
        _groups.Learn(await store.ReadOpenGroupsAsync(HalfHour.Of(_closed), stopping));
        _sums = new AnalyticsSums(HalfHour.Of(_closed));
        _savedAt = 0;
        _forgotten = default;
        await ForgetAsync(stopping);
    }

    /// <summary>
    /// Forgets the secrets of closed days: what is said late counts in an open half hour, so nobody needs them, and what stays stored is no longer anybody's.
    /// </summary>
    private async Task ForgetAsync(CancellationToken stopping)
    {
        var today = HalfHour.Of(_closed).Midnight;
        if (_forgotten < today)
        {
            await ledger.Store.DropSecretsAsync(Secrets, SecretOf(today), stopping);
            _forgotten = today;
        }
    }

    /// <summary>One page; false when somebody else has gone on from the same place.</summary>
    private async Task<bool> GoOnAsync(CancellationToken stopping)
    {
        // Asked before the page is read: what was decided long before this is in it, or was in one before. Not the clock: where something holds the log up,
        // what was decided meanwhile comes later, and nothing may have closed over it.
        var now = ledger.FinalAt;
        var isBehind = await ReadPageAsync(stopping);
        _newest = !isBehind && ledger.Clock.IsTrusted ? Instant.Max(_newest, now) : _newest;
        Measure(0);
        if (IsDue(isBehind) && !await SaveAsync(stopping))
        {
            return false;
        }

        if (!isBehind)
        {
            await Task.Delay(RoundGap, TimeProvider.System, stopping);
            await WaitAsync(stopping);
        }

        return true;
    }

    /// <summary>Reads and counts one page; whether there is more at once.</summary>
    private async Task<bool> ReadPageAsync(CancellationToken stopping)
    {
        var page = await ledger.ReadEventsAsync(null, _read, PageMax, stopping);
        if (page.Earliest is { } earliest)
        {
            if (_read > 0)
            {
                // So long stood still that retention has dropped what was not read. Nothing brings it back.
                metrics.Failed("retention");
                LogDropped(logger, _read, earliest);
            }

            _read = earliest;
            return true;
        }

        // From here on nothing waits: a page is taken whole or not at all.
        foreach (var line in page.Events)
        {
            _sums.Add(line.User, line.Event);
        }

        _read = page.Next;
        _newest = page.Events.Count > 0 ? Instant.Max(_newest, page.Events[^1].Event.At) : _newest;
        Measure(page.Events.Count);
        return page.Events.Count == PageMax;
    }

    private bool IsDue(bool isBehind)
    {
        var since = TimeProvider.System.GetElapsedTime(_savedAt);
        return _sums.Size >= (isBehind ? RowsMaxBehind : RowsMax) || (_read > Saved ? since >= SaveGap : since >= CloseGap);
    }

    /// <summary>Stores the sums; false when somebody else has gone on from the same place.</summary>
    private async Task<bool> SaveAsync(CancellationToken stopping)
    {
        // A line whose time lies ahead, by a clock that was put right since, closes nothing that isn't over.
        var newest = _newest < ledger.Clock.Now ? _newest : ledger.Clock.Now;
        var closed = Instant.Max(_closed, new Instant(Math.Max(0, (newest - SmallGroups.ClosesAfter).Milliseconds)));
        await _groups.LearnAsync(_sums.Said, day => ledger.Store.ReadSecretAsync(SecretOf(day), SecretLength, stopping));
        var batch = new AnalyticsBatch(Reader, Saved, _read)
        {
            Closed = closed,
            Counts = [.. _sums.Counts.Select(count => (count.Key, count.Value)).OrderBy(count => count.Key, CountKey.Order)],
            Groups = _groups.Add(_sums.Said),
        };
        if (!await ledger.Store.ApplyAnalyticsAsync(batch, stopping))
        {
            return false;
        }

        (Saved, _closed, _savedAt) = (_read, closed, TimeProvider.System.GetTimestamp());
        _groups.Close(HalfHour.Of(closed));
        _sums = new AnalyticsSums(HalfHour.Of(closed));
        metrics.Stored(batch.Counts.Count + batch.Groups.Count);
        metrics.Stands(Saved, null);
        await ForgetAsync(stopping);
        return true;
    }

    /// <summary>Ends when there is something to read, or to store.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        var left = (_read > Saved ? SaveGap : CloseGap) - TimeProvider.System.GetElapsedTime(_savedAt);
        var wasCaughtUp = ledger.Horizon <= _read;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(
            ledger.WaitForEventsAsync(_read, either.Token),
            Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System, either.Token));
        await either.CancelAsync();
        if (wasCaughtUp)
        {
            metrics.WasCaughtUp();
        }
    }

    private void Measure(int events)
    {
        metrics.Read(events, _read, _newest);
        metrics.Stands(Saved, _sums.Oldest);
    }

    [LoggerMessage(EventId = 2161, Level = LogLevel.Warning, Message = "The ledger can't be counted now")]
    private static partial void LogHeldUp(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2162, Level = LogLevel.Information, Message = "Another node counts the ledger, too; this one goes on from where that is")]
    private static partial void LogOvertaken(ILogger logger);

    [LoggerMessage(
        EventId = 2163, Level = LogLevel.Error, Message = "Retention has dropped events before they were counted: from {After} to {Earliest} none counts")]
    private static partial void LogDropped(ILogger logger, long after, long earliest);
}
