using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class RelationTests
{
    private static readonly Relation Empty = new() { Business = Business };

    [Fact]
    public void A_relation_with_nothing_but_defaults_holds_nothing() => Assert.True(Empty.HoldsNothing(Now));

    [Theory]
    [InlineData(ConsentStatus.Granted)]
    [InlineData(ConsentStatus.WithdrawnByBusiness)]
    [InlineData(ConsentStatus.StoppedWhileNotGranted)]
    [InlineData(ConsentStatus.StoppedWhileWithdrawn)]
    public void Consent_in_any_state_but_none_is_something(ConsentStatus status)
    {
        var consent = new Consent(status, Now, default, 1);
        Assert.False((Empty with { Utility = consent }).HoldsNothing(Now));
        Assert.False((Empty with { Authentication = consent }).HoldsNothing(Now));
        Assert.False((Empty with { Marketing = consent }).HoldsNothing(Now));
    }

    [Fact]
    public void Stops_blocks_and_undelivered_messages_are_something()
    {
        Assert.False((Empty with { Stop = MarketingStop.ByWord }).HoldsNothing(Now));
        Assert.False((Empty with { BlockedAt = Now }).HoldsNothing(Now));
        Assert.False((Empty with { BlockedByBusinessAt = Now }).HoldsNothing(Now));
        Assert.False((Empty with { Undelivered = 1 }).HoldsNothing(Now));
    }

    [Fact]
    public void A_tired_pair_is_something_until_it_is_rested()
    {
        Assert.False((Empty with { PairRested = Now + Tick }).HoldsNothing(Now));
        Assert.True((Empty with { PairRested = Now }).HoldsNothing(Now));
    }

    [Fact]
    public void An_opened_conversation_is_something_for_a_day()
    {
        Assert.False((Empty with { OpenedAt = Now - Day + Tick }).HoldsNothing(Now));
        Assert.True((Empty with { OpenedAt = Now - Day }).HoldsNothing(Now));
    }

    [Fact]
    public void The_users_message_is_something_as_long_as_any_window_could_be_open()
    {
        Assert.False((Empty with { WindowFrom = Now - Week + Tick }).HoldsNothing(Now));
        Assert.True((Empty with { WindowFrom = Now - Week }).HoldsNothing(Now));
    }

    [Fact]
    public void Each_category_has_its_own_consent()
    {
        var relation = Empty with
        {
            Utility = Granted with { Entry = 1 },
            Authentication = Granted with { Entry = 2 },
            Marketing = Granted with { Entry = 3 },
        };
        Assert.Equal(default, relation.ConsentFor(Category.Service));
        Assert.Equal(1U, relation.ConsentFor(Category.Utility).Entry);
        Assert.Equal(2U, relation.ConsentFor(Category.Authentication).Entry);
        Assert.Equal(3U, relation.ConsentFor(Category.Marketing).Entry);
    }

    [Fact]
    public void Every_change_drops_relations_that_hold_nothing_and_receipts_that_can_no_longer_count()
    {
        var stale = new Relation { Business = 50, WindowFrom = Now - Week };
        var state = With(stale, OptedIn()) with { Receipts = [new(Business, Now - Week, 1), new(Business, Now - Week + Tick, 2)] };
        var next = MessageActions.Click(state, Message(), 0, Now).Done().Next;
        Assert.Equal([Business], next.Relations.Select(relation => relation.Business));
        Assert.Equal([2L], next.Receipts.Select(receipt => receipt.Message));
        Assert.Equal(next.Relations, MessageActions.Click(next, Message(), 0, Now).Done().Next.Relations);
    }
}
