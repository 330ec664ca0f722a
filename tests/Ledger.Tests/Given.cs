using System.Collections.Immutable;
using System.Text;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests;

/// <summary>Commits, records and rows to test with.</summary>
internal static class Given
{
    public const long Business = 1_000_000_000_000_001;
    public const long Number = 2_000_000_000_000_001;
    private static long _operation;

    public static Instant At(long milliseconds = 0) => new(1_790_000_000_000 + milliseconds);

    public static UserState State(long messages = 0, Instant? lastAt = null) => new() { Messages = messages, LastAt = lastAt ?? At() };

    public static NewMessage Message(long number, ulong? key = null, Direction direction = Direction.ToUser, string content = """{"type":"text"}""") => new(
        number, direction, Business, Number, Template: 7, Category.Utility, At(number), Encoding.UTF8.GetBytes(content), key, key ?? 0, "callback",
        new byte[] { 1, 2, 3 });

    public static UserEvent Accepted(long message, long business = Business) =>
        new(EventKind.Accepted, At(message), business, message, Number, 7, Category.Utility, InWindow: true);

    /// <summary>A change like an accepted send: record, message, event.</summary>
    public static Change Send(long number, ulong? key = null) => new(State(number, At(number)), [Accepted(number)]) { Message = Message(number, key) };

    public static Change Only(params ReadOnlySpan<UserEvent> events) => new(State(), [.. events]);

    public static ConsentEntry Consent(uint number, bool grant = true, long business = Business) => new(
        number, business, grant, Categories.All, ConsentActor.Business, ConsentSource.Website, At(number), At(number + 1), "Yes, write to me ✓", "form 17");

    public static Change OptIn(uint number, long business = Business) =>
        new(State() with { ConsentEntries = number }, [new UserEvent(EventKind.OptedIn, At(number), business, Categories: Categories.All)])
        {
            Consents = [Consent(number, business: business)],
        };

    public static EncodedCommit Commit(long user, long expectedVersion, Change change, Fence? fence = null) => new(
        user,
        expectedVersion,
        Interlocked.Increment(ref _operation),
        UserRecordCodec.Encode(change.Next, default),
        change,
        [.. change.Consents.Select((entry, i) => new ReadOnlyMemory<byte>(ConsentChain.Hash(default, user, entry)))],
        fence);

    public static GrainChange GrainChange(long version, bool movesEpoch, long business = Business) =>
        new(Ledger.GrainChange.BusinessSource(business), version, business, movesEpoch);

    public static ImmutableArray<T> One<T>(T item) => [item];
}
