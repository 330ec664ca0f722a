using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Webhooks;
using Orleans.Concurrency;

namespace Actors.Contracts;

/// <summary>A business's webhooks: who is told what of it, and how far that is. Key: the business's id. Delivers while there is something to deliver.</summary>
[Alias("actors.webhooks")]
public interface IWebhooksGrain : IGrainWithIntegerKey
{
    /// <summary>Adds a webhook, or changes the one with the same address, once its receiver has answered the challenge.</summary>
    /// <param name="actor">Role and name.</param>
    /// <exception cref="OutageException">It can't be done now, or can't be known to be done.</exception>
    [Alias("subscribe"), ResponseTimeout(WebhookPatience.Text)]
    Task<SubscribeReply> SubscribeAsync(WebhookRequest request, string actor);

    /// <summary>All of them, ascending by number.</summary>
    [Alias("list")]
    Task<ImmutableArray<WebhookView>> ListAsync();

    /// <summary>Removes one, at once and with all that it hasn't delivered.</summary>
    /// <returns>Whether there was one.</returns>
    [Alias("remove")]
    Task<bool> RemoveAsync(int webhook, string actor);

    /// <summary>Stops delivering, or goes on, at once and without waiting for the next try.</summary>
    /// <returns>Whether there is one.</returns>
    [Alias("pause")]
    Task<bool> PauseAsync(int webhook, bool paused, string actor);

    /// <summary>Gives it another secret, which is good beside the old one for a while and alone after it.</summary>
    /// <param name="secret">The new one; null to make one.</param>
    /// <param name="seconds">How long both are good; 0 for not at all.</param>
    /// <returns>Null where there is no such webhook.</returns>
    [Alias("rotate")]
    Task<RotateReply?> RotateAsync(int webhook, WebhookSecret? secret, int seconds, string actor);

    /// <summary>Ends a rotation now: from here on the new secret is the only one. Without one under way, nothing changes.</summary>
    /// <returns>Whether there is such a webhook.</returns>
    [Alias("finish-rotation")]
    Task<bool> FinishRotationAsync(int webhook, string actor);

    /// <summary>What is parked, with numbers above <paramref name="after"/>, ascending; null where there is no such webhook.</summary>
    /// <param name="limit">1 to 1,000.</param>
    [Alias("parked")]
    Task<ImmutableArray<ParkedView>?> ParkedAsync(int webhook, long after, int limit);

    /// <summary>Tries a parked batch once more, now. Delivered, it is no longer parked.</summary>
    /// <returns>How it ended; null where there is no such webhook, or nothing of this number is parked.</returns>
    [Alias("redrive"), ResponseTimeout(WebhookPatience.Text)]
    Task<AttemptResult?> RedriveAsync(int webhook, long sequence);

    /// <summary>A hint: there is something new. Also starts what isn't running.</summary>
    /// <param name="upTo">The place of the ledger up to which there is.</param>
    /// <returns>Whether it has something left to deliver; then it is to be woken again where it runs no longer.</returns>
    [Alias("wake"), AlwaysInterleave]
    Task<bool> WakeAsync(long upTo);
}

/// <summary>Reads the log for all webhooks and wakes those of businesses that have something new. Key: 0. One for all nodes.</summary>
[Alias("actors.webhook-feed")]
public interface IWebhookFeedGrain : IGrainWithIntegerKey
{
    /// <summary>Starts it where it doesn't run. Every node says so now and then.</summary>
    [Alias("wake")]
    Task WakeAsync();

    /// <summary>A business has webhooks from now on.</summary>
    [Alias("subscribed")]
    Task SubscribedAsync(long business);
}

/// <summary>How long whoever calls waits for what a receiver is asked for: longer than any receiver may take.</summary>
public static class WebhookPatience
{
    /// <summary>As a length of time: 30 seconds.</summary>
    public const string Text = "00:00:30";
}

/// <summary>A secret of a webhook, which no log can print: whatever carries it shows nothing of it.</summary>
/// <param name="Text">The secret.</param>
[GenerateSerializer, Immutable, Alias("actors.webhook-secret")]
public sealed record WebhookSecret([property: Id(0)] string Text)
{
    /// <summary>Nothing of the secret.</summary>
    public override string ToString() => "(hidden)";
}

/// <summary>A webhook to be added or changed.</summary>
/// <param name="CallbackUri">Where to: by it webhooks are told apart.</param>
/// <param name="VerifyToken">Sent with the challenge, so that the receiver knows that it is meant.</param>
/// <param name="Fields">What it is told; empty for <c>messages</c>.</param>
/// <param name="Secret">What it is signed with; null to make one, or to keep the one that there is.</param>
/// <param name="MaxUpdates">Most updates of one delivery, 1 to 1,000; null for the most, or as it is.</param>
[GenerateSerializer, Immutable, Alias("actors.webhook-request")]
public sealed record WebhookRequest(
    [property: Id(0)] string CallbackUri,
    [property: Id(1)] WebhookSecret VerifyToken,
    [property: Id(2)] ImmutableArray<string> Fields,
    [property: Id(3)] WebhookSecret? Secret,
    [property: Id(4)] int? MaxUpdates);

