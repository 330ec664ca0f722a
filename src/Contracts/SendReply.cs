using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Contracts;

/// <summary>A send on its way to the user.</summary>
/// <param name="Command">What is sent.</param>
/// <param name="Epoch">The epoch of the lease that it was admitted under.</param>
/// <param name="Policy">The version of the policy that it was admitted by, so that all of a send is decided by one; null where none mattered.</param>
/// <param name="Shadow">Asks to try it by the shadow policy, too; null for not.</param>
[GenerateSerializer, Immutable, Alias("actors.send-request")]
public sealed record SendRequest(
    [property: Id(0)] SendCommand Command, [property: Id(1)] long Epoch, [property: Id(2)] uint? Policy = null, [property: Id(3)] ShadowAsk? Shadow = null);

/// <summary>How a send ended. Sent as a number: never renumber.</summary>
public enum SendOutcome : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>Accepted and durable.</summary>
    Accepted = 1,

    /// <summary>The key was used with the same body: the message it made then.</summary>
    Replayed = 2,

    /// <summary>Refused; see the reason.</summary>
    Refused = 3,

    /// <summary>The key was used with another body.</summary>
    KeyReused = 4,

    /// <summary>The business's epoch or the policy has moved: drop the lease, get a new one, admit again.</summary>
    Stale = 5,

    /// <summary>Not accepted: too much waits.</summary>
    Overloaded = 6,

    /// <summary>Not accepted: the storage is away, or the clock can't be trusted.</summary>
    Unavailable = 7,

    /// <summary>Can't be known now. A retry with the same key is safe.</summary>
    Unknown = 8,

    /// <summary>Would be accepted (dry run).</summary>
    WouldAccept = 9,

    /// <summary>What it answers or reacts to is no message between this business and this user.</summary>
    AnswersNothing = 10,
}

/// <summary>The answer to a send.</summary>
[GenerateSerializer, Immutable, Alias("actors.send-reply")]
public sealed record SendReply
{
    /// <summary>How it ended.</summary>
    [Id(0)]
    public required SendOutcome Outcome { get; init; }

    /// <summary>The message's number within the user, where it is accepted or replayed; else 0.</summary>
    [Id(1)]
    public long Message { get; init; }

    /// <summary>Why it is refused; null when it isn't.</summary>
    [Id(2)]
    public Reason? Reason { get; init; }

    /// <summary>See <see cref="SendDecision.RetryAt"/>.</summary>
    [Id(3)]
    public Instant? RetryAt { get; init; }

    /// <summary>See <see cref="SendDecision.RetryAtIsPublic"/>.</summary>
    [Id(4)]
    public bool RetryAtIsPublic { get; init; }

    /// <summary>
    /// The full trace of the user's half of the gate, where it is refused or dry; else empty. Cut it to the public view before a business sees it.
    /// </summary>
    [Id(5)]
    public ImmutableArray<Finding> Trace { get; init; } = [];

    /// <summary>Whether it is accepted and opened a conversation: then the place of the messaging limit that it brought is spent.</summary>
    [Id(6)]
    public bool Opened { get; init; }

    /// <summary>The version of the policy that it was decided by; null where nothing was decided.</summary>
    [Id(7)]
    public uint? Policy { get; init; }

    /// <summary>What the shadow says of the same send; null where it wasn't asked, where this node tries another one, and where nothing was decided.</summary>
    [Id(8)]
    public ShadowSaid? Shadow { get; init; }
}
