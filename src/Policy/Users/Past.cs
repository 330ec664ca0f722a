namespace Actors.Policy.Users;

/// <summary>What outlives a user's erasure, kept under keyed hashes: their word, so that a new list of opt-ins can't undo it, and what ids need.</summary>
/// <param name="At">When the user was erased last.</param>
/// <param name="Messages">How many messages the user had by then. Numbers go on behind it: an id never stands for another message.</param>
/// <param name="Taken">Categories that the user's own word had taken away from the business that was asked about, or from all.</param>
public sealed record Past(Instant At, long Messages, Categories Taken)
{
    /// <summary>
    /// When the user was erased last with a word for or against the business that was asked about in the record: an opt-in that was given before is none any
    /// more. Null where there was none: a business that never had to do with the user doesn't hear that they were here.
    /// </summary>
    public Instant? KnownAt { get; init; }

    /// <summary>Why a business can't grant consent of which the record says nothing; null where it can.</summary>
    /// <param name="categories">Those of the asked categories of which the record says nothing.</param>
    /// <param name="at">When the opt-in was given.</param>
    internal ActionRefusal? Refusal(Categories categories, Instant at) =>
        (Taken & categories) != Categories.None ? ActionRefusal.TakenAwayByUser
        : categories != Categories.None && at < KnownAt ? ActionRefusal.OlderThanWithdrawal
        : null;
}