/// <summary>Why there is no webhook.</summary>
public enum SubscribeRefusal
{
    /// <summary>Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>There is no such business.</summary>
    BusinessUnknown = 1,

    /// <summary>The address is none that may be called.</summary>
    WrongAddress = 2,

    /// <summary>A field isn't known, or given twice.</summary>
    WrongField = 3,

    /// <summary>The business has as many as it may.</summary>
    TooMany = 4,

    /// <summary>The receiver didn't answer the challenge with it.</summary>
    NotVerified = 5,
}

/// <summary>What became of a webhook.</summary>
/// <param name="Webhook">As it is now; null where it is refused.</param>
/// <param name="Secret">The secret, where it was made here: shown this once.</param>
/// <param name="Refusal">Why not; null where it holds.</param>
/// <param name="Rule">With a refusal: what would be right, without anything that the receiver said.</param>
[GenerateSerializer, Immutable, Alias("actors.subscribe-reply")]
public sealed record SubscribeReply(
    [property: Id(0)] WebhookView? Webhook,
    [property: Id(1)] WebhookSecret? Secret,
    [property: Id(2)] SubscribeRefusal? Refusal,
    [property: Id(3)] string Rule);

/// <summary>A new secret.</summary>
/// <param name="Secret">The secret, where it was made here: shown this once.</param>
/// <param name="EndsAt">Until then the old one is good, too; null where it no longer is.</param>
/// <param name="IsUnderWay">Nothing was done: two others are good until <paramref name="EndsAt"/>, and there is no place for a third one.</param>
[GenerateSerializer, Immutable, Alias("actors.rotate-reply")]
public sealed record RotateReply(
    [property: Id(0)] WebhookSecret? Secret, [property: Id(1)] Instant? EndsAt, [property: Id(2)] bool IsUnderWay);

/// <summary>A webhook as it stands.</summary>
/// <param name="Id">Its number within the business, never used again.</param>
/// <param name="CallbackUri">Where it goes.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="IsPaused">Whether it is paused.</param>
/// <param name="MaxUpdates">Most updates of one delivery.</param>
/// <param name="Sequence">The newest number that a delivery was given; 0 for none.</param>
/// <param name="Parked">Deliveries that are parked.</param>
/// <param name="Erased">Updates that were not told, since their user was erased before they arrived.</param>
/// <param name="RotationEndsAt">Until when two secrets are good; null where one is.</param>
/// <param name="Fields">How far each field is.</param>
[GenerateSerializer, Immutable, Alias("actors.webhook-view")]
public sealed record WebhookView(
    [property: Id(0)] int Id,
    [property: Id(1)] string CallbackUri,
    [property: Id(2)] Instant CreatedAt,
    [property: Id(3)] bool IsPaused,
    [property: Id(4)] int MaxUpdates,
    [property: Id(5)] long Sequence,
    [property: Id(6)] int Parked,
    [property: Id(9)] long Erased,
    [property: Id(7)] Instant? RotationEndsAt,
    [property: Id(8)] ImmutableArray<WebhookFieldView> Fields);

/// <summary>How far a field of a webhook is.</summary>
/// <param name="Field">The field.</param>
/// <param name="IsClosing">It is no longer subscribed; what has a number is still delivered.</param>
/// <param name="Pending">Deliveries that have a number and haven't arrived.</param>
/// <param name="OldestAt">When the oldest update among them happened; null for none.</param>
/// <param name="Behind">How long ago that is, in milliseconds; 0 for none.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="NextTryAt">When the next try is due; null where none waits.</param>
/// <param name="Last">How the last try ended; null while there was none.</param>
[GenerateSerializer, Immutable, Alias("actors.webhook-field-view")]
public sealed record WebhookFieldView(
    [property: Id(0)] string Field,
    [property: Id(1)] bool IsClosing,
    [property: Id(2)] int Pending,
    [property: Id(3)] Instant? OldestAt,
    [property: Id(4)] long Behind,
    [property: Id(5)] int Failures,
    [property: Id(6)] Instant? NextTryAt,
    [property: Id(7)] AttemptResult? Last);

/// <summary>A delivery that is parked.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Field">The field of its updates.</param>
/// <param name="After">The place of the ledger behind which it begins: from there on the business's events have it.</param>
/// <param name="Updates">How many updates are in it.</param>
/// <param name="OldestAt">When the oldest of them happened.</param>
/// <param name="ParkedAt">When it was parked.</param>
/// <param name="Last">How its last try ended.</param>
[GenerateSerializer, Immutable, Alias("actors.parked-view")]
public sealed record ParkedView(
    [property: Id(0)] long Sequence,
    [property: Id(1)] string Field,
    [property: Id(2)] long After,
    [property: Id(3)] int Updates,
    [property: Id(4)] Instant OldestAt,
    [property: Id(5)] Instant ParkedAt,
    [property: Id(6)] AttemptResult Last);
