using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using Orleans.Concurrency;

namespace Actors.Contracts;

/// <summary>A user: decides and records what is sent to them and what they say. Key: wa_id (E.164 digits as an integer).</summary>
/// <remarks>
/// Refusals are values. An outage (<see cref="OutageException"/>) means that nothing is known to have happened; where the answer is a promise or a refusal
/// that commits nothing, the grain has made sure that its record is still the newest.
/// </remarks>
[Alias("actors.user")]
public interface IUserGrain : IGrainWithIntegerKey
{
    /// <summary>Decides one send and makes it durable before the answer.</summary>
    [Alias("send")]
    Task<SendReply> SendAsync(SendRequest request);

    /// <summary>
    /// What a send's idempotency key was used for, where the business's half of the gate would refuse a retry: a message once made for a key stays made.
    /// </summary>
    /// <param name="key">See <see cref="SendCommand.Key"/>.</param>
    /// <param name="body">See <see cref="SendCommand.Body"/>.</param>
    /// <returns>Replayed or key reused; null when the key was not used.</returns>
    [Alias("replay")]
    Task<SendReply?> ReplayAsync(ulong key, ulong body);

    /// <summary>Decides one send, with its trace, and commits nothing.</summary>
    [Alias("dry-run")]
    Task<SendReply> DryRunAsync(SendRequest request);

    /// <summary>The user's own message to a business.</summary>
    [Alias("write")]
    Task<InboundReply> WriteAsync(InboundCommand command);

    /// <summary>An opt-in, by the user or by a business with its proof.</summary>
    [Alias("opt-in")]
    Task<ActionReply> OptInAsync(OptIn optIn);

    /// <summary>An opt-out, by the user or by a business.</summary>
    [Alias("opt-out")]
    Task<ActionReply> OptOutAsync(long business, Categories categories, bool byUser);

    /// <summary>The user stops a business's marketing.</summary>
    [Alias("stop-marketing")]
    Task<ActionReply> StopMarketingAsync(long business);

    /// <summary>The user resumes a business's marketing.</summary>
    [Alias("resume-marketing")]
    Task<ActionReply> ResumeMarketingAsync(long business);

    /// <summary>The user blocks a business.</summary>
    [Alias("block")]
    Task<ActionReply> BlockAsync(long business, ComplaintReason reason);

    /// <summary>The user unblocks a business.</summary>
    [Alias("unblock")]
    Task<ActionReply> UnblockAsync(long business);

    /// <summary>The user reports a business.</summary>
    /// <param name="message">The message's number within the user; null for none.</param>
    [Alias("report")]
    Task<ActionReply> ReportAsync(long business, ComplaintReason reason, long? message, bool block);

    /// <summary>The user's word about all businesses.</summary>
    [Alias("set-preferences")]
    Task<ActionReply> SetPreferencesAsync(Preferences preferences);

    /// <summary>Registers a device.</summary>
    [Alias("add-device")]
    Task<ActionReply> AddDeviceAsync(string device);

    /// <summary>Removes a device.</summary>
    [Alias("remove-device")]
    Task<ActionReply> RemoveDeviceAsync(string device);

    /// <summary>A business's own block list.</summary>
    [Alias("set-business-block")]
    Task<ActionReply> SetBusinessBlockAsync(long business, bool blocked);

    /// <summary>Moves a message of a business to delivered or read.</summary>
    /// <param name="message">Its number within the user.</param>
    /// <param name="to">Delivered or read.</param>
    /// <param name="device">The device that says so, and that it has everything up to this message; null for none.</param>
    [Alias("advance")]
    Task<ActionReply> AdvanceAsync(long message, MessageStatus to, string? device = null);

    /// <summary>Moves many messages to delivered or read, in one commit.</summary>
    /// <param name="to">Delivered or read.</param>
    /// <param name="device">The device that says so, and that it has everything up to the newest of these messages; null for none.</param>
    /// <param name="messages">Their numbers within the user, at most <see cref="Acknowledgements.Max"/>; none for all up to <paramref name="upTo"/>.</param>
    /// <param name="upTo">With no messages named: the newest one that is meant. At most as many as can be named are moved, the oldest first.</param>
    [Alias("acknowledge")]
    Task<AcknowledgementReply> AcknowledgeAsync(MessageStatus to, string? device, ImmutableArray<long> messages, long upTo);

    /// <summary>A message can't be delivered.</summary>
    /// <param name="message">Its number within the user.</param>
    /// <param name="handedOut">Whether its content was handed to a device: then its place in the marketing cap stays used.</param>
    /// <param name="cause">Why.</param>
    [Alias("fail")]
    Task<ActionReply> FailAsync(long message, bool handedOut, FailureCause cause = FailureCause.Undeliverable);

    /// <summary>Lets a message expire whose time is over by the ledger's clock; before that nothing happens.</summary>
    /// <param name="message">Its number within the user.</param>
    /// <returns>Whether it doesn't wait for its delivery any more, whatever became of it; false: it isn't due.</returns>
    [Alias("expire")]
    Task<bool> ExpireAsync(long message);

