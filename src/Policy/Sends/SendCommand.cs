using Actors.Policy.Users;

namespace Actors.Policy.Sends;

/// <summary>One send, as the user's half of the gate sees it: the business's half (<see cref="BusinessGate"/>) has let it through.</summary>
public sealed record SendCommand
{
    /// <summary>The business's id.</summary>
    public required long Business { get; init; }

    /// <summary>Id of the number it is sent from.</summary>
    public required long PhoneNumber { get; init; }

    /// <summary>Id of the template; 0 for a free-form message.</summary>
    public required long Template { get; init; }

    /// <summary>The template's category as reviewed; service for a free-form message.</summary>
    public required Category Category { get; init; }

    /// <summary>See <see cref="NewMessage.Content"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Number of the message that it answers or reacts to; null for most.</summary>
    public long? Answers { get; init; }

    /// <summary>Hash of the idempotency key; null when none was given.</summary>
    public ulong? Key { get; init; }

    /// <summary>Hash of the body; only used with a key.</summary>
    public ulong Body { get; init; }

    /// <summary>
    /// The piece of the business's messaging limit that pays if the send opens a conversation; 0 where the business is not limited; null where there is no
    /// place left: then a send that opens one is refused.
    /// </summary>
    public long? Quota { get; init; }

    /// <summary>The sender's opaque data.</summary>
    public string? CallbackData { get; init; }

    /// <summary>Until when the business may send nothing outside the window; null where it isn't restricted so.</summary>
    public Instant? WindowOnlyUntil { get; init; }

    /// <summary>How long its template says that it waits for its delivery; null where that is the category's (<see cref="MessageLife"/>).</summary>
    public TimeSpan? Life { get; init; }
}

/// <summary>The answer to a send: either a reason or a change, never both, never neither.</summary>
/// <param name="Reason">Why it is refused; null when it is accepted.</param>
/// <param name="Change">What accepting it makes durable; null when it is refused. Its message is the accepted one.</param>
/// <param name="RetryAt">
/// The first instant at which every time-bound rule passes; null when the send is accepted or another rule fails, too.
/// </param>
/// <param name="RetryAtIsPublic">Whether the business may see <paramref name="RetryAt"/> to the millisecond.</param>
public sealed record SendDecision(Reason? Reason, Change? Change, Instant? RetryAt, bool RetryAtIsPublic);
