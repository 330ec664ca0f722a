using Actors.Policy.Sends;

namespace Actors.Policy.Tests.Model;

/// <summary>What a user or a business did, as it was asked for. Nothing is summed up: the reading goes through all of it for every question.</summary>
internal abstract record Deed(Instant At, long Business);

internal sealed record Wrote(Instant At, long Business, string Text, bool IsReaction) : Deed(At, Business);

internal sealed record OptedIn(Instant At, long Business, Categories Categories, bool ByUser, Instant Given) : Deed(At, Business);

internal sealed record OptedOut(Instant At, long Business, Categories Categories, bool ByUser) : Deed(At, Business);

internal sealed record StoppedByCall(Instant At, long Business) : Deed(At, Business);

internal sealed record ResumedByCall(Instant At, long Business) : Deed(At, Business);

internal sealed record BlockedBusiness(Instant At, long Business) : Deed(At, Business);

internal sealed record UnblockedBusiness(Instant At, long Business) : Deed(At, Business);

internal sealed record ListedUser(Instant At, long Business, bool Listed) : Deed(At, Business);

internal sealed record Preferred(Instant At, bool Businesses, bool Marketing, int? PerDay, Quiet? Quiet) : Deed(At, 0);

/// <summary>Quiet hours in minutes after local midnight.</summary>
internal sealed record Quiet(int Start, int End);

/// <param name="PerDay">The number of the day as it stood then.</param>
internal sealed record Sent(Instant At, long Business, Category Category, bool Counted, long Number, int PerDay) : Deed(At, Business);

internal sealed record Arrived(Instant At, long Business, long Number) : Deed(At, Business);

internal sealed record WasRead(Instant At, long Business, long Number) : Deed(At, Business);

internal sealed record Ended(Instant At, long Business, long Number, bool Expired, bool HandedOut) : Deed(At, Business);

internal sealed record Felt(Instant At, long Business, long Number, bool Interested) : Deed(At, Business);

/// <summary>
/// An independent reading of the policy: keeps the whole history in one list and answers each question by going through it from the start. Slow,
/// without a record, without sharing a line with what it checks.
/// </summary>
internal sealed partial class Reading(PolicyNumbers numbers)
{
    public List<Deed> Deeds { get; } = [];

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan Week = TimeSpan.FromHours(168);

    private IEnumerable<T> Of<T>(long business) where T : Deed => Deeds.OfType<T>().Where(deed => deed.Business == business);

    public bool BusinessesOn => Deeds.OfType<Preferred>().LastOrDefault()?.Businesses ?? true;

    public bool MarketingOn => Deeds.OfType<Preferred>().LastOrDefault()?.Marketing ?? true;

    public bool IsBlocked(long business) => Of<Deed>(business).LastOrDefault(deed => deed is BlockedBusiness or UnblockedBusiness) is BlockedBusiness;

    public bool IsListed(long business) => Of<ListedUser>(business).LastOrDefault()?.Listed ?? false;

    /// <summary>The user's last message that opened the window, unless the user closed it since.</summary>
    public Instant? Opener(long business) => Deeds.Aggregate((Instant?)null, (opener, deed) => Opener(opener, deed, business));

    private static Instant? Opener(Instant? opener, Deed deed, long business) => deed switch
    {
        Wrote { IsReaction: false } wrote when wrote.Business == business && !IsStop(wrote.Text) && !IsStopAll(wrote.Text) => wrote.At,
        Preferred { Businesses: false } => null,
        BlockedBusiness when deed.Business == business => null,
        _ => opener,
    };

    public bool InWindow(long business, Instant at) => Opener(business) is { } opener && at - opener < numbers.Window.Length;

    public static bool IsStop(string text) => text == "stop";

    public static bool IsStopAll(string text) => text == "stop all";

    public static bool IsStart(string text) => text == "start";

    public enum Hold
    {
        Never,
        Live,
        GoneByBusiness,
        GoneByCall,
        GoneByBlock,
        GoneByWordWhileLive,
        GoneByWordWhileNot,
        GoneByWordWhileGone,
    }