    /// <summary>Contents are about to be handed to a device: the places of these messages in the marketing cap don't come back.</summary>
    /// <param name="messages">Their numbers within the user.</param>
    [Alias("hand-out")]
    Task<ActionReply> HandOutAsync(ImmutableArray<long> messages);

    /// <summary>Marketing is about to be pushed: it waits in quiet hours, doesn't go where the user has withdrawn, or is noted as handed out.</summary>
    [Alias("push")] Task<PushReply> PushAsync(ImmutableArray<PushedMessage> marketing);

    /// <summary>Whether the user has a device of this name.</summary>
    [Alias("has-device")] Task<bool> HasDeviceAsync(string device);

    /// <summary>The user's feedback on a marketing message.</summary>
    [Alias("give-feedback")]
    Task<ActionReply> GiveFeedbackAsync(long message, Feedback feedback);

    /// <summary>The user clicked a button of a message.</summary>
    [Alias("click")]
    Task<ActionReply> ClickAsync(long message, byte button);

    /// <summary>A business has read a message of the user.</summary>
    [Alias("read-by-business")]
    Task<ActionReply> ReadByBusinessAsync(long business, long message);

    /// <summary>Erases the user: what was not delivered fails, all held about them goes, their word against businesses stays as keyed hashes.</summary>
    [Alias("erase")]
    Task<ActionReply> EraseAsync();

    /// <summary>Everything the record holds, for the user's own view.</summary>
    [Alias("view")]
    Task<UserView> ViewAsync();

    /// <summary>One message; null when there is none of that number.</summary>
    [Alias("message"), AlwaysInterleave]
    Task<StoredMessage?> MessageAsync(long message);

    /// <summary>
    /// Messages of businesses to the user with numbers above <paramref name="after"/>, ascending, for a device: what of marketing it hasn't reported is noted
    /// as handed out before this answers. Messages that have failed or expired come without their content.
    /// </summary>
    [Alias("inbox"), AlwaysInterleave]
    Task<ImmutableArray<StoredMessage>> InboxAsync(long after, int limit);
}

/// <summary>The answer to the user's own message.</summary>
/// <param name="Refusal">Why not; null when it is stored.</param>
/// <param name="Message">The message's number within the user.</param>
/// <param name="Replayed">Whether the same client id and body had been used before.</param>
/// <param name="WindowUntil">When the window ends; null when it is closed.</param>
[GenerateSerializer, Immutable, Alias("actors.inbound-reply")]
public sealed record InboundReply(
    [property: Id(0)] ActionRefusal? Refusal, [property: Id(1)] long Message, [property: Id(2)] bool Replayed, [property: Id(3)] Instant? WindowUntil);

/// <summary>The answer to an action.</summary>
/// <param name="Refusal">Why not; null when it holds.</param>
/// <param name="Changed">Whether it changed anything; false when it already was so.</param>
[GenerateSerializer, Immutable, Alias("actors.action-reply")]
public sealed record ActionReply([property: Id(0)] ActionRefusal? Refusal, [property: Id(1)] bool Changed);

/// <summary>The answer to an acknowledgement.</summary>
/// <param name="Messages">The named messages in the order in which they were named, or those that were meant.</param>
/// <param name="IsMore">Whether some that were meant are left: say it again.</param>
[GenerateSerializer, Immutable, Alias("actors.acknowledgement-reply")]
public sealed record AcknowledgementReply([property: Id(0)] ImmutableArray<AcknowledgedMessage> Messages, [property: Id(1)] bool IsMore);

/// <summary>What became of one message.</summary>
/// <param name="Message">Its number within the user.</param>
/// <param name="Refusal">Why not; null when it is as was said.</param>
/// <param name="Changed">Whether it wasn't so before.</param>
[GenerateSerializer, Immutable, Alias("actors.acknowledged-message")]
public readonly record struct AcknowledgedMessage(
    [property: Id(0)] long Message, [property: Id(1)] ActionRefusal? Refusal, [property: Id(2)] bool Changed);

/// <summary>The user's record and the proofs of live consent.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Version">0 when nothing was ever heard of this user.</param>
/// <param name="State">The record.</param>
/// <param name="Consents">The whole consent log, oldest first.</param>
[GenerateSerializer, Immutable, Alias("actors.user-view")]
public sealed record UserView(
    [property: Id(0)] Instant Now,
    [property: Id(1)] long Version,
    [property: Id(2)] UserState State,
    [property: Id(3)] ImmutableArray<ConsentEntry> Consents);

/// <summary>Why nothing could be done. Sent as a number: never renumber.</summary>
public enum OutageKind : byte
{
    /// <summary>Too much waits; nothing was done.</summary>
    Overloaded = 1,

    /// <summary>The storage is away, or the clock can't be trusted; nothing was done.</summary>
    Unavailable = 2,

    /// <summary>It may or may not have been done.</summary>
    Unknown = 3,
}

/// <summary>An outage: the API answers 503.</summary>
[GenerateSerializer, Alias("actors.outage")]
public sealed class OutageException : Exception
{
    /// <summary>Creates it.</summary>
    public OutageException(OutageKind kind, string message) : base(message) => Kind = kind;

    /// <summary>What kind.</summary>
    [Id(0)]
    public OutageKind Kind { get; private set; }
}
