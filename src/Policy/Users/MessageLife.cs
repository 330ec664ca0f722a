using Actors.Policy.Sends;

namespace Actors.Policy.Users;

/// <summary>How long a send waits for its delivery: accepted at t with life L it can be delivered in [t, t + L), and expires at t + L.</summary>
public static class MessageLife
{
    /// <summary>What most messages have, and the longest: 30 days. What differs stands in the event. Not configuration: the log is read by it.</summary>
    public static readonly TimeSpan Standard = TimeSpan.FromDays(30);

    /// <summary>When a send expires.</summary>
    public static Instant DueAt(StoredMessage message) => message.ExpiresAt ?? message.At + Standard;

    /// <summary>Whether a send's time is over though nothing has said so yet: then it is handed to nobody.</summary>
    public static bool IsOver(StoredMessage message, Instant now) =>
        message is { Direction: Direction.ToUser, Status: MessageStatus.Accepted } && DueAt(message) <= now;

    /// <summary>The life of one send: its template's own, or else its category's; never longer than <see cref="MessageNumbers.Life"/>.</summary>
    internal static TimeSpan Of(SendCommand command, MessageNumbers numbers)
    {
        var life = command.Life ?? (command.Category == Category.Authentication ? numbers.AuthenticationLife : numbers.Life);
        return life < numbers.Life ? life : numbers.Life;
    }
}
