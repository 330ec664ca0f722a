namespace Actors.Policy.Users;

/// <summary>Why something other than a send is refused. A closed list. Sent as a number: never renumber.</summary>
public enum ActionRefusal : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>The user has blocked the business, or turned all businesses off: first undo that.</summary>
    Blocked = 1,

    /// <summary>The user's own word took this consent away; only the user can restore it.</summary>
    TakenAwayByUser = 2,

    /// <summary>The opt-in lies in the future.</summary>
    InFuture = 3,

    /// <summary>The opt-in is older than a withdrawal.</summary>
    OlderThanWithdrawal = 4,

    /// <summary>No such message for this user.</summary>
    MessageUnknown = 5,

    /// <summary>The message doesn't come from this business, or goes the other way.</summary>
    MessageMismatch = 6,

    /// <summary>Statuses never go backwards, and nothing comes after failed or expired.</summary>
    StatusBackwards = 7,

    /// <summary>Only marketing messages take feedback.</summary>
    NotMarketing = 8,

    /// <summary>The user has as many devices as one user may have.</summary>
    TooManyDevices = 9,

    /// <summary>No such device.</summary>
    DeviceUnknown = 10,

    /// <summary>The idempotency key (or client id) was used with another body.</summary>
    KeyReused = 11,

    /// <summary>The user has not written to the business within the last 24 hours (the business's block list takes only such users).</summary>
    NoRecentMessage = 12,

    /// <summary>There is nothing to take back: no opt-in, block or stop of that kind.</summary>
    NothingThere = 13,

    /// <summary>The user's own number of marketing messages is above the platform's, as it stands for them.</summary>
    NumberTooHigh = 14,

    /// <summary>No such time zone.</summary>
    TimeZoneUnknown = 15,
}

/// <summary>The answer to an action: a refusal, a change, or neither where it already is so.</summary>
/// <param name="Refusal">Why not; null when it isn't refused.</param>
/// <param name="Change">What it makes durable; null when refused or when nothing changes.</param>
public sealed record ActionDecision(ActionRefusal? Refusal, Change? Change)
{
    /// <summary>It already is so: nothing to commit. The promise in the answer still needs a look at the record's version.</summary>
    public static ActionDecision Unchanged { get; } = new(null, null);

    /// <summary>Refused.</summary>
    public static ActionDecision Refuse(ActionRefusal refusal) => new(refusal, null);
}
