using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>What a decision about one user needs to know, and nothing else. Immutable: a decision makes a new one.</summary>
/// <remarks>
/// About 1,000 bytes at most when stored. Messages, proofs of consent and events are rows of their own in the same commit.
/// </remarks>
public sealed record UserState
{
    /// <summary>A user of whom nothing is known.</summary>
    public static UserState Empty { get; } = new();

    /// <summary>The newest instant in this record. Decisions are made at the later of it and now: a user's time never goes back.</summary>
    public Instant LastAt { get; init; }

    /// <summary>How many messages this user has sent and received; the next one has the number after it. Numbers start at 1.</summary>
    public long Messages { get; init; }

    /// <summary>How many entries the user's consent log has; the next one has the number after it. Numbers start at 1.</summary>
    public uint ConsentEntries { get; init; }

    /// <summary>The user's word about all businesses.</summary>
    public Preferences Preferences { get; init; } = Preferences.Default;

    /// <summary>One entry for each business with which anything but defaults is left, ascending by business.</summary>
    public ImmutableArray<Relation> Relations { get; init; } = [];

    /// <summary>Counted marketing messages within the cap's longest period, oldest first, at most <see cref="ReceiptsMax"/>.</summary>
    public ImmutableArray<Receipt> Receipts { get; init; } = [];

    /// <summary>How the user's newest marketing messages ended, but for those of <see cref="OpenOutcomes"/> that are over by now.</summary>
    public Outcomes Outcomes { get; init; }

    /// <summary>Marketing messages that were delivered and wait for their outcome, in the order of delivery, at most <see cref="OpenOutcomesMax"/>.</summary>
    public ImmutableArray<OpenOutcome> OpenOutcomes { get; init; } = [];

    /// <summary>The newest idempotency keys, oldest first, at most <see cref="KeysMax"/>.</summary>
    public ImmutableArray<KeyReceipt> Keys { get; init; } = [];

    /// <summary>When the newest key that fell out of <see cref="Keys"/> was used; null when none did. Such keys are found in the message rows.</summary>
    public Instant? KeysDroppedAt { get; init; }

    /// <summary>The user's devices, ascending by name (ordinal), at most <see cref="DevicesMax"/>.</summary>
    public ImmutableArray<Device> Devices { get; init; } = [];

    /// <summary>What holds between this user and a business; null where there is no entry.</summary>
    public Relation? RelationWith(long business)
    {
        var (low, high) = (0, Relations.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var relation = Relations[middle];
            if (relation.Business == business)
            {
                return relation;
            }

            if (relation.Business < business)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return null;
    }

    /// <summary>Most receipts that a record holds; also the upper bound for every number of the marketing cap.</summary>
    public const int ReceiptsMax = 32;

    /// <summary>Most messages that wait for their outcome at once.</summary>
    public const int OpenOutcomesMax = 20;

    /// <summary>Most keys that a record holds; older ones are looked up in the message rows.</summary>
    public const int KeysMax = 8;

    /// <summary>Most devices of one user.</summary>
    public const int DevicesMax = 8;
}

/// <summary>The user's word about all businesses.</summary>
/// <param name="Businesses">Whether businesses may write at all.</param>
/// <param name="Marketing">Whether any business may send marketing.</param>
/// <param name="Languages">BCP 47 tags the user reads, best first; informative.</param>
public sealed record Preferences(bool Businesses, bool Marketing, ImmutableArray<string> Languages)
{
    /// <summary>
    /// The user's own number of counted marketing messages in 24 hours, over all businesses; null for the platform's. The lower one holds.
    /// </summary>
    public byte? MarketingPerDay { get; init; }

    /// <summary>When the user wants no marketing; null for never.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>Everything allowed, no language stated.</summary>
    public static Preferences Default { get; } = new(true, true, []);
}

/// <summary>What holds between one user and one business.</summary>
public sealed record Relation
{
    /// <summary>The business's id.</summary>
    public required long Business { get; init; }

    /// <summary>Consent to utility messages.</summary>
    public Consent Utility { get; init; }

    /// <summary>Consent to authentication messages.</summary>
    public Consent Authentication { get; init; }

    /// <summary>Consent to marketing messages.</summary>
    public Consent Marketing { get; init; }

    /// <summary>The user's stop of this business's marketing.</summary>
    public MarketingStop Stop { get; init; }

    /// <summary>When the user blocked the business; null while not blocked.</summary>
    public Instant? BlockedAt { get; init; }

    /// <summary>Why the user blocked it; only while blocked.</summary>
    public ComplaintReason BlockReason { get; init; }

    /// <summary>When the business put the user on its own block list; null while not on it.</summary>
    public Instant? BlockedByBusinessAt { get; init; }

    /// <summary>The user's last message that opened or refreshed the window; null when the window was closed by the user's word or never opened.</summary>
    public Instant? WindowFrom { get; init; }

    /// <summary>Theoretical arrival time of the pair rate (GCRA): the instant at which the pair is fully rested; the default when it always was.</summary>
    public Instant PairRested { get; init; }

