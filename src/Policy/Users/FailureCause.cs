namespace Actors.Policy.Users;

/// <summary>Why a message failed. Stored as a number, from 0 to 127: never renumber.</summary>
public enum FailureCause : byte
{
    /// <summary>It can't be delivered any more: the user was erased, a channel refused it. Also what older builds didn't say.</summary>
    Undeliverable = 0,

    /// <summary>The business was locked before it was delivered.</summary>
    BusinessLocked = 1,
}

/// <summary>How <see cref="UserEvent.Detail"/> of failed and expired says two things.</summary>
public static class FailureCauses
{
    /// <summary>The cause that an event tells.</summary>
    /// <param name="happened">A failed message's event.</param>
    public static FailureCause Of(in UserEvent happened) => (FailureCause)(happened.Detail >> 1);

    /// <summary>The detail of an event.</summary>
    /// <param name="cause">Why it failed.</param>
    /// <param name="freed">Whether its place in the marketing cap came free.</param>
    internal static byte Detail(FailureCause cause, bool freed) => (byte)(((byte)cause << 1) | (freed ? 1 : 0));
}
