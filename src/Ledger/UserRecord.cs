using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>A user's record as last read or committed.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="Version">Counts the commits of this user; 0 when there is no row yet.</param>
/// <param name="State">What decisions need.</param>
/// <param name="ConsentHead">Hash of the newest entry of the consent log, 32 bytes; empty when there is none.</param>
public sealed record UserRecord(long User, long Version, UserState State, ReadOnlyMemory<byte> ConsentHead)
{
    /// <summary>A user of whom nothing is stored.</summary>
    public static UserRecord None(long user) => new(user, 0, UserState.Empty, default);

    /// <summary>
    /// The record as it was read or written: what whoever keeps many users in memory keeps of each, instead of a graph of objects. Empty where nothing is
    /// stored, and where it was decoded from memory.
    /// </summary>
    public ReadOnlyMemory<byte> Stored { get; init; }

    /// <summary>Decodes a stored record.</summary>
    /// <param name="user">The wa_id.</param>
    /// <param name="version">The version that is stored.</param>
    /// <param name="stored">See <see cref="Stored"/>.</param>
    /// <exception cref="InvalidDataException">An unknown version or a damaged record.</exception>
    public static UserRecord Of(long user, long version, ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
        {
            return None(user);
        }

        var (state, head) = UserRecordCodec.Decode(stored);
        return new UserRecord(user, version, state, head);
    }
}

/// <summary>The business's epoch that a commit was decided under; the commit fails as stale if it has moved (G4).</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Epoch">The epoch of the lease.</param>
public readonly record struct Fence(long Business, long Epoch)
{
    /// <summary>Instead of a business: the policy, whose version is the epoch.</summary>
    public const long OfPolicy = 0;
}

/// <summary>How a commit ended.</summary>
public enum CommitOutcome
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>Not written: the user's version had moved. Reload and decide again.</summary>
    Conflict,

    /// <summary>Not written: the business's epoch had moved. Renew the lease and decide again.</summary>
    Stale,

    /// <summary>Not written: the policy's numbers had changed. Read them and decide again.</summary>
    OldPolicy,

    /// <summary>Not written: the storage is away or refuses. Answer 503.</summary>
    Unavailable,

    /// <summary>Not written: the queue is full. Answer 503 with Retry-After at once.</summary>
    Overloaded,

    /// <summary>Can't be known yet: the connection was lost and the database can't be asked. Answer 503; reload before the next decision.</summary>
    Unknown,
}

/// <summary>How to read an outcome back out of a user's row.</summary>
internal static class CommitOutcomes
{
    /// <summary>What became of a commit that can't be under way any more, by the version and operation that the user's row has now.</summary>
    /// <remarks>A row more than one version ahead hides it: whoever wrote that may have gone on from this commit or from another.</remarks>
    public static CommitOutcome Of(EncodedCommit commit, long version, long operation) =>
        version <= commit.ExpectedVersion ? (version == commit.ExpectedVersion ? CommitOutcome.Unavailable : CommitOutcome.Conflict)
        : version > commit.ExpectedVersion + 1 ? CommitOutcome.Unknown
        : operation == commit.Operation ? CommitOutcome.Committed
        : CommitOutcome.Conflict;
}

/// <summary>The outcome of a commit.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Record">The new record where it is committed; else null.</param>
public readonly record struct CommitResult(CommitOutcome Outcome, UserRecord? Record);

/// <summary>The storage is away: nothing was read.</summary>
public sealed class LedgerUnavailableException : Exception
{
    /// <summary>Creates it.</summary>
    public LedgerUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>One line of the event log.</summary>
/// <param name="Seq">Its place: ascending in ledger order, with gaps.</param>
/// <param name="User">The user; 0 for none; negative for one who was erased: a pseudonym, the same in all of their events.</param>
/// <param name="Event">What happened.</param>
/// <param name="Text">For events of businesses and templates: a small JSON object; else null.</param>
public sealed record LedgerEvent(long Seq, long User, UserEvent Event, string? Text);

/// <summary>A page of the event log.</summary>
/// <param name="Events">In ledger order.</param>
/// <param name="Next">The cursor behind the page: everything up to it has been seen, also where the page is empty.</param>
/// <param name="Earliest">When the cursor asked for is older than what is kept: the earliest that can be asked for, and no events; else null.</param>
public sealed record EventPage(IReadOnlyList<LedgerEvent> Events, long Next, long? Earliest);

/// <summary>A consent log entry as stored.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="Seq">Its place in the log of all users, ascending.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Hash">SHA-256 over the entry before's hash and this entry, 32 bytes.</param>
public sealed record StoredConsent(long User, long Seq, ConsentEntry Entry, ReadOnlyMemory<byte> Hash);
