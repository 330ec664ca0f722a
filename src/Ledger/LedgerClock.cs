using Actors.Policy;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>
/// The ledger's time on this node: the storage's clock, kept by the node's monotonic clock between readings, never running back. A step of the node's wall
/// clock doesn't touch it.
/// </summary>
/// <remarks>
/// Each reading says what the storage's clock showed at some moment of a round trip: its offset is known to half that round trip. From then on the two
/// clocks may drift apart by 200 millionths. The best of the recent readings counts. <see cref="Now"/> takes no lock.
/// </remarks>
public sealed partial class LedgerClock
{
    private const int ReadingsMax = 16;
    private const int ConfirmAfter = 5;
    private const double DriftMax = 200e-6;
    private static readonly long JumpTicks = TimeSpan.FromSeconds(2).Ticks;
    private static readonly long TrustTicks = TimeSpan.FromMilliseconds(250).Ticks;
    private static readonly long LongJumpTicks = TimeSpan.FromMinutes(1).Ticks;

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<Reading> _recent = [];
    private readonly List<Reading> _jumped = [];
    private volatile Estimate? _estimate;
    private long _last;

    internal LedgerClock(TimeProvider time, ILogger logger) => (_time, _logger) = (time, logger);

    /// <summary>Now, in whole milliseconds; never before an earlier answer or a commit that was seen.</summary>
    /// <exception cref="InvalidOperationException">The storage's clock has never been read: the ledger isn't started.</exception>
    public Instant Now => new(Raise(Current.Best.At(_time, _time.GetTimestamp()) / TimeSpan.TicksPerMillisecond));

    /// <summary>
    /// Whether <see cref="Now"/> is known to 250 ms and no jump of the storage's clock waits for confirmation. While it isn't, nothing that a period limits is
    /// admitted: answer 503.
    /// </summary>
    public bool IsTrusted
    {
        get
        {
            if (_estimate is not { JumpWaits: false } estimate)
            {
                return false;
            }

            // After a jump back time stands still until it is made up. Twice the bound is still agreement: this node may be off by it, and so may the
            // one whose commit it saw.
            var timestamp = _time.GetTimestamp();
            return estimate.Best.ErrorAt(_time, timestamp) <= TrustTicks
                && (Volatile.Read(ref _last) * TimeSpan.TicksPerMillisecond) - estimate.Best.At(_time, timestamp) <= 2 * TrustTicks;
        }
    }

    /// <summary>Bound of the error of the estimate.</summary>
    public TimeSpan Error => _estimate is { } estimate ? new TimeSpan(estimate.Best.ErrorAt(_time, _time.GetTimestamp())) : TimeSpan.MaxValue;

    /// <summary>The storage's clock less the node's wall clock: for metrics only.</summary>
    public TimeSpan OffsetFromWall => _estimate is { } estimate
        ? new TimeSpan(estimate.Best.At(_time, _time.GetTimestamp()) - (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks)
        : TimeSpan.Zero;

    /// <summary>How many jumps of the storage's clock were confirmed.</summary>
    public int Jumps { get; private set; }

    /// <summary>A commit of this instant is known: time is not before it.</summary>
    /// <remarks>
    /// Unless it lies further ahead than two nodes that are trusted can be apart: then it comes from a clock that was wrong. Its user keeps to it (a
    /// user's time never goes back), but one such record must not take the node's time, and with it all other users, along.
    /// </remarks>
    public void Observe(Instant at)
    {
        if (_estimate is { } estimate
            && (at.Milliseconds * TimeSpan.TicksPerMillisecond) - estimate.Best.At(_time, _time.GetTimestamp()) <= 2 * TrustTicks)
        {
            Raise(at.Milliseconds);
        }
    }

    /// <summary>Takes in a reading of the storage's clock.</summary>
    /// <param name="shown">What it showed.</param>
    /// <param name="before">Monotonic timestamp before it was asked.</param>
    /// <param name="after">Monotonic timestamp when the answer was there.</param>
    internal void Take(Instant shown, long before, long after)
    {
        // The clock shows whole milliseconds: on average it is half of one further.
        var half = TimeSpan.TicksPerMillisecond / 2;
        var reading = new Reading(
            before + ((after - before) / 2),
            (shown.Milliseconds * TimeSpan.TicksPerMillisecond) + half,
            (_time.GetElapsedTime(before, after).Ticks / 2) + half);

        lock (_gate)
        {
            if (_estimate is { } estimate && !Agree(estimate.Best, reading, JumpTicks))
            {
                Suspect(estimate, reading);
                return;
            }

            _jumped.Clear();
            if (_estimate is { } known && !Agree(known.Best, reading, 0))
            {
                // A step too small for a jump: what was read before it no longer holds.
                _recent.Clear();
            }

            Adopt(reading);
        }
    }

    // A jump of the storage's clock can't be told from a bad reading, nor from time: several readings in a row have to agree on it.
    private void Suspect(Estimate estimate, Reading reading)
    {
        if (_jumped.Count > 0 && !Agree(_jumped[^1], reading, JumpTicks))
        {
            _jumped.Clear();
        }

        _jumped.Add(reading);
        if (_jumped.Count < ConfirmAfter)
        {
            _estimate = estimate with { JumpWaits = true };
            return;
        }

        var jump = reading.Ticks - estimate.Best.At(_time, reading.Timestamp);
        Jumps++;
        if (Math.Abs(jump) > LongJumpTicks)
        {
            LogLongJump(_logger, jump / TimeSpan.TicksPerSecond);
        }
        else
        {
            LogJump(_logger, jump / TimeSpan.TicksPerMillisecond);
        }

        _recent.Clear();
        _jumped.ForEach(Adopt);
        _jumped.Clear();
    }

    private void Adopt(Reading reading)
    {
        _recent.Add(reading);
        if (_recent.Count > ReadingsMax)
        {
            _recent.RemoveAt(0);
        }

        _estimate = new Estimate(_recent.MinBy(r => r.ErrorAt(_time, reading.Timestamp))!, JumpWaits: false);
    }

    private bool Agree(Reading earlier, Reading later, long slack) =>
        Math.Abs(later.Ticks - earlier.At(_time, later.Timestamp)) <= later.Error + earlier.ErrorAt(_time, later.Timestamp) + slack;

    private Estimate Current => _estimate ?? throw new InvalidOperationException("The ledger's clock has not been read yet: start the ledger first.");

    private long Raise(long milliseconds)
    {
        var last = Volatile.Read(ref _last);
        while (milliseconds > last)
        {
            var seen = Interlocked.CompareExchange(ref _last, milliseconds, last);
            if (seen == last)
            {
                return milliseconds;
            }

            last = seen;
        }

        return last;
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "The storage's clock jumped by {Seconds} s against the monotonic clock")]
    private static partial void LogLongJump(ILogger logger, long seconds);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "The storage's clock jumped by {Milliseconds} ms against the monotonic clock")]
    private static partial void LogJump(ILogger logger, long milliseconds);

    private sealed record Estimate(Reading Best, bool JumpWaits);

    /// <summary>What the storage's clock showed at a moment of the monotonic clock. In ticks of 100 ns since 1970.</summary>
    private sealed record Reading(long Timestamp, long Ticks, long Error)
    {
        public long At(TimeProvider time, long timestamp) => Ticks + time.GetElapsedTime(Timestamp, timestamp).Ticks;

        public long ErrorAt(TimeProvider time, long timestamp) =>
            Error + (long)(Math.Abs(time.GetElapsedTime(Timestamp, timestamp).Ticks) * DriftMax);
    }
}
