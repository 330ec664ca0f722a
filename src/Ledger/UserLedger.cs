using System.Diagnostics;
using System.Security.Cryptography;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger;

/// <summary>
/// The durable truth about users, and the log from which everything else follows. Gathers the commits of many users into one transaction and the
/// reads of cold users into one query; flushes when the flush before has ended.
/// </summary>
/// <remarks>Thread-safe. One per process.</remarks>
public sealed partial class UserLedger : IAsyncDisposable
{
    private const int FirstReadings = 5;

    /// <summary>A commit within a trace; without one it costs nothing.</summary>
    private static readonly ActivitySource Traces = new(LedgerMetrics.MeterName);

    private static readonly TimeSpan ClockPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClockPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetentionPeriod = TimeSpan.FromHours(1);

    /// <summary>Also a node that never lives for as long as the period drops what is past its time.</summary>
    private static readonly TimeSpan FirstRetention = TimeSpan.FromMinutes(5);


    private readonly LedgerSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LedgerMetrics _metrics;

    // One for each part of the store: a server that stalls or is away keeps only its own users waiting.
    private readonly CommitQueue[] _commits;
    private readonly ReadQueue<long, EncodedRecord>[] _users;
    private readonly ReadQueue<(long User, long Number), (long User, StoredMessage Message)>[] _messages;

    private readonly HorizonPump _pump;
    private readonly LogTail _tail;
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _operations = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private long _operation;
    private ITimer? _clockTimer;
    private ITimer? _retentionTimer;
    private Task _reading = Task.CompletedTask;
    private Task _dropping = Task.CompletedTask;
    private int _disposed;

    /// <summary>Creates it; <see cref="StartAsync"/> makes it ready.</summary>
    public UserLedger(ILedgerStore store, LedgerSettings settings, TimeProvider time, ILogger<UserLedger>? logger = null)
    {
        (Store, _settings, _time, _logger) = (store, settings, time, logger ?? NullLogger<UserLedger>.Instance);
        Clock = new LedgerClock(time, _logger);
        _metrics = new LedgerMetrics(this);
        _pump = new HorizonPump(store, () => Clock.Now, _metrics, _logger);
        _commits = ForEachPart(() => new CommitQueue(store, settings, time, _metrics, _logger, _pump.Signal));
        _users = ForEachPart(
            () => new ReadQueue<long, EncodedRecord>("users", store.ReadUsersAsync, record => record.User, settings, _metrics, _logger));
        _messages = ForEachPart(() => new ReadQueue<(long User, long Number), (long User, StoredMessage Message)>(
            "messages", store.ReadMessagesAsync, found => (found.User, found.Message.Number), settings, _metrics, _logger));
        _tail = new LogTail(
            (after, upTo, limit, cancel) => ReadPageAsync(null, after, upTo, limit, cancel), () => Horizon, () => Clock.Now - LogTail.Life);
    }

    /// <summary>The storage, for reads that need no gathering.</summary>
    public ILedgerStore Store { get; }

    /// <summary>The ledger's time.</summary>
    public LedgerClock Clock { get; }

    /// <summary>Commits that wait or are being written.</summary>
    public int QueueLength => _commits.Sum(queue => queue.Length);

    /// <summary>The highest place up to which everything is final, as last seen.</summary>
    public long Horizon => _pump.Horizon;

    /// <summary>Ends when what the last hour found past its time is dropped. While it doesn't, the next hour leaves it to that one.</summary>
    internal Task Dropping => _dropping;

    /// <summary>Brings the schema up to date, reads the clock, starts the flusher and the pump of the horizon.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away, or can't be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Store.StartAsync(cancellationToken);
        for (var i = 0; i < FirstReadings; i++)
        {
            await ReadClockAsync(cancellationToken);
        }

        await _pump.StartAsync(cancellationToken);
        for (var part = 0; part < Store.Parts; part++)
        {
            _commits[part].Start();
            _users[part].Start();
            _messages[part].Start();
        }

