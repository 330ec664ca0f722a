using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>What a decision asks to be made durable, all or nothing: the next state and the rows that belong to it.</summary>
/// <param name="Next">The user's next state.</param>
/// <param name="Events">What happened, in order; at least one, but for a mere note (<see cref="MessageActions.HandOut"/>).</param>
public sealed record Change(UserState Next, ImmutableArray<UserEvent> Events)
{
    /// <summary>A new message row; null when the decision makes none.</summary>
    public NewMessage? Message { get; init; }

    /// <summary>Steps of existing message rows, each of another message.</summary>
    public ImmutableArray<MessageStep> Steps { get; init; } = [];

    /// <summary>New entries of the consent log, in order.</summary>
    public ImmutableArray<ConsentEntry> Consents { get; init; } = [];

    /// <summary>That the user is erased: all their rows go. Null for any other change.</summary>
    public Erasure? Erasure { get; init; }
}

/// <summary>Which way a message goes. Stored as a number: never renumber.</summary>
public enum Direction : byte
{
    /// <summary>From a business to the user: a send.</summary>
    ToUser = 0,

    /// <summary>From the user to a business.</summary>
    FromUser = 1,
}

/// <summary>How far a message has come. Stored as a number: never renumber. Statuses never go backwards.</summary>
public enum MessageStatus : byte
{
    /// <summary>Durable; `sent` to the outside.</summary>
    Accepted = 0,

    /// <summary>Handed to a device.</summary>
    Delivered = 1,

    /// <summary>Read; terminal, implies delivered.</summary>
    Read = 2,

    /// <summary>Can't be delivered; terminal.</summary>
    Failed = 3,

    /// <summary>Not delivered in time; terminal.</summary>
    Expired = 4,
}

/// <summary>What the user said of a marketing message. Stored as a number: never renumber.</summary>
public enum Feedback : byte
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>More of this.</summary>
    Interested = 1,

    /// <summary>Less of this.</summary>
    NotInterested = 2,
}

/// <summary>A message to be stored.</summary>
/// <param name="Number">Its number within the user, from 1.</param>
/// <param name="Direction">Which way it goes.</param>
/// <param name="Business">The business's id.</param>
/// <param name="PhoneNumber">Id of the business's number that it goes through.</param>
/// <param name="Template">Id of the template; 0 for none.</param>
/// <param name="Category">What kind it is.</param>
/// <param name="At">When it was accepted.</param>
/// <param name="Content">
/// UTF-8 JSON of the message in the Cloud API's shape: <c>type</c> and the object that it names, and <c>context</c> if there is one.
/// </param>
/// <param name="Key">Hash of the idempotency key; null when none was given.</param>
/// <param name="Body">Hash of the body; 0 when no key was given.</param>
/// <param name="CallbackData">The sender's opaque data, echoed with every status; null for none.</param>
/// <param name="Explanation">Why it was accepted, in at most 24 bytes; empty for none.</param>
/// <param name="ExpiresAt">For a send: at and after this instant it is not delivered any more. Null for a message of the user.</param>
public sealed record NewMessage(
    long Number,
    Direction Direction,
    long Business,
    long PhoneNumber,
    long Template,
    Category Category,
    Instant At,
    ReadOnlyMemory<byte> Content,
    ulong? Key,
    ulong Body,
    string? CallbackData,
    ReadOnlyMemory<byte> Explanation,
    Instant? ExpiresAt = null);

/// <summary>A step of an existing message: its columns after the step.</summary>
/// <param name="Number">The message's number within the user.</param>
/// <param name="Status">Its status after the step.</param>
/// <param name="DeliveredAt">When it was delivered; null while it was not.</param>
/// <param name="ReadAt">When it was read; null while it was not.</param>
/// <param name="EndedAt">When it failed or expired; null while it did not.</param>
/// <param name="Feedback">What the user said of it.</param>
/// <param name="DropsContent">Whether its content goes with the step: nobody needs it any more.</param>
/// <param name="Devices">What the user's devices said of it after the step; default where no device says anything with it.</param>
public sealed record MessageStep(
    long Number,
    MessageStatus Status,
    Instant? DeliveredAt,
    Instant? ReadAt,
    Instant? EndedAt,
    Feedback Feedback,
    bool DropsContent = false,
    ImmutableArray<DeviceMark> Devices = default);

/// <summary>Who gave or withdrew consent. Stored as a number: never renumber.</summary>
public enum ConsentActor : byte
{
    /// <summary>The user, by call.</summary>
    User = 0,

    /// <summary>The business, with its proof.</summary>
    Business = 1,

    /// <summary>The user, by a STOP or START word.</summary>
    UserWord = 2,

    /// <summary>The user, by blocking the business.</summary>
    UserBlock = 3,
}

/// <summary>One entry of a user's consent log: a grant or a withdrawal. The ledger chains it to the entry before by its hash.</summary>
/// <param name="Number">Its number within the user, from 1.</param>
/// <param name="Business">The business's id.</param>
/// <param name="Grant">True for a grant, false for a withdrawal.</param>
/// <param name="Categories">What it is about; never none.</param>
/// <param name="By">Who did it.</param>
/// <param name="Source">Where it was given.</param>
/// <param name="At">When it was given or withdrawn, as stated by who did it.</param>
/// <param name="RecordedAt">When it was recorded: the decision's instant.</param>
/// <param name="Wording">The wording shown; null where there was none.</param>
/// <param name="Evidence">Reference to the evidence; null where there is none.</param>
public sealed record ConsentEntry(
    uint Number,
    long Business,
    bool Grant,
    Categories Categories,
    ConsentActor By,
    ConsentSource Source,
    Instant At,
    Instant RecordedAt,
    string? Wording,
    string? Evidence);