    /// <summary>What holds for one category, since when, and when it was granted.</summary>
    public (Hold Hold, Instant Since) Consent(long business, Categories category)
    {
        var (hold, since, opener) = (Hold.Never, default(Instant), (Instant?)null);
        var blocked = false;
        foreach (var deed in Deeds)
        {
            if (deed.Business == business)
            {
                // Withdrawn, but in the window sends go through again: to withdraw once more counts from then.
                var wroteSince = IsGone(hold) && since < opener;
                (hold, since) = deed switch
                {
                    OptedIn o when (o.Categories & category) != 0 && !(hold == Hold.Live && since >= o.Given) => (Hold.Live, o.Given),
                    OptedOut { ByUser: false } o when (o.Categories & category) != 0 && hold == Hold.Live => (Hold.GoneByBusiness, o.At),
                    OptedOut { ByUser: true } o when (o.Categories & category) != 0 && (wroteSince || !IsGoneForGood(hold)) => (Hold.GoneByCall, o.At),
                    BlockedBusiness b when !blocked && (wroteSince || !IsGoneForGood(hold)) => (Hold.GoneByBlock, b.At),
                    Wrote { IsReaction: false } w when IsStopAll(w.Text) => StoppedAll(hold, since, wroteSince, w.At),
                    Wrote { IsReaction: false } w when IsStart(w.Text) && hold == Hold.GoneByWordWhileLive => (Hold.Live, w.At),
                    Wrote { IsReaction: false } w when IsStart(w.Text) && hold == Hold.GoneByWordWhileNot => (Hold.Never, default),
                    Wrote { IsReaction: false } w when IsStart(w.Text) && hold == Hold.GoneByWordWhileGone => (Hold.GoneByBusiness, since),
                    _ => (hold, since),
                };
                blocked = deed switch
                {
                    BlockedBusiness => true,
                    UnblockedBusiness => false,
                    _ => blocked,
                };
            }

            opener = Opener(opener, deed, business);
        }

        return (hold, since);
    }

    private static (Hold Hold, Instant Since) StoppedAll(Hold hold, Instant since, bool wroteSince, Instant at) => hold switch
    {
        Hold.Live => (Hold.GoneByWordWhileLive, at),
        Hold.Never => (Hold.GoneByWordWhileNot, at),
        Hold.GoneByBusiness => (Hold.GoneByWordWhileGone, at),
        _ => (hold, wroteSince ? at : since),
    };

    private static bool IsGoneForGood(Hold hold) => hold is Hold.GoneByCall or Hold.GoneByBlock;

    public static bool IsGone(Hold hold) => hold is not (Hold.Never or Hold.Live);

    public static bool IsTakenByUser(Hold hold) => IsGone(hold) && hold != Hold.GoneByBusiness;

    public bool IsStopped(long business)
    {
        var (byWord, byCall) = (false, false);
        foreach (var deed in Deeds.Where(deed => deed.Business == business))
        {
            switch (deed)
            {
                case Wrote { IsReaction: false } w when IsStop(w.Text):
                    byWord = !byCall;
                    break;
                case Wrote { IsReaction: false } w when IsStart(w.Text):
                    byWord = false;
                    break;
                case StoppedByCall:
                    (byWord, byCall) = (false, true);
                    break;
                case ResumedByCall:
                    (byWord, byCall) = (false, false);
                    break;
                default:
                    break;
            }
        }

        return byWord || byCall;
    }

    public int Undelivered(long business) => Of<Sent>(business).Count(sent => IsWaiting(sent.Number));

    /// <summary>Whether nothing is known of a message but that it was sent.</summary>
    public bool IsWaiting(long number) => !Deeds.Any(deed => deed switch
    {
        Arrived arrived => arrived.Number == number,
        WasRead read => read.Number == number,
        Ended ended => ended.Number == number,
        _ => false,
    });

