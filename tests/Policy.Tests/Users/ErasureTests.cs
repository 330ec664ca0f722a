using Actors.Policy.Users;

namespace Actors.Policy.Tests.Users;

/// <summary>What an erasure decides: what fails, what a tombstone keeps, and what stays of the user's word.</summary>
public sealed class ErasureTests
{
    private const long A = 1_000_000_000_000_001, B = 1_000_000_000_000_002;
    private static readonly Instant Now = new(1_790_000_000_000);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1), Day = TimeSpan.FromDays(1);

    [Fact]
    public void Of_somebody_unknown_there_is_nothing_to_erase() =>
        Assert.Equal(ActionDecision.Unchanged, Erasure.Erase(UserState.Empty, null, [], Now));

    [Fact]
    public void Erasing_twice_changes_nothing()
    {
        var erased = Erase(Lived()).Next;
        Assert.Equal(ActionDecision.Unchanged, Erasure.Erase(erased, new Past(erased.LastAt, erased.Messages, Categories.None), [], Now + Day));
        Assert.NotNull(Erasure.Erase(erased with { LastAt = Now + Tick }, new Past(Now, erased.Messages, Categories.None), [], Now + Day).Change);
    }

    [Fact]
    public void What_was_not_delivered_fails_and_gives_no_place_back()
    {
        var change = Erase(Lived(), Undelivered(3, A), Undelivered(5, B));
        Assert.Equal(
            [(EventKind.Failed, 3L, A, 0), (EventKind.Failed, 5, B, 0), (EventKind.DeviceChanged, 0, 0, 2)],
            change.Events.Select(happened => (happened.Kind, happened.Message, happened.Business, (int)happened.Detail)));
        Assert.All(change.Events, happened => Assert.Equal(Now, happened.At));
        Assert.Equal(2, change.Next.Receipts.Length);
    }

    [Fact]
    public void A_tombstone_keeps_what_the_rules_of_others_need_and_no_more()
    {
        var next = Erase(Lived()).Next;
        Assert.Equal(
            new UserState
            {
                LastAt = Now,
                Messages = 9,
                Receipts = [new Receipt(0, Now - Day, 0), new Receipt(B, Now - Day + Tick, 0)],
                Relations = [new Relation { Business = B, OpenedAt = Now - Day + Tick }],
            } with
            {
                Receipts = next.Receipts,
                Relations = next.Relations,
            },
            next);
        Assert.Equal([new Receipt(0, Now - Day, 0), new Receipt(B, Now - Day + Tick, 0)], next.Receipts);
        Assert.Equal([new Relation { Business = B, OpenedAt = Now - Day + Tick }], next.Relations);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void A_receipt_of_seven_days_is_none_any_more(long younger, int kept)
    {
        var receipt = new Receipt(A, Now - Erasure.TombstoneLife + TimeSpan.FromMilliseconds(younger), 1);
        Assert.Equal(kept, Erase(new UserState { LastAt = Now - Tick, Receipts = [receipt] }).Next.Receipts.Length);
    }

    [Fact]
    public void A_users_time_never_goes_back() =>
        Assert.Equal(Now + Day, Erase(new UserState { LastAt = Now + Day, ConsentEntries = 1 }).Next.LastAt);

    [Theory]
    [InlineData(ConsentStatus.Granted, false)]
    [InlineData(ConsentStatus.WithdrawnByBusiness, false)]
    [InlineData(ConsentStatus.WithdrawnByUser, true)]
    [InlineData(ConsentStatus.WithdrawnByBlock, true)]
    [InlineData(ConsentStatus.StoppedWhileGranted, true)]
    [InlineData(ConsentStatus.StoppedWhileNotGranted, true)]
    [InlineData(ConsentStatus.StoppedWhileWithdrawn, true)]
    public void Of_consent_stays_what_the_users_own_word_took_away(ConsentStatus status, bool taken) =>
        Assert.Equal(
            new Withdrawal(A, taken ? Categories.Utility : Categories.None, Categories.Utility),
            WordAgainst(new Relation { Business = A, Utility = new Consent(status, Now - Day, ConsentSource.App, 1) }));

    [Theory]
    [InlineData(MarketingStop.ByWord)]
    [InlineData(MarketingStop.ByCall)]
    public void A_stop_of_marketing_stays(MarketingStop stop)
    {
        var granted = new Consent(ConsentStatus.Granted, Now - Day, ConsentSource.App, 1);
        var stays = new Withdrawal(A, Categories.Marketing, Categories.Marketing);
        Assert.Equal(stays, WordAgainst(new Relation { Business = A, Stop = stop }));
        Assert.Equal(stays, WordAgainst(new Relation { Business = A, Stop = stop, Marketing = granted }));
    }

    [Fact]
    public void A_block_stays_for_everything() =>
        Assert.Equal(new Withdrawal(A, Categories.All, Categories.All), WordAgainst(new Relation { Business = A, BlockedAt = Now - Day }));

    [Fact]
    public void Of_a_business_that_the_user_never_said_anything_of_nothing_stays() =>
        Assert.Null(WordAgainst(new Relation { Business = A, WindowFrom = Now - Day, BlockedByBusinessAt = Now }));

    [Theory]
    [InlineData(true, true, Categories.None)]
    [InlineData(true, false, Categories.Marketing)]
    [InlineData(false, true, Categories.All)]
    [InlineData(false, false, Categories.All)]
    public void What_was_turned_off_for_all_businesses_stays(bool businesses, bool marketing, Categories taken)
    {
        var change = Erase(new UserState { LastAt = Now - Tick, ConsentEntries = 1, Preferences = new Preferences(businesses, marketing, []) });
        Assert.Equal(new Withdrawal(0, taken, Categories.None), change.Erasure!.Withdrawals[0]);
    }

    [Fact]
    public void Businesses_that_list_the_user_are_named()
    {
        var state = Lived();
        state = state with { Relations = state.Relations.SetItem(0, state.Relations[0] with { BlockedByBusinessAt = Now - Day }) };
        Assert.Equal([A], Erase(state).Erasure!.BlockLists);
    }

    [Theory]
    [InlineData(Categories.Marketing, Categories.Marketing, 0, ActionRefusal.TakenAwayByUser)]
    [InlineData(Categories.Marketing, Categories.All, 0, ActionRefusal.TakenAwayByUser)]
    [InlineData(Categories.Marketing, Categories.Utility, 0, null)]
    [InlineData(Categories.None, Categories.All, -1, ActionRefusal.OlderThanWithdrawal)]
    [InlineData(Categories.None, Categories.All, 0, null)]
    [InlineData(Categories.None, Categories.All, -1, null, false)]
    [InlineData(Categories.Marketing, Categories.Marketing, -1, ActionRefusal.TakenAwayByUser, false)]
    public void A_business_cant_undo_the_word_or_use_an_opt_in_from_before(
        Categories taken, Categories asked, long at, ActionRefusal? refusal, bool isKnown = true)
    {
        var past = new Past(Now, 9, taken) { KnownAt = isKnown ? Now : null };
        var optIn = new OptIn(A, asked, false, ConsentSource.Website, Now + TimeSpan.FromMilliseconds(at), "yes", null);
        var decision = ConsentActions.OptIn(UserState.Empty, optIn, PolicyNumbers.Default, Now + Day, past);
        Assert.Equal(refusal, decision.Refusal);
        Assert.Equal(refusal is null, decision.Change is not null);
    }

    [Fact]
    public void The_users_own_opt_in_always_wins_and_what_the_record_says_counts_from_then_on()
    {
        var past = new Past(Now, 9, Categories.All);
        var own = new OptIn(A, Categories.Marketing, true, ConsentSource.App, Now + Day, null, null);
        var state = ConsentActions.OptIn(UserState.Empty, own, PolicyNumbers.Default, Now + Day, past).Change!.Next;
        Assert.True(state.RelationWith(A)!.Marketing.IsLive);

        var renewed = new OptIn(A, Categories.Marketing, false, ConsentSource.Website, Now + (2 * Day), "yes", null);
        Assert.NotNull(ConsentActions.OptIn(state, renewed, PolicyNumbers.Default, Now + (2 * Day), past).Change);
        Assert.Equal(
            ActionRefusal.TakenAwayByUser,
            ConsentActions.OptIn(state, renewed with { Categories = Categories.Utility }, PolicyNumbers.Default, Now + (2 * Day), past).Refusal);
    }

    private static Change Erase(UserState state, params IReadOnlyList<StoredMessage> undelivered) =>
        Erasure.Erase(state, null, undelivered, Now).Change ?? throw new InvalidOperationException("nothing changed");

    private static Withdrawal? WordAgainst(Relation relation)
    {
        var withdrawals = Erase(new UserState { LastAt = Now - Tick, ConsentEntries = 1, Relations = [relation] }).Erasure!.Withdrawals;
        return withdrawals.Length == 1 ? null : withdrawals[1];
    }

    /// <summary>A user of whom every part of the record says something.</summary>
    private static UserState Lived() => new()
    {
        LastAt = Now - Tick,
        Messages = 9,
        ConsentEntries = 3,
        Preferences = new Preferences(true, false, ["de"]) { MarketingPerDay = 1, QuietHours = new QuietHours(1, 2, "UTC") },
        Relations =
        [
            new Relation { Business = A, OpenedAt = Now - Day, Stop = MarketingStop.ByCall, PairRested = Now + Day },
            new Relation { Business = B, OpenedAt = Now - Day + Tick, WindowFrom = Now - Day, Undelivered = 3, RestsUntil = Now + Day },
        ],
        Receipts = [new Receipt(A, Now - Day, 7), new Receipt(B, Now - Day + Tick, 8)],
        Keys = [new KeyReceipt(1, 2, 3, Now - Day)],
        KeysDroppedAt = Now - Day,
        Devices = [new Device("phone", Now - Day)],
        Outcomes = new Outcomes(2, 1),
        OpenOutcomes = [new OpenOutcome(7, Now - Day)],
    };

    private static StoredMessage Undelivered(long number, long business) => new()
    {
        Number = number,
        Direction = Direction.ToUser,
        Business = business,
        PhoneNumber = 2,
        Template = 7,
        Category = Category.Utility,
        At = Now - Day,
        Status = MessageStatus.Accepted,
    };
}
