using System.Collections.Immutable;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>Many messages delivered or read in one commit, and contents that nobody needs any more.</summary>
public sealed class AcknowledgementTests
{
    private static readonly UserState TwoDevices = With(OptedIn() with { Undelivered = 3 }) with
    {
        Messages = 9,
        Devices = [new Device("a", Now, 4), new Device("b", Now, 6)],
    };

    private static StoredMessage Of(long number, MessageStatus status = MessageStatus.Accepted) =>
        Message(category: Category.Utility, status: status) with { Number = number };

    /// <summary>Quiet hours of a day but for one minute, which is not now.</summary>
    private static QuietHours QuietNow
    {
        get
        {
            var minute = (int)(Now.Milliseconds / 60_000 % QuietHours.DayMinutes);
            return new QuietHours(minute, (minute + QuietHours.DayMinutes - 1) % QuietHours.DayMinutes, "UTC");
        }
    }

    private static StoredMessage Offer(long number, MessageStatus status = MessageStatus.Accepted) =>
        Message(category: Category.Marketing, status: status) with { Number = number };

    private static AcknowledgementDecision Say(
        UserState state, Acknowledgement said, ImmutableArray<StoredMessage> messages, params ImmutableArray<StoredMessage> kept) =>
        Acknowledgements.Decide(state, said, messages, kept, Numbers, Now);

    [Fact]
    public void Many_messages_move_in_one_change_and_each_is_answered()
    {
        var messages = ImmutableArray.Create(
            Of(1),
            Of(2, MessageStatus.Delivered),
            Of(3, MessageStatus.Read),
            Of(5, MessageStatus.Failed),
            Of(6) with { Direction = Direction.FromUser },
            Of(7));
        var said = Say(TwoDevices, new(MessageStatus.Read), messages);
        Assert.Equal(
            [
                new Acknowledged(null, true),
                new(null, true),
                new(null, false),
                new(ActionRefusal.StatusBackwards, false),
                new(ActionRefusal.MessageMismatch, false),
                new(null, true),
            ],
            said.Results);
        var change = said.Change!;
        Assert.Equal(
            [(EventKind.Delivered, 1L), (EventKind.Read, 1L), (EventKind.Read, 2L), (EventKind.Delivered, 7L), (EventKind.Read, 7L)],
            change.Events.Select(happened => (happened.Kind, happened.Message)));
        Assert.Equal(
            [(1L, MessageStatus.Read, true), (2L, MessageStatus.Read, true), (7L, MessageStatus.Read, false)],
            change.Steps.Select(step => (step.Number, step.Status, step.DropsContent)));
        Assert.Equal(1, change.Relation().Undelivered);
        Assert.Throws<ArgumentOutOfRangeException>(() => Say(TwoDevices, new(MessageStatus.Failed), messages));
        Assert.Null(Say(TwoDevices, new(MessageStatus.Delivered), [Of(2, MessageStatus.Delivered)]).Change);
    }

    [Fact]
    public void A_device_says_up_to_where_it_has_everything_and_takes_nothing_back()
    {
        Assert.Equal([("a", 7L), ("b", 6L)], Acked(new(MessageStatus.Delivered, "a", 7)));
        Assert.Equal([("a", 9L), ("b", 6L)], Acked(new(MessageStatus.Delivered, "a", 99)));
        Acknowledgement[] nothings = [new(MessageStatus.Delivered, "a", 4), new(MessageStatus.Delivered, "c", 7), new(MessageStatus.Read, null, 7)];
        foreach (var nothing in nothings)
        {
            Assert.Same(TwoDevices, Acknowledgements.Noted(TwoDevices, nothing));
            Assert.Null(Say(TwoDevices, nothing, []).Change);
        }

        static IEnumerable<(string, long)> Acked(Acknowledgement said)
        {
            var change = Say(TwoDevices, said, []).Change!;
            Assert.Empty(change.Events);
            Assert.Equal(Now, change.Next.LastAt);
            return change.Next.Devices.Select(device => (device.Name, device.Acked));
        }
    }

    [Fact]
    public void All_up_to_one_means_no_marketing_that_no_device_can_have_and_naming_it_works()
    {
        var held = TwoDevices with { Receipts = [new Receipt(Business, Now, 7), new Receipt(OtherBusiness, Now, 0)] };
        StoredMessage[] unfinished = [Of(5), Offer(6), Offer(7), Offer(8, MessageStatus.Delivered), Of(9)];
        Assert.Equal([5L, 6, 8, 9], Meant(held));
        Assert.Equal([5L, 6, 7, 8, 9], Meant(TwoDevices));

        // In a window marketing has no receipt: in quiet hours it may be held, too.
        var quiet = TwoDevices with { Preferences = Preferences.Default with { QuietHours = QuietNow } };
        Assert.Equal([5L, 8, 9], Meant(quiet));
        Assert.Equal(new Acknowledged(null, true), Say(held, new(MessageStatus.Read), [Offer(7)]).Results[0]);

        IEnumerable<long> Meant(UserState state) => Acknowledgements.Meant(state, unfinished, Now, (_, _) => TimeSpan.Zero).Select(message => message.Number);
    }