/// <summary>What happened. Stored as a number: never renumber.</summary>
public enum EventKind : byte
{
    /// <summary>A send was accepted.</summary>
    Accepted = 1,

    /// <summary>A message reached a device.</summary>
    Delivered = 2,

    /// <summary>A message was read.</summary>
    Read = 3,

    /// <summary>A message can't be delivered.</summary>
    Failed = 4,

    /// <summary>A message was not delivered in time.</summary>
    Expired = 5,

    /// <summary>The user wrote to the business.</summary>
    Inbound = 6,

    /// <summary>Consent was given.</summary>
    OptedIn = 7,

    /// <summary>Consent was withdrawn.</summary>
    OptedOut = 8,

    /// <summary>The user stopped the business's marketing.</summary>
    Stopped = 9,

    /// <summary>The user resumed the business's marketing.</summary>
    Resumed = 10,

    /// <summary>The user blocked the business. Never shown to the business person by person.</summary>
    Blocked = 11,

    /// <summary>The user unblocked the business. Never shown to the business person by person.</summary>
    Unblocked = 12,

    /// <summary>The user reported the business. Never shown to the business person by person.</summary>
    Reported = 13,

    /// <summary>The user said interested or not interested. Never shown to the business person by person.</summary>
    FeedbackGiven = 14,

    /// <summary>The user clicked a button.</summary>
    Clicked = 15,

    /// <summary>The user changed preferences. Belongs to no business.</summary>
    PreferencesChanged = 16,

    /// <summary>A device came or went. Belongs to no business.</summary>
    DeviceChanged = 17,

    /// <summary>The business put the user on its block list or took them off.</summary>
    BlockListChanged = 18,

    /// <summary>The business read the user's message.</summary>
    ReadByBusiness = 19,

    /// <summary>A business was registered, verified or changed. Belongs to no user.</summary>
    BusinessChanged = 32,

    /// <summary>A template was created, reviewed, edited or deleted. Belongs to no user.</summary>
    TemplateChanged = 33,

    /// <summary>A business or a template came into another band of quality. Belongs to no user.</summary>
    QualityChanged = 34,

    /// <summary>A strike or a lock. Belongs to no user.</summary>
    Restricted = 35,

    /// <summary>An unlock, or a strike taken back. Belongs to no user.</summary>
    RestrictionLifted = 36,

    /// <summary>An appeal was filed or upheld. Belongs to no user.</summary>
    AppealChanged = 37,

    /// <summary>A business comes near red or near a strike. Belongs to no user.</summary>
    EarlyWarning = 38,

    /// <summary>A business's messaging limit moved. Belongs to no user.</summary>
    LimitChanged = 39,

    /// <summary>The throughput of a business's numbers moved to another level. Belongs to no user.</summary>
    ThroughputChanged = 40,
}

/// <summary>One line of the ledger about a user; the ledger adds the user and its place in the order.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When: the decision's instant.</param>
/// <param name="Business">The business concerned; 0 for none.</param>
/// <param name="Message">The message's number within the user; 0 for none.</param>
/// <param name="PhoneNumber">Id of the business's number; 0 for none.</param>
/// <param name="Template">Id of the template; of a user's message the one that it answers, if it is an answer; 0 for none.</param>
/// <param name="Category">The message's category.</param>
/// <param name="Categories">The categories of a consent event.</param>
/// <param name="Detail">
/// A number whose meaning the kind gives: <see cref="ComplaintReason"/>, <see cref="Feedback"/>, a button's index, 1 for came and 0 for
/// went (<see cref="Erasure.AllDevices"/>: all, with their user), for failed and expired 1 where the message's place in the marketing cap came free and
/// above that bit the <see cref="FailureCause"/>, …
/// </param>
/// <param name="Counted">For accepted: counted against the marketing cap.</param>
/// <param name="InWindow">For accepted: inside a window that the user's message opened.</param>
/// <param name="Quality">What it adds to the quality of the business and of a template. Never shown person by person.</param>
/// <param name="Opened">For accepted: it opened a conversation, and so counts against the business's messaging limit.</param>
/// <param name="Quota">For what opened: the piece of the limit that paid; 0 where the business was not limited.</param>
/// <param name="Life">For accepted: after how long it expires undelivered, whole milliseconds; null for <see cref="MessageLife.Standard"/>.</param>
/// <param name="Response">
/// For the business's first send after the user wrote, and the user's first message after a send: after how long, whole milliseconds (<see cref="Turn"/>).
/// </param>
public readonly record struct UserEvent(
    EventKind Kind,
    Instant At,
    long Business = 0,
    long Message = 0,
    long PhoneNumber = 0,
    long Template = 0,
    Category Category = Category.Service,
    Categories Categories = Categories.None,
    byte Detail = 0,
    bool Counted = false,
    bool InWindow = false,
    QualityMark Quality = default,
    bool Opened = false,
    long Quota = 0,
    TimeSpan? Life = null,
    TimeSpan? Response = null);
