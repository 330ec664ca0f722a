using System.Collections.Immutable;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>What becomes of marketing messages, and the day's number of the cap that follows.</summary>
public sealed class EngagementTests
{
    private static readonly TimeSpan After = TimeSpan.FromHours(48);

    private static MarketingCapNumbers Cap => Numbers.MarketingCap;

    private static UserState Ended(int reads, int all) => With(OptedIn()) with { Outcomes = new Outcomes(all, (1u << reads) - 1) };

    private static StoredMessage Marketing(long number, MessageStatus status = MessageStatus.Accepted) => Message(status: status) with { Number = number };

    private static UserState Delivered(UserState state, long number, Instant at) =>
        MessageActions.Advance(state, Marketing(number), MessageStatus.Delivered, Numbers, at).Done().Next;

    private static Change Read(UserState state, long number, Instant at) =>
        MessageActions.Advance(state, Marketing(number, MessageStatus.Delivered), MessageStatus.Read, Numbers, at).Done();

    private static (int, CapBasis) PerDay(UserState state, Instant? at = null) => CapStanding.PerDay(state, Cap, at ?? Now);

    [Theory]
    [InlineData(9, 9, 2, CapBasis.Standard)]
    [InlineData(0, 9, 2, CapBasis.Standard)]
    [InlineData(6, 10, 4, CapBasis.Engaged)]
    [InlineData(5, 10, 2, CapBasis.Standard)]
    [InlineData(1, 10, 2, CapBasis.Standard)]
    [InlineData(0, 10, 1, CapBasis.Unengaged)]
    [InlineData(1, 11, 1, CapBasis.Unengaged)]
    [InlineData(12, 20, 4, CapBasis.Engaged)]
    [InlineData(11, 20, 2, CapBasis.Standard)]
    [InlineData(2, 20, 2, CapBasis.Standard)]
    [InlineData(1, 20, 1, CapBasis.Unengaged)]
    [InlineData(0, 0, 2, CapBasis.Standard)]
    public void The_share_of_reads_moves_the_days_number(int reads, int all, int perDay, CapBasis basis) =>
        Assert.Equal((perDay, basis), PerDay(Ended(reads, all)));

    [Fact]
    public void Only_so_many_of_the_newest_outcomes_are_looked_at()
    {
        var numbers = new MarketingCapNumbers { EngagementOver = 3, EngagementFrom = 3 };

        // Newest lowest: read, read, not; before them 17 that were not.
        var state = With() with { Outcomes = new Outcomes(20, 0b011) };
        Assert.Equal((4, CapBasis.Engaged), CapStanding.PerDay(state, numbers, Now));
        Assert.Equal((2, CapBasis.Standard), CapStanding.PerDay(state with { Outcomes = new Outcomes(2, 0b11) }, numbers, Now));
        Assert.Equal((1, CapBasis.Unengaged), CapStanding.PerDay(state with { Outcomes = new Outcomes(20, 0b1111_1000) }, numbers, Now));
        Assert.Equal((2, CapBasis.Standard), CapStanding.PerDay(state, numbers with { EngagementFrom = 4 }, Now));
    }

    [Fact]
    public void Where_both_shares_meet_the_higher_number_holds() =>
        Assert.Equal(4, CapStanding.PerDay(Ended(1, 10), Cap with { EngagedPercent = 5, UnengagedPercent = 50 }, Now).Limit);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public void The_users_own_number_holds_where_it_is_lower(byte own, int holds)
    {
        var state = With() with { Preferences = Preferences.Default with { MarketingPerDay = own } };
        Assert.Equal((holds, own < 2 ? CapBasis.Own : CapBasis.Standard), PerDay(state));
    }

    [Fact]
    public void A_message_that_is_not_read_in_two_days_was_not_read()
    {
        var state = Delivered(Ended(6, 9), 5, Now);
        Assert.Equal([new OpenOutcome(5, Now)], state.OpenOutcomes);
        Assert.Equal(new Outcomes(9, 0b11_1111), state.Outcomes);

        Assert.Equal(2, PerDay(state, Now + After - Tick).Item1);
        Assert.Equal(4, PerDay(state, Now + After).Item1);

        // The next thing that is noted writes it down.
        var next = Delivered(state, 6, Now + After);
        Assert.Equal(new Outcomes(10, 0b111_1110), next.Outcomes);
        Assert.Equal([new OpenOutcome(6, Now + After)], next.OpenOutcomes);
    }

    [Fact]
    public void A_message_that_is_read_in_time_was_read_and_later_it_stays_what_it_was()
    {
        var state = Delivered(With(OptedIn()), 5, Now);
        var inTime = Read(state, 5, Now + After - Tick).Next;
        Assert.Equal(new Outcomes(1, 1), inTime.Outcomes);
        Assert.Empty(inTime.OpenOutcomes);

        var late = Read(state, 5, Now + After).Next;
        Assert.Equal(new Outcomes(1, 0), late.Outcomes);
        Assert.Empty(late.OpenOutcomes);
        Assert.Equal(new Outcomes(1, 0), Read(Delivered(late, 6, Now + After), 5, Now + After).Next.Outcomes);
    }

