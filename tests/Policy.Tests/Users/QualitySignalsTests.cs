using Actors.Policy.Businesses;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>What of deliveries and of the user's signals counts for quality, at its boundaries.</summary>
public sealed class QualitySignalsTests
{
    private const long Welcome = 7;
    private const long Offer = 8;

    private static readonly QualityMark CountsForBoth = QualityMark.Of(true, true);
    private static readonly QualityMark CountsForTemplate = QualityMark.Of(false, true);

    [Theory]
    [InlineData(Category.Marketing, true)]
    [InlineData(Category.Utility, true)]
    [InlineData(Category.Authentication, false)]
    [InlineData(Category.Service, false)]
    public void Marketing_and_utility_count(Category category, bool counts)
    {
        var delivered = Deliver(With(OptedIn()), Now, category: category);
        Assert.Equal(counts ? CountsForBoth : default, Assert.Single(delivered.Events).Quality);
        Assert.Equal(counts, delivered.Relation().Quality is not null);
    }

    [Fact]
    public void What_was_accepted_in_the_window_does_not_count()
    {
        var inWindow = Accept(With(OptedIn() with { WindowFrom = Now }), Welcome, Category.Marketing, Now);
        var outside = Accept(With(OptedIn()), Welcome, Category.Marketing, Now);
        Assert.Equal(default, Mark(Advance(inWindow.Next, inWindow.Message, Now + Day)));
        Assert.Equal(CountsForBoth, Mark(Advance(outside.Next, outside.Message, Now + Day)));
    }

    [Fact]
    public void A_row_that_does_not_say_where_it_was_accepted_does_not_count() =>
        Assert.Equal(default, Mark(MessageActions.Advance(With(OptedIn()), Message(), MessageStatus.Delivered, Numbers, Now).Done()));

    [Fact]
    public void Read_without_delivered_counts_as_delivered_once()
    {
        var (next, message) = Accept(With(OptedIn()), Welcome, Category.Utility, Now);
        var read = MessageActions.Advance(next, message, MessageStatus.Read, Numbers, Now).Done();
        Assert.Equal([CountsForBoth, default], read.Events.Select(happened => happened.Quality));
    }

    [Fact]
    public void A_user_counts_once_in_24_hours()
    {
        var first = Deliver(With(OptedIn()), Now);
        Assert.Equal(default, Mark(Deliver(first.Next, Now + Day - Tick)));
        Assert.Equal(CountsForBoth, Mark(Deliver(first.Next, Now + Day)));
    }

    [Fact]
    public void The_24_hours_begin_where_the_user_counted_and_not_at_the_last_delivery()
    {
        var first = Deliver(With(OptedIn()), Now);
        var second = Deliver(first.Next, Now + Day - Tick);
        Assert.Equal(CountsForBoth, Mark(Deliver(second.Next, Now + Day)));
    }

    [Fact]
    public void A_user_counts_once_in_24_hours_for_each_template()
    {
        var first = Deliver(With(OptedIn()), Now);
        var second = Deliver(first.Next, Now + Second, Offer);
        Assert.Equal(CountsForTemplate, Mark(second));
        Assert.Equal(default, Mark(Deliver(second.Next, Now + Day - Tick, Offer)));
        Assert.Equal(QualityMark.Of(true, false), Mark(Deliver(second.Next, Now + Day, Offer)));
        Assert.Equal(CountsForBoth, Mark(Deliver(second.Next, Now + Day + Second, Offer)));
    }

    [Fact]
    public void Beyond_its_bound_the_template_counted_longest_ago_counts_again()
    {
        var state = With(OptedIn());
        for (var template = 1; template <= QualityTrail.CountedMax + 1; template++)
        {
            state = Deliver(state, Now + (template * Second), template).Next;
        }

        Assert.Equal(QualityTrail.CountedMax, state.RelationWith(Business)!.Quality!.Counted.Length);
        Assert.Equal(default, Mark(Deliver(state, Now + TimeSpan.FromHours(1), 2)));
        Assert.Equal(CountsForTemplate, Mark(Deliver(state, Now + TimeSpan.FromHours(1), 1)));
    }