    /// <summary>How much of the pair's bucket is left, in milliseconds of rest: a send costs one interval, the bucket holds a burst of them.</summary>
    public double Rest(long business, Instant at)
    {
        var interval = numbers.PairRate.Interval.TotalMilliseconds;
        var full = interval * numbers.PairRate.Burst;
        var (level, last) = (full, default(Instant));
        foreach (var sent in Of<Sent>(business))
        {
            level = Math.Min(full, level + (sent.At - last).TotalMilliseconds) - interval;
            last = sent.At;
        }

        return Math.Min(full, level + (at - last).TotalMilliseconds);
    }

    /// <summary>When the business last opened a conversation.</summary>
    public Instant? Opened(long business)
    {
        Instant? opened = null;
        for (var i = 0; i < Deeds.Count; i++)
        {
            if (Deeds[i] is Sent sent && sent.Business == business)
            {
                // What stood at that moment: the history up to it.
                var then = new Reading(numbers);
                then.Deeds.AddRange(Deeds.Take(i));
                if (!then.InWindow(business, sent.At) && !(opened is { } before && sent.At - before < Day))
                {
                    opened = sent.At;
                }
            }
        }

        return opened;
    }

    public bool IsKnown(long business, Instant at) =>
        new[] { Categories.Utility, Categories.Authentication, Categories.Marketing }.Any(category => Consent(business, category).Hold != Hold.Never)
        || IsStopped(business)
        || IsBlocked(business)
        || IsListed(business)
        || Undelivered(business) > 0
        || Rest(business, at) < numbers.PairRate.Interval.TotalMilliseconds * numbers.PairRate.Burst
        || RestsUntil(business) > at
        || (Opened(business) is { } opened && at - opened < Day)
        || (Opener(business) is { } opener && at - opener < Week);

    private static Categories AsSet(Category category) => category switch
    {
        Category.Utility => Categories.Utility,
        Category.Authentication => Categories.Authentication,
        Category.Marketing => Categories.Marketing,
        Category.Service => Categories.None,
    };

    /// <summary>The first reason against a send, or null.</summary>
    public Reason? Verdict(long business, Category category, long? quota, Instant at) =>
        Reach(business, at) ?? ConsentTo(business, category, at) ?? Window(business, category, at) ?? Rates(business, category, at)
        ?? (quota is null && Opens(business, at) ? Reason.MessagingLimit : null);

    /// <summary>Whether a send now would open a conversation.</summary>
    public bool Opens(long business, Instant at) => !InWindow(business, at) && !(Opened(business) is { } opened && at - opened < Day);

    private Reason? Reach(long business, Instant at) =>
        !IsKnown(business, at) ? Reason.NoRelation
        : IsBlocked(business) ? Reason.BlockedByUser
        : !BusinessesOn ? Reason.BusinessesOff
        : IsListed(business) ? Reason.BlockedByBusiness
        : Undelivered(business) >= numbers.Messages.UndeliveredMax ? Reason.TooManyUndelivered
        : null;

    private Reason? ConsentTo(long business, Category category, Instant at)
    {
        var (hold, since) = Consent(business, AsSet(category));
        var gone = IsGone(hold) ? Reason.ConsentWithdrawn : Reason.ConsentMissing;
        switch (category)
        {
            case Category.Marketing:
                return hold != Hold.Live ? gone : IsStopped(business) ? Reason.MarketingStopped : MarketingOn ? null : Reason.MarketingOff;
            case Category.Service:
                if (!InWindow(business, at))
                {
                    return null;
                }

                var all = new[] { Categories.Utility, Categories.Authentication, Categories.Marketing }.Select(each => Consent(business, each)).ToList();
                return all.TrueForAll(each => IsGone(each.Hold)) && all.Exists(each => each.Since >= Opener(business)) ? Reason.ConsentWithdrawn : null;
            default:
                var madeUpForByWindow = InWindow(business, at) && !(IsGone(hold) && since >= Opener(business));
                return hold == Hold.Live || madeUpForByWindow ? null : gone;
        }
    }

    private Reason? Window(long business, Category category, Instant at) =>
        category == Category.Service && !InWindow(business, at) ? Reason.WindowClosed : null;
}
