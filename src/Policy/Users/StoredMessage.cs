using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>A stored message, as decisions and readers see it.</summary>
public sealed record StoredMessage
{
    /// <summary>Its number within the user.</summary>
    public required long Number { get; init; }

    /// <summary>Which way it goes.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The business's id.</summary>
    public required long Business { get; init; }

    /// <summary>Id of the business's number.</summary>
    public required long PhoneNumber { get; init; }

    /// <summary>Id of the template; 0 for none.</summary>
    public required long Template { get; init; }

    /// <summary>What kind it is.</summary>
    public required Category Category { get; init; }

    /// <summary>When it was accepted.</summary>
    public required Instant At { get; init; }

    /// <summary>How far it has come.</summary>
    public required MessageStatus Status { get; init; }

    /// <summary>When it was delivered.</summary>
    public Instant? DeliveredAt { get; init; }

    /// <summary>When it was read.</summary>
    public Instant? ReadAt { get; init; }

    /// <summary>When it failed or expired.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>What the user's devices said of it, each for itself, ascending by name (ordinal). For the user only.</summary>
    public ImmutableArray<DeviceMark> Devices { get; init; } = [];

    /// <summary>What the user said of it.</summary>
    public Feedback Feedback { get; init; }

    /// <summary>See <see cref="NewMessage.Content"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Hash of the idempotency key; null when none was given.</summary>
    public ulong? Key { get; init; }

    /// <summary>Hash of the body; 0 when no key was given.</summary>
    public ulong Body { get; init; }

    /// <summary>The sender's opaque data.</summary>
    public string? CallbackData { get; init; }

    /// <summary>See <see cref="NewMessage.Explanation"/>.</summary>
    public ReadOnlyMemory<byte> Explanation { get; init; }

    /// <summary>
    /// See <see cref="NewMessage.ExpiresAt"/>; null, too, for sends of before it was kept, which live for <see cref="MessageLife.Standard"/>.
    /// </summary>
    public Instant? ExpiresAt { get; init; }
}
