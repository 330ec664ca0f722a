using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>Plays a plan, hour by hour, and compares after each judgement what the product says with the second reading of the policy.</summary>
internal sealed class Life
{
    private const int LateHour = 12;

    private readonly Plan _plan;
    private readonly Platform _platform;
    private readonly Random _random;
    private readonly Instant _start;
    private readonly Dictionary<int, List<(long User, NegativeSignal Signal, StoredMessage Message)>> _late = [];
    private readonly List<(long User, NegativeSignal Signal, StoredMessage Message)> _soon = [];
    private readonly List<long> _regulars = [];
    private List<long> _reached = [];
    private long _users = 4_900_000_000_000;
    private int _day;
    private int _turn;

    public Life(Plan plan, Instant start, int seed)
    {
        (_plan, _start, _random) = (plan, start, new Random(seed));
        _platform = new Platform(start);
        for (var i = 0; i < plan.Regulars; i++)
        {
            _regulars.Add(++_users);
        }
    }

    /// <summary>Each tier, restriction and limit that it had, one after the other.</summary>
    public List<(int Tier, Restriction Restriction, LimitTier Limit)> Story { get; } = [];

    public Platform Platform => _platform;

    /// <summary>Times that product and reading were compared.</summary>
    public int Compared { get; private set; }

    public long Accepted { get; private set; }

    public void Live(int days)
    {
        for (_day = 0; _day < days; _day++)
        {
            for (var hour = 0; hour < 24; hour++)
            {
                var at = _start + TimeSpan.FromHours((24 * _day) + hour);
                Hour(hour, at);

                // By time alone, at least hourly.
                var later = at + TimeSpan.FromMilliseconds(_random.Next(2_600_000, 3_600_000));
                _platform.Fold(later);
                Compare(later);
            }
        }
    }

    private void Hour(int hour, Instant at)
    {
        if (hour == LateHour)
        {
            if (_plan.VerifiedOn == _day)
            {
                _platform.Verify();
            }

            _plan.Noon(_platform, _day, at);
        }

        var isWave = hour * _plan.Waves % 24 < _plan.Waves;
        var now = at + TimeSpan.FromMilliseconds(_random.Next(0, 1_200_000));
        if (isWave)
        {
            Wave(_plan.Users(_day) / _plan.Waves, now);
        }

        var signalled = now + TimeSpan.FromMilliseconds(_random.Next(2_000, 600_000));
        Signal(_soon, signalled);
        if (hour == LateHour && _late.Remove(_day, out var late))
        {
            Signal(late, signalled);
        }

        var folded = signalled + TimeSpan.FromMilliseconds(_random.Next(1, 700));
        _platform.Fold(folded);
        Compare(folded);
    }

    private void Wave(int users, Instant now)
    {
        _platform.BeginSending(users + _reached.Count, now);
        var again = _plan.Regulars > 0 ? _reached.Take(_reached.Count / 10).ToList() : [];
        _reached = [];

        // Once more on the same day, which must not count anew.
        foreach (var user in again)
        {
            Send(user, Category.Utility, writes: false, now);
        }

        for (var i = 0; i < users; i++)
        {
            var user = _plan.Regulars > 0 ? _regulars[_turn] : ++_users;
            var reason = Send(user, Category.Marketing, _random.NextDouble() < _plan.Writers, now);
            if (reason == Reason.BusinessRestricted && _plan.Evades)
            {
                reason = Send(user, Category.Utility, writes: false, now);
            }

            if (_plan.Regulars > 0)
            {
                // Who can't be reached any more is replaced.
                _regulars[_turn] = reason is Reason.BlockedByUser or Reason.MarketingStopped ? ++_users : user;
                _turn = (_turn + 1) % _regulars.Count;
            }

            if (reason is Reason.BusinessLocked or Reason.BusinessRestricted or Reason.MessagingLimit)
            {
                break;
            }
        }

        _platform.EndSending();
    }

