using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>What is stored of a business's webhooks. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record WebhooksState : OutboxState
{
    /// <summary>Most webhooks of a business.</summary>
    public const int WebhooksMax = 8;

    /// <summary>Ascending by number.</summary>
    public ImmutableArray<Webhook> Webhooks { get; init; } = [];

    /// <summary>The newest number that was given; none is given again.</summary>
    public int LastId { get; init; }

    /// <summary>The webhook of a number; null where there is none.</summary>
    public Webhook? Find(int id) => Webhooks.FirstOrDefault(webhook => webhook.Id == id);

    /// <summary>With one of them changed; as it is, where there is none of this number.</summary>
    public WebhooksState With(int id, Func<Webhook, Webhook> change) =>
        this with { Webhooks = [.. Webhooks.Select(webhook => webhook.Id == id ? change(webhook) : webhook)] };
}

/// <summary>A webhook of a business.</summary>
internal sealed record Webhook
{
    /// <summary>Its number within the business.</summary>
    public required int Id { get; init; }

    /// <summary>Where it goes.</summary>
    public required string CallbackUri { get; init; }

    /// <summary>What it is signed with, enciphered.</summary>
    public required string Secret { get; init; }

    /// <summary>What it will be signed with, enciphered; null while there is no rotation.</summary>
    public string? NextSecret { get; init; }

    /// <summary>When the next secret becomes the only one; null while there is no rotation.</summary>
    public Instant? RotationEndsAt { get; init; }

    public Instant CreatedAt { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Most updates of one delivery.</summary>
    public int MaxUpdates { get; init; } = DeliveryRules.UpdatesMax;

    /// <summary>How far it is.</summary>
    public DeliveryBook Book { get; init; } = new();

    /// <summary>The secrets that are good at a time, enciphered, the one that counts first.</summary>
    public ImmutableArray<string> SecretsAt(Instant now) =>
        NextSecret is null ? [Secret] : now >= RotationEndsAt ? [NextSecret] : [Secret, NextSecret];

    /// <summary>As it is without a rotation that is over.</summary>
    public Webhook At(Instant now) => NextSecret is { } next && now >= RotationEndsAt
        ? this with { Secret = next, NextSecret = null, RotationEndsAt = null }
        : this;

    public WebhookView ToView(Instant now) => new(
        Id, CallbackUri, CreatedAt, IsPaused, MaxUpdates, Book.Sequence, Book.Parked.Length, Book.Erased ?? 0, At(now).RotationEndsAt,
        [.. Book.Lanes.Select(lane => FieldView(lane, now))]);

    private static WebhookFieldView FieldView(DeliveryLane lane, Instant now)
    {
        Instant? oldest = lane.Pending.IsEmpty ? null : lane.Pending[0].Oldest;
        return new(
            lane.Field,
            lane.IsClosing,
            lane.Pending.Length + lane.Probes.Length,
            oldest,
            oldest is { } since ? Math.Max(0, now.Milliseconds - since.Milliseconds) : 0,
            lane.Failures,
            lane.Failures > 0 ? lane.NextAt : null,
            lane.Last);
    }
}