    /// <summary>When the business last opened a conversation (a send outside the window); null when never. For the business's messaging limit.</summary>
    public Instant? OpenedAt { get; init; }

    /// <summary>How many accepted messages of the business are neither delivered nor at an end.</summary>
    public int Undelivered { get; init; }

    /// <summary>What of deliveries and of the user's signals can still matter for the business's quality; null for nothing.</summary>
    public QualityTrail? Quality { get; init; }

    /// <summary>Until when the business's marketing rests, because the user said not interested; null when it never did, or no longer has to.</summary>
    public Instant? RestsUntil { get; init; }

    /// <summary>Who spoke last; null where neither did, or nobody remembers. Keeps no relation by itself.</summary>
    public Turn? Turn { get; init; }

    /// <summary>Consent for one category; service has none.</summary>
    public Consent ConsentFor(Category category) => category switch
    {
        Category.Service => default,
        Category.Utility => Utility,
        Category.Authentication => Authentication,
        Category.Marketing => Marketing,
    };

    /// <summary>
    /// When the window ends or ended: it is open before this instant and closed at it. Null when it is not open by the user's word or never was.
    /// </summary>
    public Instant? WindowUntil(WindowNumbers numbers) => WindowFrom is { } from ? from + numbers.Length : null;

    /// <summary>Whether the user's own message keeps a window open at <paramref name="now"/>.</summary>
    public bool WindowIsOpen(WindowNumbers numbers, Instant now) => WindowUntil(numbers) > now;

    /// <summary>Whether the business opened a conversation with the user in the last 24 hours: then a further send opens none.</summary>
    public bool WasOpenedWithinADay(Instant now) => OpenedAt is { } opened && opened + OpeningPeriod > now;

    /// <summary>
    /// Whether nothing but defaults is left at <paramref name="now"/>: then a send finds no relation, and the next record has no entry. That holds
    /// without consent in any state but none, stop, block and undelivered message, once the pair and the marketing are rested, the opening is 24 hours
    /// old, and the user's last message is so old that no window can be open (<see cref="WindowNumbers.LengthMax"/>, whatever length is configured).
    /// </summary>
    public bool HoldsNothing(Instant now) =>
        Utility.Status == ConsentStatus.None
        && Authentication.Status == ConsentStatus.None
        && Marketing.Status == ConsentStatus.None
        && Stop == MarketingStop.None
        && BlockedAt is null
        && BlockedByBusinessAt is null
        && Undelivered == 0
        && PairRested <= now
        && !(RestsUntil > now)
        && !WasOpenedWithinADay(now)
        && !(WindowFrom is { } from && from + WindowNumbers.LengthMax > now);

    /// <summary>The relation without what can't matter any more at <paramref name="now"/>; itself where all can.</summary>
    internal Relation Live(Instant now) =>
        Quality is null || Quality.Live(now) is var live && ReferenceEquals(live, Quality) ? this : this with { Quality = live };

    private static readonly TimeSpan OpeningPeriod = TimeSpan.FromDays(1);
}

/// <summary>Who spoke last, a user or a business, and from when on the other one's answer is timed.</summary>
/// <remarks>
/// Where it is the user: since the first of their messages that the business hasn't answered, for so long they have waited. Where it is the business: since its
/// newest send, which is what the user answers. Reactions and STOP words ask for no answer and are none.
/// </remarks>
/// <param name="ByUser">Whether it was the user.</param>
/// <param name="At">Since when.</param>
public readonly record struct Turn(bool ByUser, Instant At)
{
    /// <summary>Whose turn it was when the user wrote, and now.</summary>
    internal static Turn Wrote(Turn? before, Instant now) => before is { ByUser: true } waiting ? waiting : new Turn(ByUser: true, now);
}

/// <summary>One counted marketing message.</summary>
/// <param name="Business">Who sent it.</param>
/// <param name="At">When it was accepted.</param>
/// <param name="Message">Its number within the user; 0 once its content was handed to a device: then its place stays, however it ends.</param>
public readonly record struct Receipt(long Business, Instant At, long Message);

/// <summary>One use of an idempotency key (of a business's send, or of the user's own message).</summary>
/// <param name="Key">Hash over the business's id, the direction and the key.</param>
/// <param name="Body">Hash over the parsed and normalised body.</param>
/// <param name="Message">The message's number within the user.</param>
/// <param name="At">When it was accepted.</param>
public readonly record struct KeyReceipt(ulong Key, ulong Body, long Message, Instant At);

/// <summary>A device of the user.</summary>
/// <param name="Name">1 to 36 characters out of A-Z, a-z, 0-9, dash and underscore.</param>
/// <param name="Since">When it was registered.</param>
/// <param name="Acked">Number of the message up to which it says that it has everything; 0 while it has said nothing.</param>
/// <param name="ReadUpTo">Number of the message up to which it says that everything was read on it; 0 while it has said nothing. Never above Acked.</param>
public readonly record struct Device(string Name, Instant Since, long Acked = 0, long ReadUpTo = 0);