    [Fact]
    public void Each_signal_counts_as_what_it_is_and_charges_the_template_delivered_last()
    {
        var state = Deliver(Deliver(With(OptedIn() with { WindowFrom = Now - Second }), Now, Offer).Next, Now, Welcome).Next;
        Assert.Equal(Counts(NegativeSignal.Report), Mark(UserActions.Report(state, Business, ComplaintReason.Spam, null, block: false, Now).Done()));
        Assert.Equal(Counts(NegativeSignal.Block), MarkOf(UserActions.Block(state, Business, ComplaintReason.Spam, Now).Done(), EventKind.Blocked));
        Assert.Equal(Counts(NegativeSignal.OptOut), Mark(ConsentActions.OptOut(state, Business, Categories.Utility, byUser: true, Now).Done()));
        Assert.Equal(Counts(NegativeSignal.OptOut), Mark(ConsentActions.StopMarketing(state, Business, Now).Done()));
        Assert.Equal(
            Counts(NegativeSignal.NotInterested),
            Mark(MessageActions.GiveFeedback(state, Message() with { Template = Offer }, Feedback.NotInterested, Numbers, Now).Done()));
        Assert.Equal(Counts(NegativeSignal.OptOut), MarkOf(InboundGate.Decide(state, Says("stop"), Numbers, Now).Done(), EventKind.Stopped));
        Assert.Equal(Counts(NegativeSignal.OptOut), MarkOf(InboundGate.Decide(state, Says("stop all"), Numbers, Now).Done(), EventKind.OptedOut));
    }

    [Fact]
    public void What_is_no_negative_signal_of_the_user_counts_for_nothing()
    {
        var state = Deliver(With(OptedIn()), Now).Next;
        Assert.Equal(default, Mark(ConsentActions.OptOut(state, Business, Categories.All, byUser: false, Now).Done()));
        Assert.Equal(default, Mark(MessageActions.GiveFeedback(state, Message(), Feedback.Interested, Numbers, Now).Done()));
        Assert.Equal(default, Mark(MessageActions.Click(state, Message(), 0, Now).Done()));
        Assert.Equal(default, Mark(UserActions.SetPreferences(state, new Preferences(false, false, []), Numbers, Now, NoZones).Done()));
        Assert.All(InboundGate.Decide(state, Says("hello"), Numbers, Now).Done().Events, happened => Assert.Equal(default, happened.Quality));
    }

    [Fact]
    public void A_block_counts_once_though_it_is_told_as_an_opt_out_too()
    {
        var blocked = UserActions.Block(Deliver(With(OptedIn()), Now).Next, Business, ComplaintReason.Spam, Now).Done();
        Assert.Equal([EventKind.OptedOut, EventKind.Blocked], blocked.Kinds());
        Assert.Equal([default, Counts(NegativeSignal.Block)], blocked.Events.Select(happened => happened.Quality));
    }

    [Fact]
    public void A_report_with_a_block_counts_as_the_report()
    {
        var reported = UserActions.Report(Deliver(With(OptedIn()), Now).Next, Business, ComplaintReason.Spam, null, block: true, Now).Done();
        Assert.Equal([EventKind.Reported, EventKind.OptedOut, EventKind.Blocked], reported.Kinds());
        Assert.Equal([Counts(NegativeSignal.Report), default, default], reported.Events.Select(happened => happened.Quality));
    }

    [Fact]
    public void A_signal_counts_within_7_days_of_the_last_delivery()
    {
        var delivered = Deliver(Deliver(With(OptedIn()), Now - Second).Next, Now).Next;
        Assert.Equal(Counts(NegativeSignal.OptOut), Mark(ConsentActions.StopMarketing(delivered, Business, Now + Week - Tick).Done()));
        Assert.Equal(default, Mark(ConsentActions.StopMarketing(delivered, Business, Now + Week).Done()));
        Assert.Equal(default, Mark(ConsentActions.StopMarketing(With(OptedIn()), Business, Now).Done()));
        Assert.Equal(default, Mark(UserActions.Report(UserState.Empty, Business, ComplaintReason.Spam, null, block: false, Now).Done()));
    }

