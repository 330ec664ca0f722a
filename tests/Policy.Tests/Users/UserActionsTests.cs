using System.Collections.Immutable;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class UserActionsTests
{
    [Fact]
    public void A_block_withdraws_everything_by_the_users_word_and_closes_the_window()
    {
        var byUser = new Consent(ConsentStatus.WithdrawnByUser, Now - Second, ConsentSource.Sms, 1);
        var state = With(new Relation { Business = Business, Utility = Granted, Authentication = byUser, WindowFrom = Now - Second });
        var change = UserActions.Block(state, Business, ComplaintReason.Spam, Now).Done();
        Assert.Equal(
            new Relation
            {
                Business = Business,
                Utility = new Consent(ConsentStatus.WithdrawnByBlock, Now, ConsentSource.Website, 2),
                Authentication = byUser,
                Marketing = new Consent(ConsentStatus.WithdrawnByBlock, Now, default, 2),
                BlockedAt = Now,
                BlockReason = ComplaintReason.Spam,
            },
            change.Relation());
        const Categories withdrawn = Categories.Utility | Categories.Marketing;
        Assert.Equal(
            [
                new UserEvent(EventKind.OptedOut, Now, Business, Categories: withdrawn, Detail: (byte)ConsentActor.UserBlock),
                new UserEvent(EventKind.Blocked, Now, Business, Detail: (byte)ComplaintReason.Spam),
            ],
            change.Events);
        Assert.Equal(
            [new ConsentEntry(2, Business, false, withdrawn, ConsentActor.UserBlock, ConsentSource.App, Now, Now, null, null)],
            change.Consents);
    }

    [Fact]
    public void A_block_is_told_and_logged_as_an_opt_out_of_everything_is()
    {
        UserState[] states =
        [
            UserState.Empty,
            With(OptedIn()),
            With(OptedIn() with { WindowFrom = Now }),
            With(OptedIn() with { Utility = new Consent(ConsentStatus.StoppedWhileGranted, Now - Day, ConsentSource.Sms, 9) }),
            With(OptedIn() with { Marketing = new Consent(ConsentStatus.WithdrawnByUser, Now - Day, default, 1), WindowFrom = Now - Second }),
        ];
        foreach (var state in states)
        {
            var block = UserActions.Block(state, Business, ComplaintReason.Other, Now).Done();
            var optOut = ConsentActions.OptOut(state, Business, Categories.All, byUser: true, Now).Done();
            Assert.Equal(optOut.Events.Select(AsSeen), block.Events.Where(told => told.Kind != EventKind.Blocked).Select(AsSeen));
            Assert.Equal(optOut.Consents, block.Consents.Select(entry => entry with { By = ConsentActor.User }));
            Assert.Equal(
                Relations(optOut).Select(consent => consent with { Status = ConsentStatus.WithdrawnByBlock }),
                Relations(block).Select(consent => consent with { Status = ConsentStatus.WithdrawnByBlock }));
        }

        static UserEvent AsSeen(UserEvent told) => told with { Detail = 0 };

        static Consent[] Relations(Change change) => [change.Relation().Utility, change.Relation().Authentication, change.Relation().Marketing];
    }

    [Fact]
    public void Blocking_twice_keeps_the_first_reason()
    {
        var blocked = UserActions.Block(UserState.Empty, Business, ComplaintReason.Spam, Now).Done().Next;
        Assert.Same(ActionDecision.Unchanged, UserActions.Block(blocked, Business, ComplaintReason.Other, Now + Day));
    }

    [Fact]
    public void Unblocking_restores_nothing()
    {
        var blocked = UserActions.Block(With(OptedIn() with { WindowFrom = Now }), Business, ComplaintReason.Spam, Now).Done();
        var change = UserActions.Unblock(blocked.Next, Business, Now + Second).Done();
        Assert.Equal(blocked.Relation() with { BlockedAt = null, BlockReason = ComplaintReason.NoReason }, change.Relation());
        Assert.Equal([new UserEvent(EventKind.Unblocked, Now + Second, Business)], change.Events);
        Assert.Empty(change.Consents);
        Assert.Same(ActionDecision.Unchanged, UserActions.Unblock(change.Next, Business, Now));
        Assert.Same(ActionDecision.Unchanged, UserActions.Unblock(UserState.Empty, Business, Now));
        Assert.Equal(Reason.ConsentWithdrawn, Decide(change.Next, Send(Category.Utility), Now + Second).Reason);
    }

    [Fact]
    public void A_report_is_an_event_and_nothing_else()
    {
        var change = UserActions.Report(With(OptedIn()), Business, ComplaintReason.Offensive, Message(), block: false, Now).Done();
        Assert.Equal(
            [new UserEvent(EventKind.Reported, Now, Business, 5, Number, 7, Category.Marketing, Detail: (byte)ComplaintReason.Offensive)],
            change.Events);
        Assert.Equal(OptedIn(), change.Relation());
        Assert.Empty(change.Steps);

        change = UserActions.Report(UserState.Empty, Business, ComplaintReason.Spam, null, block: false, Now).Done();
        Assert.Equal([new UserEvent(EventKind.Reported, Now, Business, Detail: (byte)ComplaintReason.Spam)], change.Events);
        Assert.Empty(change.Next.Relations);
    }

    [Fact]
    public void A_report_can_block_in_the_same_change()
    {
        var change = UserActions.Report(With(OptedIn()), Business, ComplaintReason.Spam, Message(), block: true, Now).Done();
        Assert.Equal([EventKind.Reported, EventKind.OptedOut, EventKind.Blocked], change.Kinds());
        Assert.Equal(ComplaintReason.Spam, change.Relation().BlockReason);
        Assert.Single(change.Consents);
        Assert.Equal(2U, change.Next.ConsentEntries);
        Assert.Equal([EventKind.Reported], UserActions.Report(change.Next, Business, ComplaintReason.Spam, null, block: true, Now).Done().Kinds());
    }

    [Fact]
    public void A_report_about_a_message_is_about_one_of_this_business_to_the_user()
    {
        var fromUser = Message(Direction.FromUser);
        Assert.Equal(ActionRefusal.MessageMismatch, UserActions.Report(UserState.Empty, Business, default, fromUser, block: true, Now).Refusal);
        Assert.Equal(ActionRefusal.MessageMismatch, UserActions.Report(UserState.Empty, OtherBusiness, default, Message(), block: true, Now).Refusal);
    }

    [Fact]
    public void Preferences_are_replaced_as_a_whole()
    {
        var preferences = new Preferences(true, false, ["de", "en"]);
        var change = UserActions.SetPreferences(With(OptedIn() with { WindowFrom = Now }), preferences, Numbers, Now, NoZones).Done();
        Assert.Same(preferences, change.Next.Preferences);
        Assert.Equal([new UserEvent(EventKind.PreferencesChanged, Now, Detail: 1)], change.Events);
        Assert.Equal(Now, change.Relation().WindowFrom);
        Assert.Same(ActionDecision.Unchanged, UserActions.SetPreferences(change.Next, new Preferences(true, false, ["de", "en"]), Numbers, Now, NoZones));
        Assert.NotNull(UserActions.SetPreferences(change.Next, new Preferences(true, false, ["en", "de"]), Numbers, Now, NoZones).Change);
        Assert.NotNull(UserActions.SetPreferences(change.Next, new Preferences(true, true, ["de", "en"]), Numbers, Now, NoZones).Change);
        Assert.NotNull(UserActions.SetPreferences(change.Next, new Preferences(false, false, ["de", "en"]), Numbers, Now, NoZones).Change);
    }

    [Fact]
    public void The_own_number_is_at_most_the_platforms_as_it_stands_or_what_it_was()
    {
        Preferences Own(byte? number) => Preferences.Default with { MarketingPerDay = number };
        ActionDecision Set(UserState state, byte? number) => UserActions.SetPreferences(state, Own(number), Numbers, Now, NoZones);
        Assert.Equal((byte)2, Set(With(OptedIn()), 2).Done().Next.Preferences.MarketingPerDay);
        Assert.Equal((byte)0, Set(With(OptedIn()), 0).Done().Next.Preferences.MarketingPerDay);
        Assert.Equal(ActionRefusal.NumberTooHigh, Set(With(OptedIn()), 3).Refusal);

        var engaged = With(OptedIn()) with { Outcomes = new Outcomes(10, 0x3F) };
        var four = Set(engaged, 4).Done().Next;
        Assert.Equal(ActionRefusal.NumberTooHigh, Set(engaged, 5).Refusal);
        Assert.Same(ActionDecision.Unchanged, Set(four, 4));
        Assert.Null(Set(four, null).Done().Next.Preferences.MarketingPerDay);

        // The platform's number falls: to repeat the own one is no error, to ask anew for as much is.
        var fallen = four with { Outcomes = default };
        var both = Own(4) with { Marketing = false };
        Assert.Equal(both, UserActions.SetPreferences(fallen, both, Numbers, Now, NoZones).Done().Next.Preferences);
        Assert.Equal(ActionRefusal.NumberTooHigh, Set(fallen with { Preferences = Own(1) }, 3).Refusal);
        Assert.Equal((byte)2, Set(fallen with { Preferences = Own(0) }, 2).Done().Next.Preferences.MarketingPerDay);
    }

    [Fact]
    public void Quiet_hours_are_in_a_zone_that_is_known()
    {
        var night = Preferences.Default with { QuietHours = new QuietHours(1_320, 420, "Europe/Berlin") };
        Assert.Equal(ActionRefusal.TimeZoneUnknown, UserActions.SetPreferences(With(OptedIn()), night, Numbers, Now, NoZones).Refusal);
        OffsetAt berlin = (zone, at) => zone == "Europe/Berlin" && at == Now ? TimeSpan.FromHours(2) : null;
        var state = UserActions.SetPreferences(With(OptedIn()) with { LastAt = Now }, night, Numbers, Now - Day, berlin).Done().Next;
        Assert.Equal(night, state.Preferences);

        // The same hours once more change nothing; other ones do, and none.
        var same = night with { QuietHours = new QuietHours(1_320, 420, "Europe/Berlin") };
        Assert.Same(ActionDecision.Unchanged, UserActions.SetPreferences(state, same, Numbers, Now, NoZones));
        Assert.Null(UserActions.SetPreferences(state, Preferences.Default, Numbers, Now, NoZones).Done().Next.Preferences.QuietHours);
    }

    [Fact]
    public void Turning_businesses_off_closes_every_window()
    {
        var state = With(OptedIn() with { WindowFrom = Now }, OptedIn(OtherBusiness) with { WindowFrom = Now - Day });
        var change = UserActions.SetPreferences(state, new Preferences(false, true, []), Numbers, Now, NoZones).Done();
        Assert.All(change.Next.Relations, relation => Assert.Null(relation.WindowFrom));
        Assert.Equal(2, change.Next.Relations.Length);
        Assert.Equal(2, change.Events[0].Detail);
        Assert.Equal(0, UserActions.SetPreferences(state, new Preferences(false, false, []), Numbers, Now, NoZones).Done().Events[0].Detail);
        Assert.Equal(3, UserActions.SetPreferences(change.Next, Preferences.Default, Numbers, Now, NoZones).Done().Events[0].Detail);
    }

    [Fact]
    public void Devices_come_in_order_and_go()
    {
        var state = UserState.Empty;
        foreach (var name in new[] { "b", "C", "a", "B" })
        {
            var change = UserActions.AddDevice(state, name, Now).Done();
            Assert.Equal([new UserEvent(EventKind.DeviceChanged, Now, Detail: 1)], change.Events);
            state = change.Next;
        }

        Assert.Equal([new Device("B", Now), new Device("C", Now), new Device("a", Now), new Device("b", Now)], state.Devices);
        Assert.Same(ActionDecision.Unchanged, UserActions.AddDevice(state, "a", Now + Day));
        var removed = UserActions.RemoveDevice(state, "C", [], Now).Done();
        Assert.Equal(["B", "a", "b"], removed.Next.Devices.Select(device => device.Name));
        Assert.Equal([new UserEvent(EventKind.DeviceChanged, Now, Detail: 0)], removed.Events);
        Assert.Equal(ActionRefusal.DeviceUnknown, UserActions.RemoveDevice(removed.Next, "C", [], Now).Refusal);
        Assert.Equal(ActionRefusal.DeviceUnknown, UserActions.RemoveDevice(removed.Next, "z", [], Now).Refusal);
    }

    [Fact]
    public void A_user_has_at_most_eight_devices()
    {
        var state = UserState.Empty;
        for (var i = 0; i < UserState.DevicesMax; i++)
        {
            state = UserActions.AddDevice(state, $"d{i}", Now).Done().Next;
        }

        Assert.Equal(8, state.Devices.Length);
        Assert.Equal(ActionRefusal.TooManyDevices, UserActions.AddDevice(state, "one-more", Now).Refusal);
        Assert.Same(ActionDecision.Unchanged, UserActions.AddDevice(state, "d3", Now));
    }

    [Fact]
    public void A_business_lists_only_users_who_wrote_within_the_window()
    {
        var wrote = With(new Relation { Business = Business, WindowFrom = Now - Day });
        Assert.Equal(ActionRefusal.NoRecentMessage, UserActions.SetBusinessBlock(wrote, Business, true, Numbers, Now).Refusal);
        Assert.Equal(ActionRefusal.NoRecentMessage, UserActions.SetBusinessBlock(UserState.Empty, Business, true, Numbers, Now).Refusal);
        var change = UserActions.SetBusinessBlock(wrote, Business, true, Numbers, Now - Tick).Done();
        Assert.Equal(Now - Tick, change.Relation().BlockedByBusinessAt);
        Assert.Equal([new UserEvent(EventKind.BlockListChanged, Now - Tick, Business, Detail: 1)], change.Events);
    }

    [Fact]
    public void A_business_takes_a_user_off_its_list_at_any_time()
    {
        var state = With(OptedIn() with { BlockedByBusinessAt = Now - Week });
        Assert.Same(ActionDecision.Unchanged, UserActions.SetBusinessBlock(state, Business, true, Numbers, Now));
        var change = UserActions.SetBusinessBlock(state, Business, false, Numbers, Now).Done();
        Assert.Equal(OptedIn(), change.Relation());
        Assert.Equal([new UserEvent(EventKind.BlockListChanged, Now, Business, Detail: 0)], change.Events);
        Assert.Same(ActionDecision.Unchanged, UserActions.SetBusinessBlock(change.Next, Business, false, Numbers, Now));
        Assert.Same(ActionDecision.Unchanged, UserActions.SetBusinessBlock(UserState.Empty, Business, false, Numbers, Now));
    }

    [Fact]
    public void Every_change_moves_the_records_time_on_and_never_back()
    {
        var state = With(OptedIn() with { WindowFrom = Now - Second }) with { LastAt = Now, Devices = [new Device("a", Now)] };
        foreach (var (now, at) in new[] { (Now - Day, Now), (Now + Second, Now + Second) })
        {
            ImmutableArray<ActionDecision> all =
            [
                UserActions.Block(state, Business, default, now),
                UserActions.Report(state, Business, default, null, false, now),
                UserActions.SetPreferences(state, new Preferences(true, false, []), Numbers, now, NoZones),
                UserActions.AddDevice(state, "b", now),
                UserActions.RemoveDevice(state, "a", [], now),
                UserActions.SetBusinessBlock(state, Business, true, Numbers, now),
                ConsentActions.OptIn(state, OptIn(Categories.All, byUser: true), Numbers, now),
                ConsentActions.OptOut(state, Business, Categories.All, true, now),
                ConsentActions.StopMarketing(state, Business, now),
                InboundGate.Decide(state, Says("hi"), Numbers, now),
                MessageActions.Advance(state, Message(), MessageStatus.Read, Numbers, now),
                MessageActions.GiveFeedback(state, Message(), Feedback.Interested, Numbers, now),
                MessageActions.Click(state, Message(), 0, now),
                MessageActions.ReadByBusiness(state, Message(Direction.FromUser), Business, now),
            ];
            Assert.All(all, decision => Assert.Equal(at, decision.Done().Next.LastAt));
            Assert.All(all, decision => Assert.All(decision.Done().Events, happened => Assert.Equal(at, happened.At)));
        }
    }
}