    private Reason? Send(long user, Category category, bool writes, Instant now)
    {
        writes = writes && _platform.Writes(user, now);
        category = writes ? Category.Utility : category;

        var reason = _platform.Send(user, category, now, out var delivered);
        Says(_platform.Reading.MaySend(category, writes, now), reason is not (Reason.BusinessLocked or Reason.BusinessRestricted), "may send");
        if (reason == Reason.MessagingLimit)
        {
            var used = _platform.Reading.OpenedWithin(86_700_000, now);
            Says(true, used >= _platform.LimitUsers, $"limit used up at {used}");
        }

        if (delivered is not null)
        {
            Accepted++;
            _reached.Add(user);
            Receive(user, delivered);
        }

        return reason;
    }

    /// <summary>What the user does about it, now, tomorrow, or when it is about too late to count.</summary>
    private void Receive(long user, StoredMessage message)
    {
        var (dice, rates) = (_random.NextDouble(), _plan.Reception(_platform));
        NegativeSignal? signal = (dice -= rates.Reports) < 0 ? NegativeSignal.Report
            : (dice -= rates.Blocks) < 0 ? NegativeSignal.Block
            : (dice -= rates.Stops) < 0 ? NegativeSignal.OptOut
            : (dice - rates.NotInterested) < 0 && message.Category == Category.Marketing ? NegativeSignal.NotInterested
            : null;
        if (signal is not { } one)
        {
            if (_plan.Regulars == 0)
            {
                _platform.Forget(user);
            }

            return;
        }

        if (_random.Next(10) < 7)
        {
            _soon.Add((user, one, message));
        }
        else
        {
            Later(_random.Next(2) == 0 ? 1 : _random.Next(6, 9));
        }

        if (one < NegativeSignal.Block && _random.Next(4) == 0)
        {
            one = NegativeSignal.Block;
            Later(_random.Next(1, 3));
        }

        void Later(int days)
        {
            _late.TryAdd(_day + days, []);
            _late[_day + days].Add((user, one, message));
        }
    }

    private void Signal(List<(long User, NegativeSignal Signal, StoredMessage Message)> signals, Instant now)
    {
        foreach (var (user, signal, message) in signals)
        {
            _platform.Signals(user, signal, message, now);
        }

        signals.Clear();
    }

    private void Compare(Instant now)
    {
        Compared++;
        var reading = _platform.Reading;
        Says(reading.Band, _platform.Band, "band");
        Says(reading.Limit, (int)_platform.Limit, "limit");
        var standing = CompareByTime(now);
        if (standing.Until is { } until)
        {
            CompareByTime(until - TimeSpan.FromMilliseconds(1));
            CompareByTime(until);
        }

        if (_platform.LimitUsers is { } users)
        {
            var (exact, late) = (reading.OpenedWithin(86_400_000, now), reading.OpenedWithin(86_700_000, now));
            Says(true, exact <= users, $"G6: {exact} of {users}");
            Says(true, _platform.Book.Used(now) >= exact && _platform.Book.Used(now) <= late, $"used, {_platform.Book.Used(now)}, is {exact} to {late}");
        }

        var chapter = (standing.Tier, standing.Restriction, _platform.Limit);
        if (Story.Count == 0 || Story[^1] != chapter)
        {
            Story.Add(chapter);
        }
    }

    private Standing CompareByTime(Instant now)
    {
        var (score, standing) = (_platform.ScoreAt(now), _platform.StandingAt(now));
        var expected = _platform.Reading.ScoreAt(now);
        Says(true, Math.Abs(score - expected) < 1e-6, $"score, {score}, is {expected}");
        Says(_platform.Reading.StandingAt(now), (standing.Tier, standing.Restriction, standing.Until?.Milliseconds), "standing");
        return standing;
    }

    private void Says<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            Assert.Fail($"{_plan.Name}, day {_day}, {what}: the policy says {expected}, the product {actual}");
        }
    }
}