    [Fact]
    public void Of_signals_within_24_hours_of_the_first_only_the_heaviest_counts()
    {
        var stopped = ConsentActions.StopMarketing(Deliver(With(OptedIn()), Now).Next, Business, Now).Done();
        var later = Now + Day - Tick;
        Assert.Equal(Counts(NegativeSignal.OptOut), Mark(stopped));
        Assert.Equal(default, Mark(ConsentActions.OptOut(stopped.Next, Business, Categories.All, byUser: true, later).Done()));
        Assert.Equal(Counts(NegativeSignal.OptOut), Mark(ConsentActions.OptOut(stopped.Next, Business, Categories.All, byUser: true, Now + Day).Done()));

        var blocked = UserActions.Block(stopped.Next, Business, ComplaintReason.Spam, later).Done();
        Assert.Equal(Counts(NegativeSignal.Block, NegativeSignal.OptOut), MarkOf(blocked, EventKind.Blocked));
        Assert.Equal(Counts(NegativeSignal.Report, NegativeSignal.Block), Reported(later));
        Assert.Equal(Counts(NegativeSignal.Report), Reported(Now + Day));

        QualityMark Reported(Instant at) => Mark(UserActions.Report(blocked.Next, Business, ComplaintReason.Spam, null, block: false, at).Done());
    }

    [Fact]
    public void What_a_heavier_signal_adds_is_charged_to_the_template_delivered_last_then()
    {
        var stopped = ConsentActions.StopMarketing(Deliver(With(OptedIn()), Now).Next, Business, Now).Done().Next;
        var blocked = UserActions.Block(Deliver(stopped, Now + Second, Offer).Next, Business, ComplaintReason.Spam, Now + Second).Done();
        Assert.Equal(QualityMark.Of(NegativeSignal.Block, NegativeSignal.OptOut, Offer), MarkOf(blocked, EventKind.Blocked));
    }

    [Fact]
    public void Businesses_are_kept_apart()
    {
        var state = Deliver(With(OptedIn(), OptedIn(OtherBusiness)), Now).Next;
        Assert.Equal(default, Mark(ConsentActions.StopMarketing(state, OtherBusiness, Now).Done()));
        Assert.Equal(CountsForBoth, Mark(Deliver(state, Now, business: OtherBusiness)));
    }

    [Fact]
    public void A_trail_is_kept_only_while_it_can_matter()
    {
        var state = Deliver(With(OptedIn()), Now).Next;
        state = ConsentActions.StopMarketing(state, Business, Now + Second).Done().Next;
        var delivered = new QualityTrail { DeliveredAt = Now, Template = Welcome };
        var signalled = delivered with { SignalsFrom = Now + Second, Heaviest = NegativeSignal.OptOut };
        Assert.Equal(signalled with { CountedAt = Now }, Kept(Day - Tick));
        Assert.Equal(signalled, Kept(Day));
        Assert.Equal(delivered, Kept(Day + Second));
        Assert.Equal(delivered, Kept(Week - Tick));
        Assert.Null(Kept(Week));

        // Any change of the user, of another business's, too.
        QualityTrail? Kept(TimeSpan after)
        {
            var trail = UserActions.AddDevice(state, "phone", Now + after).Done().Relation().Quality;
            Assert.Equal(after < Day ? [new CountedTemplate(Welcome, Now)] : [], trail?.Counted ?? []);
            return trail is null ? null : trail with { Counted = [] };
        }
    }

    private static QualityMark Counts(NegativeSignal signal, NegativeSignal? after = null) => QualityMark.Of(signal, after, Welcome);

    private static QualityMark Mark(Change change) => Assert.Single(change.Events).Quality;

    private static QualityMark MarkOf(Change change, EventKind kind) => Assert.Single(change.Events, happened => happened.Kind == kind).Quality;

    private static Change Deliver(
        UserState state, Instant now, long template = Welcome, long business = Business, Category category = Category.Marketing) =>
        Advance(state, Outside(template, business, category), now);

    private static Change Advance(UserState state, StoredMessage message, Instant now) =>
        MessageActions.Advance(state, message, MessageStatus.Delivered, Numbers, now).Done();

    /// <summary>A message that was accepted outside the window: two bytes say so.</summary>
    private static StoredMessage Outside(long template, long business, Category category) =>
        Message(category: category) with { Template = template, Business = business, Explanation = new byte[] { 1, 0 } };

    private static (UserState Next, StoredMessage Message) Accept(UserState state, long template, Category category, Instant now)
    {
        var change = Decide(state, Send(category) with { Template = template }, now).Done();
        return (change.Next, Message(category: category) with { Template = template, Explanation = change.Message!.Explanation });
    }
}
