using Actors.Api.V1;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.Tests.V1;

/// <summary>What a business and a user see of what is stored.</summary>
public sealed class RenderingTests : IDisposable
{
    private const long User = 4_917_012_345_678;
    private const long Business = 1_000_000_007_000_000;
    private static readonly Instant Now = new(1_800_000_000_000);
    private readonly Wamid _wamid = new(new byte[32]);

    public void Dispose() => _wamid.Dispose();

    [Theory]
    [InlineData(EventKind.Blocked)]
    [InlineData(EventKind.Unblocked)]
    [InlineData(EventKind.Reported)]
    [InlineData(EventKind.FeedbackGiven)]
    [InlineData(EventKind.PreferencesChanged)]
    [InlineData(EventKind.DeviceChanged)]
    public void A_business_never_sees_what_is_the_users_own(EventKind kind) => Assert.Null(Render(new UserEvent(kind, Now, Business)));

    [Fact]
    public void Every_other_kind_has_a_word_of_its_own()
    {
        var words = Enum.GetValues<EventKind>().Select(kind => Render(new UserEvent(kind, Now, Business))?.Kind).OfType<string>().ToList();

        Assert.Equal(Enum.GetValues<EventKind>().Length - 6, words.Count);
        Assert.Equal(words.Count, words.Distinct().Count());
    }

    [Fact]
    public void An_accepted_send_says_whom_what_and_whether_it_counts()
    {
        var shape = Render(new UserEvent(EventKind.Accepted, Now, Business, 7, Template: 3_000_000_007_000_001, Category: Category.Marketing, Counted: true));

        Assert.NotNull(shape);
        Assert.Equal(("accepted", "4917012345678", "marketing", true), (shape.Kind, shape.User, shape.Category, shape.Counted));
        Assert.True(_wamid.TryDecode(shape.Message, out var user, out var message));
        Assert.Equal((User, 7), (user, message));
    }

    [Fact]
    public void A_business_cannot_tell_a_block_from_an_opt_out()
    {
        var entry = new ConsentEntry(2, Business, false, Categories.All, ConsentActor.User, ConsentSource.App, Now, Now, null, null);
        var byCall = OptInShape.From(new ConsentLine(5, User, entry));

        var byBlock = OptInShape.From(new ConsentLine(5, User, entry with { By = ConsentActor.UserBlock }));
        var byWord = OptInShape.From(new ConsentLine(5, User, entry with { By = ConsentActor.UserWord, Source = ConsentSource.Message }));
        Assert.Equal(byCall with { Categories = [] }, byBlock with { Categories = [] });
        Assert.Equal(byCall with { Categories = [] }, byWord with { Categories = [] });
    }

    [Fact]
    public void A_business_hears_the_same_refusal_whether_it_is_blocked_or_opted_out_of() =>
        Assert.Equal(
            Refusals.Of(ActionRefusal.Blocked, Auth.CallerRole.Business).Code,
            Refusals.Of(ActionRefusal.TakenAwayByUser, Auth.CallerRole.Business).Code);

    [Fact]
    public void A_place_of_the_cap_comes_free_when_the_message_that_holds_it_is_one_period_old()
    {
        var first = new Instant(Now.Milliseconds - Instant.Day + 1);
        var state = View(new Receipt(Business, first, 1), new Receipt(Business, Now, 2)).State;
        var numbers = new MarketingCapNumbers { PerWeek = 2, PerBusinessPerDay = 3 };

        var (day, week) = ((first + TimeSpan.FromDays(1)).ToString(), (first + TimeSpan.FromDays(7)).ToString());
        Assert.Equal(
            new MarketingCapShape(new CapShape(2, 2, 0, day), "standard", new CapShape(2, 2, 0, week), 3), MarketingCapShape.From(state, numbers, Now));
        Assert.Equal(new CapShape(2, 1, 1, null), MarketingCapShape.From(state, numbers, Now + TimeSpan.FromMilliseconds(1)).Day);
        Assert.Equal(new CapShape(0, 2, 0, null), MarketingCapShape.From(state, numbers with { PerDay = 0 }, Now).Day);
        Assert.Equal(new CapShape(1, 2, 0, (Now + TimeSpan.FromDays(1)).ToString()), MarketingCapShape.From(state, numbers with { PerDay = 1 }, Now).Day);
    }

    [Fact]
    public void A_window_is_open_until_the_millisecond_at_which_it_ends()
    {
        var relation = new Relation { Business = Business, WindowFrom = new Instant(Now.Milliseconds - Instant.Day + 1) };

        Assert.True(UserBusiness.From(relation, null, View(), PolicyNumbers.Default).Window.Open);
        Assert.False(UserBusiness.From(relation, null, View() with { Now = Now + TimeSpan.FromMilliseconds(1) }, PolicyNumbers.Default).Window.Open);
    }

    [Fact]
    public void A_consent_is_shown_with_its_wording()
    {
        var entry = new ConsentEntry(
            3, Business, true, Categories.Marketing, ConsentActor.Business, ConsentSource.Website, Now, Now, "Yes, send me news", "form 9");
        var consent = new Consent(ConsentStatus.Granted, Now, ConsentSource.Website, 3);

        var shape = ConsentShape.From(Category.Marketing, consent, View() with { Consents = [entry] });

        Assert.Equal(new ConsentShape("marketing", "granted", Now.ToString(), "website", "business", "Yes, send me news", "form 9"), shape);
        Assert.Null(ConsentShape.From(Category.Utility, default, View()));
    }

    private EventShape? Render(UserEvent e) => EventRendering.Render(new EventLine(9, User, e, null), _wamid);

    private static UserView View(params ReadOnlySpan<Receipt> receipts) => new(Now, 1, UserState.Empty with { Receipts = [.. receipts] }, []);
}
