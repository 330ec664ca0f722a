using Actors.Policy;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger.Tests;

/// <summary>The ledger's time on a node: what it follows, what it ignores, and when it isn't trusted.</summary>
public sealed class LedgerClockTests
{
    private readonly SteppedTime _time = new();
    private readonly LedgerClock _clock;

    // How far the storage's clock is ahead of the node's at the start.
    private long _ahead = 5_000;

    public LedgerClockTests() => _clock = new LedgerClock(_time, NullLogger.Instance);

    [Fact]
    public void Before_the_first_reading_there_is_no_time_and_no_trust()
    {
        Assert.False(_clock.IsTrusted);
        Assert.Throws<InvalidOperationException>(() => _clock.Now);
    }

    [Fact]
    public void It_shows_the_storages_time_and_goes_on_by_the_monotonic_clock()
    {
        Read();
        Assert.Equal(Storage(), _clock.Now);
        Assert.True(_clock.IsTrusted);

        _time.Pass(60_000);
        Assert.Equal(Storage(), _clock.Now);
    }

    [Theory]
    [InlineData(-86_400_000)]
    [InlineData(86_400_000)]
    [InlineData(1)]
    public void A_step_of_the_nodes_wall_clock_changes_nothing(long step)
    {
        Read();
        _time.Step = TimeSpan.FromMilliseconds(step);

        Assert.Equal(Storage(), _clock.Now);
        Read();
        _time.Pass(1_000);
        Assert.Equal(Storage(), _clock.Now);
        Assert.True(_clock.IsTrusted);
        Assert.Equal(0, _clock.Jumps);
    }

    [Fact]
    public void Its_error_is_half_the_round_trip_and_grows_by_200_millionths()
    {
        Read(roundTrip: 10);
        Assert.Equal(5.501, _clock.Error.TotalMilliseconds, 3);

        _time.Pass(100_000);
        Assert.Equal(25.501, _clock.Error.TotalMilliseconds, 3);
    }

    [Fact]
    public void It_is_trusted_to_250_ms_and_no_further()
    {
        Read(roundTrip: 498);
        _time.Pass(2_200);
        Assert.True(_clock.IsTrusted);
        _time.Pass(60);
        Assert.False(_clock.IsTrusted);

        Read(roundTrip: 600);
        Assert.False(_clock.IsTrusted);
        Read(roundTrip: 2);
        Assert.True(_clock.IsTrusted);
    }

    [Fact]
    public void The_best_of_the_recent_readings_counts()
    {
        Read(roundTrip: 2);
        _time.Pass(1_000);
        Read(roundTrip: 300);
        Assert.Equal(1.5 + 0.2602, _clock.Error.TotalMilliseconds, 3);

        for (var i = 0; i < 16; i++)
        {
            Read(roundTrip: 100);
        }

        Assert.InRange(_clock.Error.TotalMilliseconds, 50, 51);
    }

    [Fact]
    public void Without_readings_trust_ends_after_twenty_minutes()
    {
        Read(roundTrip: 2);
        _time.Pass(20 * 60_000);
        Assert.True(_clock.IsTrusted);
        _time.Pass(2 * 60_000);
        Assert.False(_clock.IsTrusted);
    }

    [Fact]
    public void Time_never_runs_back()
    {
        Read(roundTrip: 400, shownAt: 0);
        var early = _clock.Now;
        Read(roundTrip: 1);
        Assert.True(_clock.Now >= early);

        _ahead -= 1_000;
        Read(roundTrip: 1);
        Assert.True(_clock.Now >= early);
        Assert.Equal(0, _clock.Jumps);
        _time.Pass(2_000);
        Assert.Equal(Storage(), _clock.Now);
    }

    [Fact]
    public void Time_is_not_before_a_commit_that_was_seen()
    {
        Read();
        var seen = Storage() + TimeSpan.FromMilliseconds(100);
        _clock.Observe(seen);

        Assert.Equal(seen, _clock.Now);
        _clock.Observe(seen - TimeSpan.FromMilliseconds(50));
        Assert.Equal(seen, _clock.Now);
        Assert.True(_clock.IsTrusted);
        _time.Pass(200);
        Assert.Equal(Storage(), _clock.Now);
    }

    [Fact]
    public void A_commit_from_the_far_future_takes_nobody_along()
    {
        Read();
        _clock.Observe(Storage() + TimeSpan.FromMilliseconds(510));
        Assert.Equal(Storage(), _clock.Now);
        Assert.True(_clock.IsTrusted);

        var near = Storage() + TimeSpan.FromMilliseconds(490);
        _clock.Observe(near);
        Assert.Equal(near, _clock.Now);
        Assert.True(_clock.IsTrusted);
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(2_100)]
    public void A_jump_of_the_storages_clock_isnt_believed_before_it_is_confirmed(long jump)
    {
        Read();
        var before = _ahead;
        _ahead += jump;
        for (var reading = 1; reading < 5; reading++)
        {
            _time.Pass(1_000);
            Read();
            Assert.False(_clock.IsTrusted);
            Assert.Equal(Storage(before), _clock.Now);
        }

        _time.Pass(1_000);
        Read();
        Assert.True(_clock.IsTrusted);
        Assert.Equal(Storage(), _clock.Now);
        Assert.Equal(1, _clock.Jumps);
    }

