using Actors.Policy.Users;
using CsCheck;

namespace Actors.Policy.Tests.Users;

/// <summary>One-time codes of a number: how often, how long, how many tries.</summary>
public sealed class EnrolmentTests
{
    private const long Minutes10 = 600_000, Day = 86_400_000;
    private static readonly Instant Start = new(1_790_000_000_000);

    [Fact]
    public void The_right_code_is_right_once()
    {
        var asked = Begun(Enrolment.None, 7);
        var (outcome, left, used) = asked.Try(7, Proof(7), At(1));
        Assert.Equal((EnrolmentTry.Right, 4), (outcome, left));
        Assert.Equal((EnrolmentTry.Over, 0, null), used!.Try(7, Proof(7), At(2)));
    }

    [Theory]
    [InlineData(Minutes10 - 1, EnrolmentTry.Right)]
    [InlineData(Minutes10, EnrolmentTry.Over)]
    public void A_code_is_good_for_ten_minutes(long after, EnrolmentTry outcome) =>
        Assert.Equal(outcome, Begun(Enrolment.None, 7).Try(7, Proof(7), At(after)).Outcome);

    [Fact]
    public void A_code_takes_five_tries_and_then_the_right_one_is_too_late()
    {
        var asked = Begun(Enrolment.None, 7);
        for (var wrong = 1; wrong < Enrolment.TriesMax; wrong++)
        {
            (var outcome, asked) = Tried(asked, 7, Proof(8));
            Assert.Equal(EnrolmentTry.Wrong, outcome);
        }

        Assert.Equal(EnrolmentTry.Right, asked.Try(7, Proof(7), At(1)).Outcome);
        (_, asked) = Tried(asked, 7, Proof(8));
        Assert.Equal((EnrolmentTry.Over, 0, null), asked.Try(7, Proof(7), At(1)));
    }

    [Fact]
    public void Whoever_asks_for_another_code_ends_none_that_is_good_and_the_right_one_ends_them_all()
    {
        var first = Tried(Begun(Enrolment.None, 7), 7, Proof(9)).Next;
        var both = Begun(first, 8, after: 1);
        Assert.Equal([(7, 1), (8, 0)], both.Codes.Select(code => ((int)code.Serial, code.Tries)));
        Assert.Equal((EnrolmentTry.Wrong, 3), (both.Try(7, Proof(8), At(2)).Outcome, both.Try(7, Proof(8), At(2)).TriesLeft));
        Assert.Equal(EnrolmentTry.Right, both.Try(8, Proof(8), At(2)).Outcome);
        var (outcome, _, ended) = both.Try(7, Proof(7), At(2));
        Assert.Equal(EnrolmentTry.Right, outcome);
        Assert.Equal(EnrolmentTry.Over, ended!.Try(8, Proof(8), At(2)).Outcome);
        Assert.Equal(2, ended.Asked.Length);
    }

    [Fact]
    public void At_most_three_codes_are_kept_and_none_that_is_over()
    {
        var three = Begun(Begun(Begun(Enrolment.None, 1), 2, after: 1), 3, after: 2);
        Assert.Equal(3, three.Codes.Length);
        Assert.Equal([2, 3, 4], Begun(three, 4, after: Minutes10).Codes.Select(code => (int)code.Serial));
        Assert.Equal(5, Assert.Single(Begun(three, 5, after: 2 * Minutes10).Codes).Serial);
    }

    [Fact]
    public void Before_any_code_was_asked_for_none_is_right() =>
        Assert.Equal((EnrolmentTry.Over, 0, null), Enrolment.None.Try(0, [], At(0)));

    [Theory]
    [InlineData(Minutes10 - 1, false)]
    [InlineData(Minutes10, true)]
    public void A_fourth_code_comes_when_the_first_of_three_is_ten_minutes_old(long after, bool sent)
    {
        var asked = Begun(Begun(Begun(Enrolment.None, 1), 2, after: 1), 3, after: 2);
        var (next, retryAt) = asked.Begin(4, [.. Proof(4)], At(after));
        Assert.Equal((sent, sent ? null : At(Minutes10)), (next is not null, retryAt));
    }

    [Theory]
    [InlineData(Day - 1, false)]
    [InlineData(Day, true)]
    public void An_eleventh_code_comes_when_the_first_of_ten_is_a_day_old(long after, bool sent)
    {
        var asked = Enrolment.None;
        for (var code = 0; code < Enrolment.CodesPerDay; code++)
        {
            asked = Begun(asked, code + 1, code * Minutes10);
        }

        var (next, retryAt) = asked.Begin(99, [.. Proof(99)], At(after));
        Assert.Equal((sent, sent ? null : At(Day)), (next is not null, retryAt));
    }

    [Fact]
    public void No_period_ever_holds_more_codes_and_a_told_time_is_never_too_early() =>
        Gen.Long[0, 3 * Minutes10].Array[1, 60].Sample(gaps =>
        {
            var (state, now, sent) = (Enrolment.None, Start, new List<Instant>());
            foreach (var gap in gaps)
            {
                now += TimeSpan.FromMilliseconds(gap);
                var (next, retryAt) = state.Begin(sent.Count + 1, [.. Proof(1)], now);
                if (retryAt is { } at)
                {
                    Assert.True(at > now);
                    Assert.Null(state.Begin(1, [.. Proof(1)], at - TimeSpan.FromMilliseconds(1)).Next);
                    next = state.Begin(sent.Count + 1, [.. Proof(1)], now = at).Next;
                }

                (state, _) = (next!, 0);
                sent.Add(now);
            }

            Assert.All(sent, one => Assert.True(sent.Count(other => other <= one && other + Enrolment.Life > one) <= Enrolment.CodesMax));
            Assert.All(sent, one => Assert.True(sent.Count(other => other <= one && other + TimeSpan.FromDays(1) > one) <= Enrolment.CodesPerDay));
            Assert.True(state.Asked.Length <= Enrolment.CodesPerDay);
        });

    private static Instant At(long after) => new(Start.Milliseconds + after);

    private static byte[] Proof(int code) => [.. Enumerable.Repeat((byte)code, 32)];

    private static Enrolment Begun(Enrolment state, int serial, long after = 0) =>
        state.Begin(serial, [.. Proof(serial)], At(after)).Next ?? throw new InvalidOperationException("too many");

    private static (EnrolmentTry Outcome, Enrolment Next) Tried(Enrolment state, long serial, byte[] proof)
    {
        var (outcome, _, next) = state.Try(serial, proof, At(1));
        return (outcome, next!);
    }
}