    [Fact]
    public void A_device_has_nothing_behind_what_is_held_back_from_it()
    {
        var held = TwoDevices with { Receipts = [new Receipt(Business, Now, 8)] };
        Assert.Equal([7L, 6], Acked(held, 9));
        Assert.Equal([7L, 6], Acked(held, 8));
        Assert.Equal([7L, 6], Acked(held, 7));
        Assert.Equal([4L, 6], Acked(held with { Receipts = [new Receipt(Business, Now, 3)] }, 9));
        Assert.Equal([9L, 6], Acked(held with { Receipts = [new Receipt(Business, Now, 0)] }, 9));
        Assert.Equal(9, Acknowledgements.UpTo(TwoDevices, 9, Now, (_, _) => TimeSpan.Zero));
        var quiet = TwoDevices with { Preferences = Preferences.Default with { QuietHours = QuietNow } };
        Assert.Equal(0, Acknowledgements.UpTo(quiet, 9, Now, (_, _) => TimeSpan.Zero));

        static IEnumerable<long> Acked(UserState state, long upTo) =>
            Acknowledgements.Noted(state, new(MessageStatus.Delivered, "a", upTo)).Devices.Select(device => device.Acked);
    }

    [Fact]
    public void The_last_device_that_acknowledges_what_was_read_drops_its_content()
    {
        var kept = new[] { Of(5, MessageStatus.Read) with { ReadAt = Now - Second }, Of(6, MessageStatus.Read), Of(7, MessageStatus.Read), Of(4) };
        var change = Say(TwoDevices, new(MessageStatus.Delivered, "a", 8), [], [.. kept]).Change!;
        Assert.Empty(change.Events);
        Assert.Equal(
            [
                new MessageStep(5, MessageStatus.Read, null, Now - Second, null, Feedback.None, true),
                new(6, MessageStatus.Read, null, null, null, Feedback.None, true),
            ],
            change.Steps);
        Assert.Empty(Say(TwoDevices, new(MessageStatus.Delivered, "b", 8), [], [Of(5, MessageStatus.Read)]).Change!.Steps);
    }

    [Fact]
    public void Without_devices_a_content_goes_when_it_is_read()
    {
        Assert.Equal(long.MaxValue, Acknowledgements.ReleasedUpTo(With(OptedIn())));
        Assert.Equal(4, Acknowledgements.ReleasedUpTo(TwoDevices));
        Assert.True(MessageActions.Advance(With(OptedIn()), Of(5), MessageStatus.Read, Numbers, Now).Done().Steps[0].DropsContent);
        Assert.False(MessageActions.Advance(With(OptedIn()), Of(5), MessageStatus.Delivered, Numbers, Now).Done().Steps[0].DropsContent);
        Assert.True(MessageActions.Advance(TwoDevices, Of(4), MessageStatus.Read, Numbers, Now).Done().Steps[0].DropsContent);
        Assert.False(MessageActions.Advance(TwoDevices, Of(5), MessageStatus.Read, Numbers, Now).Done().Steps[0].DropsContent);
    }

    [Fact]
    public void A_device_that_leaves_holds_up_no_content()
    {
        StoredMessage[] kept = [Of(5, MessageStatus.Read), Of(7, MessageStatus.Read), Of(6, MessageStatus.Delivered)];
        var change = UserActions.RemoveDevice(TwoDevices, "a", [.. kept], Now).Done();
        Assert.Equal([5L], change.Steps.Select(step => step.Number));
        Assert.Equal(["b"], UserActions.Without(TwoDevices, "a").Devices.Select(device => device.Name));
        Assert.Equal(["a", "b"], UserActions.Without(TwoDevices, "c").Devices.Select(device => device.Name));
    }

    [Fact]
    public void A_user_answers_what_was_said_between_them_and_this_business()
    {
        var business = Says("yes").Business;
        Assert.Null(InboundGate.WhyNotAnswer(business, [], []));
        Assert.Null(InboundGate.WhyNotAnswer(business, [5, 6], [Of(5), Of(6) with { Direction = Direction.FromUser }]));
        Assert.Equal(ActionRefusal.MessageUnknown, InboundGate.WhyNotAnswer(business, [5, 6], [Of(5)]));
        Assert.Equal(ActionRefusal.MessageMismatch, InboundGate.WhyNotAnswer(business, [5, 6], [Of(5), Of(6) with { Business = OtherBusiness }]));
    }
}
