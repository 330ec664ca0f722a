using Actors.Contracts;
using Actors.Policy.Webhooks;

namespace Actors.Api.V1;

/// <summary>A webhook to be added, or changed where there is one of the same address.</summary>
/// <param name="CallbackUri">Where to: https, at most 200 characters.</param>
/// <param name="VerifyToken">Sent with the challenge: 1 to 256 characters.</param>
/// <param name="Fields">What it is told; messages when left out, or as it is.</param>
/// <param name="Secret">What deliveries are signed with: 16 to 128 characters, visible ASCII. Made, or as it is, when left out.</param>
/// <param name="MaxUpdates">Most updates of one delivery: 1 to 1,000; 1,000 when left out, or as it is.</param>
internal sealed record WebhookBodyRequest(
    string CallbackUri, string VerifyToken, IReadOnlyList<string>? Fields = null, string? Secret = null, int? MaxUpdates = null);

/// <summary>Another secret.</summary>
/// <param name="Secret">16 to 128 characters, visible ASCII; made when left out.</param>
/// <param name="Hours">How long both are good: 0 to 168; 24 when left out.</param>
internal sealed record SecretRequest(string? Secret = null, int? Hours = null);

/// <summary>A business's webhooks.</summary>
/// <param name="Webhooks">In the order in which they were added.</param>
internal sealed record WebhooksResponse(IReadOnlyList<WebhookShape> Webhooks);

/// <summary>A webhook that was added or changed.</summary>
/// <param name="Webhook">As it is now.</param>
/// <param name="Secret">The secret, where it was made here. Shown once.</param>
internal sealed record WebhookMadeResponse(WebhookShape Webhook, string? Secret);

/// <summary>A new secret.</summary>
/// <param name="Secret">The secret, where it was made here. Shown once.</param>
/// <param name="BothUntil">Until then the old one is good, too; missing where it no longer is.</param>
internal sealed record SecretResponse(string? Secret, string? BothUntil);

/// <summary>A webhook as it stands.</summary>
/// <param name="Id">Its number within the business.</param>
/// <param name="CallbackUri">Where it goes.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="MaxUpdates">Most updates of one delivery.</param>
/// <param name="Sequence">The newest number that a delivery was given: X-Actors-Sequence.</param>
/// <param name="Parked">Deliveries that are parked.</param>
/// <param name="Erased">Updates that were not told, since their user was erased before they arrived.</param>
/// <param name="RotationEndsAt">Until when two secrets are good; missing where one is.</param>
/// <param name="Fields">How far each field is.</param>
internal sealed record WebhookShape(
    int Id, string CallbackUri, string CreatedAt, bool Paused, int MaxUpdates, long Sequence, int Parked, long Erased,
    string? RotationEndsAt,
    IReadOnlyList<WebhookFieldShape> Fields)
{
    public static WebhookShape From(WebhookView view) => new(
        view.Id, view.CallbackUri, view.CreatedAt.ToString(), view.IsPaused, view.MaxUpdates, view.Sequence, view.Parked, view.Erased,
        view.RotationEndsAt?.ToString(), [.. view.Fields.Select(WebhookFieldShape.From)]);
}

/// <summary>How far a field of a webhook is.</summary>
/// <param name="Field">The field.</param>
/// <param name="Closing">It is no longer subscribed; what has a number is still delivered.</param>
/// <param name="Pending">Deliveries that have a number and haven't arrived.</param>
/// <param name="OldestAt">When the oldest update among them happened.</param>
/// <param name="BacklogSeconds">How long ago that is; 0 where there is none.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="NextTryAt">When the next try is due, after failures.</param>
/// <param name="LastTry">How the last try ended.</param>
internal sealed record WebhookFieldShape(
    string Field, bool Closing, int Pending, string? OldestAt, long BacklogSeconds, int Failures, string? NextTryAt, AttemptShape? LastTry)
{
    public static WebhookFieldShape From(WebhookFieldView view) => new(
        view.Field, view.IsClosing, view.Pending, view.OldestAt?.ToString(), view.Behind / 1_000, view.Failures, view.NextTryAt?.ToString(),
        view.Last is { } last ? AttemptShape.From(last) : null);
}

/// <summary>How a try ended. Never what the receiver said.</summary>
/// <param name="Result">delivered, refused, timed_out, dropped, unreachable, forbidden, unreadable or lost.</param>
/// <param name="Status">The status of the receiver's answer; missing where there was none.</param>
/// <param name="At">When.</param>
internal sealed record AttemptShape(string Result, int? Status, string At)
{
    public static AttemptShape From(AttemptResult result) => new(
        Words.Of(result.Outcome), result.Status == 0 ? null : result.Status, result.At.ToString());
}

/// <summary>A page of parked deliveries.</summary>
/// <param name="Parked">By number.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end.</param>
internal sealed record ParkedResponse(IReadOnlyList<ParkedShape> Parked, string? Next);

/// <summary>A delivery that is no longer tried.</summary>
/// <param name="Sequence">Its number: the receiver lacks it.</param>
/// <param name="Field">The field of its updates.</param>
/// <param name="Updates">How many there are.</param>
/// <param name="EventsAfter">The cursor for after of the business's events: from there on they have what it tells.</param>
/// <param name="OldestAt">When the oldest of them happened.</param>
/// <param name="ParkedAt">When it was parked.</param>
/// <param name="LastTry">How the last try ended.</param>
internal sealed record ParkedShape(
    long Sequence, string Field, int Updates, string EventsAfter, string OldestAt, string ParkedAt, AttemptShape LastTry)
{
    public static ParkedShape From(ParkedView view) => new(
        view.Sequence, view.Field, view.Updates, Cursor.Encode(CursorKind.Events, view.After), view.OldestAt.ToString(), view.ParkedAt.ToString(),
        AttemptShape.From(view.Last));
}

/// <summary>What became of a parked delivery.</summary>
/// <param name="Delivered">Whether it arrived; then it is no longer parked.</param>
/// <param name="Try">How the try ended.</param>
internal sealed record RedriveResponse(bool Delivered, AttemptShape Try);