        _clockTimer = _time.CreateTimer(_ => KeepClock(), null, ClockPeriod, ClockPeriod);
        _retentionTimer = _time.CreateTimer(_ => KeepRetention(), null, FirstRetention, RetentionPeriod);
    }

    /// <summary>
    /// Makes a change durable if the user's version is still that of <paramref name="basis"/>. Returns when it is durable or when it is known that it
    /// isn't; never throws for a refusal or an outage.
    /// </summary>
    /// <param name="basis">The record that was decided on.</param>
    /// <param name="change">What changes.</param>
    /// <param name="fence">The business's epoch that it was decided under; null for none.</param>
    /// <param name="policy">The version of the policy that it was decided by; null where none matters.</param>
    public async ValueTask<CommitResult> CommitAsync(UserRecord basis, Change change, Fence? fence = null, uint? policy = null)
    {
        if (change.Erasure is { } erased)
        {
            return await EraseAsync(basis, change, erased);
        }

        using var span = Traces.StartActivity("ledger.commit");
        var head = basis.ConsentHead;
        var hashes = change.Consents.IsEmpty ? [] : new ReadOnlyMemory<byte>[change.Consents.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = head = ConsentChain.Hash(head.Span, basis.User, change.Consents[i]);
        }

        var record = UserRecordCodec.Encode(change.Next, head.Span);
        var operation = _operations + Interlocked.Increment(ref _operation);
        var outcome = await _commits[Store.PartOf(basis.User)].AddAsync(
            new EncodedCommit(basis.User, basis.Version, operation, record, change, hashes, fence, policy));
        span?.SetTag("ledger.outcome", outcome.ToString());
        if (outcome != CommitOutcome.Committed)
        {
            return new CommitResult(outcome, null);
        }

        Clock.Observe(change.Next.LastAt);
        return new CommitResult(outcome, new UserRecord(basis.User, basis.Version + 1, change.Next, head) { Stored = record });
    }

    /// <summary>Events behind <paramref name="after"/> up to the horizon. Who reads those of all shares what is read with the others on this node.</summary>
    /// <param name="business">Of this business; null for all.</param>
    /// <param name="after">
    /// The cursor: the <see cref="EventPage.Next"/> of the page before; 0 for all there ever was, which is too old once events were dropped.
    /// </param>
    /// <param name="limit">At most so many, 1 or more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public async Task<EventPage> ReadEventsAsync(long? business, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (business is null)
        {
            return await _tail.ReadAsync(after, limit, cancellationToken);
        }

        var horizon = Math.Max(after, Horizon);
        var (events, earliest) = await ReadPageAsync(business, after, horizon, limit, cancellationToken);
        return after < earliest
            ? new EventPage([], after, earliest)
            : new EventPage(events, events.Count == limit ? events[^1].Seq : horizon, null);
    }

    /// <summary>The ledger's time up to which the log is final: what was written before it is up to <see cref="Horizon"/>.</summary>
    public Instant FinalAt => _pump.FinalAt;

    /// <summary>Ends once something is final behind <paramref name="after"/>, of whatever business: then <see cref="ReadEventsAsync"/> may have more.</summary>
    public Task WaitForEventsAsync(long after, CancellationToken cancellationToken) => _pump.WaitAsync(after, cancellationToken);

    /// <summary>Answers or refuses what waits, then closes, the storage, too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await (_clockTimer?.DisposeAsync() ?? default);
        await (_retentionTimer?.DisposeAsync() ?? default);
        await Task.WhenAll(_commits.Select(queue => queue.DisposeAsync().AsTask()));
        foreach (var queue in _users.Cast<IAsyncDisposable>().Concat(_messages))
        {
            await queue.DisposeAsync();
        }

        await _tail.DisposeAsync();
        await _pump.DisposeAsync();
        await _reading;
        await _dropping;
        await Store.DisposeAsync();
        _metrics.Dispose();
        _stopping.Dispose();
    }

    private T[] ForEachPart<T>(Func<T> make) => [.. Enumerable.Range(0, Store.Parts).Select(_ => make())];

    private async Task<(IReadOnlyList<LedgerEvent> Events, long Earliest)> ReadPageAsync(
        long? business, long after, long upTo, int limit, CancellationToken cancellationToken)
    {
        var events = after < upTo ? await Store.ReadEventsAsync(business, after, upTo, limit, cancellationToken) : [];

        // Asked after the page was read: what was dropped before can't be missing in it unseen.
        return (events, await Store.ReadEarliestAsync(cancellationToken));
    }

    private async Task ReadClockAsync(CancellationToken cancellationToken)
    {
        var before = _time.GetTimestamp();
        var shown = await Store.ReadClockAsync(cancellationToken);
        var jumps = Clock.Jumps;
        Clock.Take(shown, before, _time.GetTimestamp());
        if (Clock.Jumps != jumps)
        {
            _metrics.ClockJumped();
        }
    }

    private void KeepClock()
    {
        if (_reading.IsCompleted)
        {
            _reading = KeepAsync();
        }

        async Task KeepAsync()
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                patience.CancelAfter(ClockPatience);
                await ReadClockAsync(patience.Token);
            }
#pragma warning disable CA1031 // A reading that fails is none: the bound of the error grows until the clock isn't trusted any more.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _metrics.Failed("clock");
                LogNoClock(_logger, exception);
            }
        }
    }

    private void KeepRetention()
    {
        if (_dropping.IsCompleted)
        {
            _dropping = KeepAsync();
        }

        async Task KeepAsync()
        {
            try
            {
                // A clock that may have jumped must not drop what is young: nothing brings it back.
                if (Clock.IsTrusted)
                {
                    var now = Clock.Now;
                    await Store.DropContentsAsync(now - _settings.ContentRetention, _stopping.Token);
                    await Store.DropEventsAsync(now - _settings.Retention, _stopping.Token);
                    await Store.DropAnalyticsAsync(HalfHour.Of(now - _settings.AnalyticsRetention), _stopping.Token);
                    var (from, to) = NodeRuns.EndedBy(now);
                    await Store.DropPositionsAsync(from, to, _stopping.Token);
                }
            }
#pragma warning disable CA1031 // What can't be dropped now is dropped the next time.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _metrics.Failed("retention");
                LogNotDropped(_logger, exception);
            }
        }
    }

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "The storage's clock can't be read")]
    private static partial void LogNoClock(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "What is past its retention can't be dropped now")]
    private static partial void LogNotDropped(ILogger logger, Exception exception);
}