    [Fact]
    public void Read_without_delivered_is_read_at_once() =>
        Assert.Equal(new Outcomes(1, 1), MessageActions.Advance(With(OptedIn()), Marketing(5), MessageStatus.Read, Numbers, Now).Done().Next.Outcomes);

    [Fact]
    public void Interested_is_as_good_as_read()
    {
        var state = Delivered(With(OptedIn()), 5, Now);
        var liked = MessageActions.GiveFeedback(state, Marketing(5, MessageStatus.Delivered), Feedback.Interested, Numbers, Now + After - Tick).Done().Next;
        Assert.Equal((new Outcomes(1, 1), 0), (liked.Outcomes, liked.OpenOutcomes.Length));
        Assert.Equal(new Outcomes(1, 1), Read(liked, 5, Now + After).Next.Outcomes);

        var late = MessageActions.GiveFeedback(state, Marketing(5, MessageStatus.Delivered), Feedback.Interested, Numbers, Now + After).Done().Next;
        Assert.Equal((new Outcomes(1, 0), 0), (late.Outcomes, late.OpenOutcomes.Length));

        var disliked = MessageActions.GiveFeedback(state, Marketing(5, MessageStatus.Delivered), Feedback.NotInterested, Numbers, Now).Done().Next;
        Assert.Equal((default, 1), (disliked.Outcomes, disliked.OpenOutcomes.Length));
    }

    [Fact]
    public void Interested_in_what_no_device_reported_counts_with_its_delivery_or_expiry()
    {
        var liked = MessageActions.GiveFeedback(With(OptedIn()), Marketing(5), Feedback.Interested, Numbers, Now).Done().Next;
        Assert.Equal((default, 0), (liked.Outcomes, liked.OpenOutcomes.Length));

        var message = Marketing(5) with { Feedback = Feedback.Interested };
        var delivered = MessageActions.Advance(liked, message, MessageStatus.Delivered, Numbers, Now).Done().Next;
        Assert.Equal((new Outcomes(1, 1), 0), (delivered.Outcomes, delivered.OpenOutcomes.Length));
        Assert.Equal(new Outcomes(1, 1), MessageActions.Expire(liked, message, false, Numbers, Now).Done().Next.Outcomes);
    }

    [Fact]
    public void Expired_is_not_read_and_failed_is_nothing()
    {
        Assert.Equal(new Outcomes(1, 0), MessageActions.Expire(With(OptedIn()), Marketing(5), false, Numbers, Now).Done().Next.Outcomes);
        Assert.Equal(new Outcomes(1, 0), MessageActions.Expire(With(OptedIn()), Marketing(5), true, Numbers, Now).Done().Next.Outcomes);
        Assert.Equal(default, MessageActions.Fail(With(OptedIn()), Marketing(5), false, Now).Done().Next.Outcomes);
    }

    [Theory]
    [InlineData(Category.Service)]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    public void Only_marketing_has_outcomes(Category category)
    {
        var message = Marketing(5) with { Category = category };
        ImmutableArray<UserState> all =
        [
            MessageActions.Advance(With(OptedIn()), message, MessageStatus.Delivered, Numbers, Now).Done().Next,
            MessageActions.Advance(With(OptedIn()), message, MessageStatus.Read, Numbers, Now).Done().Next,
            MessageActions.Expire(With(OptedIn()), message, false, Numbers, Now).Done().Next,
        ];
        Assert.All(all, next => Assert.Equal((default, 0), (next.Outcomes, next.OpenOutcomes.Length)));
    }

    [Fact]
    public void A_record_keeps_twenty_outcomes()
    {
        var state = Ended(20, 20);
        for (var i = 0; i < 3; i++)
        {
            state = MessageActions.Expire(state, Marketing(i), false, Numbers, Now).Done().Next;
        }

        Assert.Equal(new Outcomes(20, 0xF_FFF8), state.Outcomes);
        Assert.Equal(17, state.Outcomes.Reads);
    }

    [Fact]
    public void Of_more_than_twenty_that_wait_the_oldest_is_one_that_was_not_read()
    {
        var state = With(OptedIn());
        for (var i = 1; i <= 20; i++)
        {
            state = Delivered(state, i, Now + (i * Second));
        }

        Assert.Equal((default, 20), (state.Outcomes, state.OpenOutcomes.Length));
        state = Delivered(state, 21, Now + (21 * Second));
        Assert.Equal(new Outcomes(1, 0), state.Outcomes);
        Assert.Equal(Enumerable.Range(2, 20), state.OpenOutcomes.Select(open => (int)open.Message));
        Assert.Equal(new Outcomes(1, 0), Read(state, 1, Now + (22 * Second)).Next.Outcomes);
    }

    [Fact]
    public void A_send_writes_down_what_time_has_settled()
    {
        var state = With(OptedIn()) with { OpenOutcomes = [new(1, Now - After), new(2, Now - After + Tick)] };
        var next = Decide(state, Send(Category.Marketing)).Done().Next;
        Assert.Equal(new Outcomes(1, 0), next.Outcomes);
        Assert.Equal([new OpenOutcome(2, Now - After + Tick)], next.OpenOutcomes);
    }
}
