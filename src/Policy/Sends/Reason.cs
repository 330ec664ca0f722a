namespace Actors.Policy.Sends;

/// <summary>Why a send is refused. Declared in order of precedence: when several apply, the first is the answer.</summary>
/// <remarks>
/// The list is closed. Stored and sent as numbers: never renumber, never reuse; a new reason takes its place by rank and the next free number.
/// </remarks>
public enum Reason : byte
{
    /// <summary>Nobody decided. Only a bug produces it; callers get 500, never permission.</summary>
    Undecided = 0,

    /// <summary>The business is locked.</summary>
    BusinessLocked = 1,

    /// <summary>The business is restricted for this kind of send. Time-bound.</summary>
    BusinessRestricted = 2,

    /// <summary>The number's messages per second are used up. Time-bound.</summary>
    Throughput = 3,

    /// <summary>No such template in that language, or not approved.</summary>
    TemplateUnknown = 4,

    /// <summary>The template is paused.</summary>
    TemplatePaused = 5,

    /// <summary>The template is disabled.</summary>
    TemplateDisabled = 6,

    /// <summary>The parameters don't fit the template.</summary>
    TemplateMismatch = 7,

    /// <summary>The recipient is the sending number.</summary>
    RecipientIsSender = 8,

    /// <summary>No record between this user and this business, whether or not the user exists.</summary>
    NoRelation = 9,

    /// <summary>The user has blocked the business. A business can't tell it from <see cref="NoRelation"/>.</summary>
    BlockedByUser = 10,

    /// <summary>The user wants no business messages. A business can't tell it from <see cref="NoRelation"/>.</summary>
    BusinessesOff = 11,

    /// <summary>The user is on the business's own block list. A send doesn't tell it from <see cref="NoRelation"/>; the list can be asked for.</summary>
    BlockedByBusiness = 12,

    /// <summary>Too many messages of the business are undelivered. A business can't tell it from <see cref="NoRelation"/>.</summary>
    TooManyUndelivered = 13,

    /// <summary>Opt-in for this category was never given.</summary>
    ConsentMissing = 14,

    /// <summary>Opt-in for this category was withdrawn.</summary>
    ConsentWithdrawn = 15,

    /// <summary>The user stopped this business's marketing.</summary>
    MarketingStopped = 16,

    /// <summary>The user wants no marketing from anyone.</summary>
    MarketingOff = 17,

    /// <summary>A free-form message outside the window.</summary>
    WindowClosed = 18,

    /// <summary>Too many messages from this business to this user. Time-bound.</summary>
    PairRate = 19,

    /// <summary>The user isn't interested in this business's marketing: it rests. Time-bound.</summary>
    MarketingRests = 22,

    /// <summary>The user's quiet hours. Time-bound.</summary>
    QuietHours = 23,

    /// <summary>The user's marketing cap is used up. Time-bound.</summary>
    MarketingCap = 20,

    /// <summary>The business has opened as many users in 24 hours as its messaging limit allows. Time-bound; the business's half knows when.</summary>
    MessagingLimit = 21,
}

/// <summary>One rule of the gate, declared in the gate's order. Stored and sent as numbers: never renumber; a new one takes the next free number.</summary>
public enum Rule : byte
{
    /// <summary>The business is neither locked nor restricted for this kind.</summary>
    BusinessStatus = 0,

    /// <summary>Messages per second of the number.</summary>
    Throughput = 1,

    /// <summary>The template exists, may be sent, and its parameters fit.</summary>
    Template = 2,

    /// <summary>The recipient is somebody else.</summary>
    Recipient = 3,

    /// <summary>A business whose restriction says so sends inside the window only.</summary>
    Restriction = 12,

    /// <summary>The user can be reached by this business.</summary>
    Reach = 4,

    /// <summary>The user agreed to this category.</summary>
    Consent = 5,

    /// <summary>A free-form message needs an open window.</summary>
    Window = 6,

    /// <summary>Messages from this business to this user.</summary>
    PairRate = 7,

    /// <summary>The business's marketing doesn't rest.</summary>
    MarketingRest = 10,

    /// <summary>The user's quiet hours.</summary>
    QuietHours = 11,

    /// <summary>Marketing messages to this user over all businesses.</summary>
    MarketingCap = 8,

    /// <summary>Users whom the business opens in 24 hours.</summary>
    MessagingLimit = 9,
}

/// <summary>What a rule said. Stored and sent as numbers: never renumber.</summary>
public enum RuleOutcome : byte
{
    /// <summary>Allowed.</summary>
    Pass = 0,

    /// <summary>Refused.</summary>
    Refuse = 1,

    /// <summary>The rule has nothing to say about this kind of send.</summary>
    NotApplicable = 2,
}

/// <summary>A fact that a rule used.</summary>
/// <param name="Name">snake_case, stable.</param>
/// <param name="Value">The fact as text: a number, an instant in RFC 3339, a word.</param>
/// <param name="Public">Whether the business may see it: only what the business itself did, said or is limited to.</param>
public readonly record struct Fact(string Name, string Value, bool Public);

/// <summary>One step of a decision's trace.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">What it said.</param>
/// <param name="Reason">Why, where it refused; else null.</param>
/// <param name="RetryAt">The first instant at which this rule would pass; null when it passed or waiting doesn't help.</param>
/// <param name="RetryAtIsPublic">Whether the business may see <paramref name="RetryAt"/> to the millisecond; otherwise only the full hour after it.</param>
/// <param name="Facts">What it used.</param>
public sealed record Finding(
    Rule Rule,
    RuleOutcome Outcome,
    Reason? Reason,
    Instant? RetryAt,
    bool RetryAtIsPublic,
    System.Collections.Immutable.ImmutableArray<Fact> Facts);