    [Fact]
    public void A_single_wrong_reading_is_forgotten()
    {
        Read();
        _ahead += 60_000;
        Read();
        Assert.False(_clock.IsTrusted);
        _ahead -= 60_000;
        Read();

        Assert.True(_clock.IsTrusted);
        Assert.Equal(Storage(), _clock.Now);
        Assert.Equal(0, _clock.Jumps);
    }

    [Fact]
    public void Only_readings_in_a_row_confirm_a_jump()
    {
        Read();
        for (var i = 0; i < 12; i++)
        {
            _ahead += 60_000;
            Read();
            Read();
            _ahead -= 60_000;
            Read();
            Assert.True(_clock.IsTrusted);
        }

        Assert.Equal(0, _clock.Jumps);
        Assert.Equal(Storage(), _clock.Now);
    }

    [Fact]
    public void After_a_small_step_better_readings_from_before_it_no_longer_count()
    {
        Read(roundTrip: 0);
        _ahead += 1_000;
        Read(roundTrip: 100);

        Assert.InRange(_clock.Now - Storage(), TimeSpan.FromMilliseconds(-60), TimeSpan.FromMilliseconds(60));
        Assert.Equal(0, _clock.Jumps);
    }

    [Fact]
    public void Readings_that_contradict_each_other_confirm_nothing()
    {
        Read();
        for (var i = 0; i < 20; i++)
        {
            _ahead += i % 2 == 0 ? 60_000 : 10_000;
            Read();
            Assert.False(_clock.IsTrusted);
        }

        Assert.Equal(0, _clock.Jumps);
    }

    [Fact]
    public void After_a_jump_back_time_stands_still_untrusted_until_it_is_made_up()
    {
        Read();
        var before = _clock.Now;
        _ahead -= 60_000;
        for (var reading = 1; reading <= 5; reading++)
        {
            Read();
        }

        Assert.Equal(1, _clock.Jumps);
        Assert.True(_clock.Now >= before);
        Assert.False(_clock.IsTrusted);
        _time.Pass(61_000);
        Assert.Equal(Storage(), _clock.Now);
        Assert.True(_clock.IsTrusted);
    }

    /// <summary>Whatever the round trips and the drift within 200 millionths: the error is never larger than it says, and time never runs back.</summary>
    [Fact]
    public void The_bound_of_the_error_holds() =>
        Gen.Select(Gen.Double[-200e-6, 200e-6], Gen.Select(Gen.Double[0, 60_000], Gen.Double[0.1, 400], Gen.Double[0, 1]).Array[1, 40]).Sample(
            (drift, readings) =>
            {
                var (time, passed) = (new SteppedTime(), 0.0);
                var clock = new LedgerClock(time, NullLogger.Instance);
                var last = 0L;
                foreach (var (pause, roundTrip, shownAt) in readings)
                {
                    Pass(pause);
                    var before = time.GetTimestamp();
                    Pass(roundTrip * shownAt);
                    var shown = new Instant((long)StorageNow());
                    Pass(roundTrip * (1 - shownAt));
                    clock.Take(shown, before, time.GetTimestamp());

                    var now = clock.Now.Milliseconds;
                    Assert.True(now >= last);
                    last = now;
                    Assert.True(
                        now <= StorageNow() + clock.Error.TotalMilliseconds + 1 || now == last,
                        "ahead of its bound");
                    Assert.True(now >= StorageNow() - clock.Error.TotalMilliseconds - 1, "behind its bound");
                }

                double StorageNow() => Given.At().Milliseconds + (passed * (1 + drift));

                void Pass(double milliseconds)
                {
                    time.Pass(milliseconds);
                    passed = time.GetTimestamp() / (double)TimeSpan.TicksPerMillisecond;
                }
            },
            iter: 2_000);

    private Instant Storage(long? ahead = null) =>
        new(Given.At().Milliseconds + (ahead ?? _ahead) + (_time.GetTimestamp() / TimeSpan.TicksPerMillisecond));

    /// <summary>One round trip of so many milliseconds; the storage's clock is read at the given part of it.</summary>
    private void Read(double roundTrip = 1, double shownAt = 0.5)
    {
        var before = _time.GetTimestamp();
        _time.Pass(roundTrip * shownAt);
        var shown = Storage();
        _time.Pass(roundTrip * (1 - shownAt));
        _clock.Take(shown, before, _time.GetTimestamp());
    }
}
