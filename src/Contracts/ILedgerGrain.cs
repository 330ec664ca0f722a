using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Contracts;

/// <summary>Reads of the ledger that belong to no single grain, for the API. Key: any; all say the same. Runs on every node.</summary>
[Alias("actors.ledger")]
public interface ILedgerGrain : IGrainWithIntegerKey
{
    /// <summary>Events behind <paramref name="after"/>, in ledger order.</summary>
    /// <param name="business">Of this business; null for all.</param>
    /// <param name="limit">1 to 1,000.</param>
    [Alias("events")]
    Task<LedgerPage> EventsAsync(long? business, long after, int limit);

    /// <summary>A business's opt-ins and opt-outs with their proof, in log order.</summary>
    [Alias("consents")]
    Task<ImmutableArray<ConsentLine>> ConsentsAsync(long business, long after, int limit);

    /// <summary>The audit.</summary>
    [Alias("audit")]
    Task<ImmutableArray<AuditLine>> AuditAsync(long after, int limit);

    /// <summary>Businesses, ascending by id.</summary>
    [Alias("businesses")]
    Task<ImmutableArray<DirectoryLine>> BusinessesAsync(string? search, long after, int limit);

    /// <summary>Templates, ascending by id.</summary>
    [Alias("templates")]
    Task<ImmutableArray<DirectoryLine>> TemplatesAsync(long? business, string? status, string? name, long after, int limit);

    /// <summary>Appeals, ascending by id.</summary>
    /// <param name="status">Only with this status; null for all.</param>
    [Alias("appeals")]
    Task<ImmutableArray<DirectoryLine>> AppealsAsync(string? status, long after, int limit);

    /// <summary>The template of an id; null when there is none.</summary>
    [Alias("template")]
    Task<DirectoryLine?> TemplateAsync(long id);

    /// <summary>What happened to a business's messages, by half hour or day.</summary>
    [Alias("analytics")]
    Task<AnalyticsView> AnalyticsAsync(AnalyticsAsk ask);

    /// <summary>Adds refusals to what is counted in the half hour that is now. The same batch again changes nothing.</summary>
    /// <param name="run">The run that counted them: an id of version 7, whose time is when it began. It lasts at most a day.</param>
    /// <param name="number">Number of the batch within the run, from 1; the one before was added.</param>
    /// <param name="refusals">Each business and reason at most once.</param>
    /// <exception cref="OutageException">They may or may not have been added: say them again.</exception>
    [Alias("refused")]
    Task RefusedAsync(Guid run, long number, ImmutableArray<RefusalCount> refusals);

    /// <summary>A user's messages with numbers above <paramref name="after"/>, ascending, both ways, also those whose contents are gone.</summary>
    [Alias("user-messages")]
    Task<ImmutableArray<StoredMessage>> UserMessagesAsync(long user, long after, int limit);

    /// <summary>A user's consent log with its hashes, oldest first.</summary>
    [Alias("user-consents")]
    Task<ImmutableArray<ConsentProof>> UserConsentsAsync(long user);

    /// <summary>A user's events behind a place, in order, but for those that follow from their messages (accepted, delivered, read, …).</summary>
    [Alias("user-events")]
    Task<ImmutableArray<EventLine>> UserEventsAsync(long user, long after, int limit);

    /// <summary>What an earlier erasure of a user left; null for nothing.</summary>
    /// <param name="user">The wa_id.</param>
    /// <param name="business">Also their word against this business; 0 for none.</param>
    [Alias("past")]
    Task<PastView?> PastAsync(long user, long business);

    /// <summary>A secret of the installation, 32 bytes, made on first use: the key of message ids (<c>wamid</c>), of cursors, ….</summary>
    [Alias("secret")]
    Task<ImmutableArray<byte>> SecretAsync(string name);

    /// <summary>Whether a member of the cluster has the key that all share.</summary>
    /// <param name="mark">32 bytes, made from its key; nobody can make the key from them.</param>
    [Alias("shares-key")]
    Task<bool> SharesKeyAsync(ImmutableArray<byte> mark);

    /// <summary>The ledger's time, and whether it can be trusted.</summary>
    [Alias("time")]
    Task<LedgerTime> TimeAsync();
}

/// <summary>What an earlier erasure of a user left.</summary>
/// <param name="At">When they were erased last.</param>
/// <param name="Messages">How many messages they had.</param>
/// <param name="Taken">What their word had taken away from the business that was asked about, or from all.</param>
/// <param name="KnownAt">When a life with that business was erased last; null for never.</param>
[GenerateSerializer, Immutable, Alias("actors.past")]
public sealed record PastView(
    [property: Id(0)] Instant At, [property: Id(1)] long Messages, [property: Id(2)] Categories Taken, [property: Id(3)] Instant? KnownAt);

/// <summary>A page of the event log.</summary>
/// <param name="Events">In ledger order.</param>
/// <param name="Next">The cursor behind the page.</param>
/// <param name="Earliest">Set, with no events, when the cursor is older than what is kept.</param>
[GenerateSerializer, Immutable, Alias("actors.ledger-page")]
public sealed record LedgerPage([property: Id(0)] ImmutableArray<EventLine> Events, [property: Id(1)] long Next, [property: Id(2)] long? Earliest);

/// <summary>One line of the event log.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="User">The user; 0 for none; negative for one who was erased: a pseudonym, of whom no message has an id any more.</param>
/// <param name="Event">What happened.</param>
/// <param name="Text">For events of businesses and templates: a small JSON object.</param>
[GenerateSerializer, Immutable, Alias("actors.event-line")]
public sealed record EventLine([property: Id(0)] long Seq, [property: Id(1)] long User, [property: Id(2)] UserEvent Event, [property: Id(3)] string? Text);

/// <summary>One line of the consent log.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="User">The user.</param>
/// <param name="Entry">The entry.</param>
[GenerateSerializer, Immutable, Alias("actors.consent-line")]
public sealed record ConsentLine([property: Id(0)] long Seq, [property: Id(1)] long User, [property: Id(2)] ConsentEntry Entry);

/// <summary>One entry of a user's consent log, with its proof.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Hash">SHA-256 over the hash of the entry before it and this entry: 32 bytes.</param>
[GenerateSerializer, Immutable, Alias("actors.consent-proof")]
public sealed record ConsentProof([property: Id(0)] ConsentEntry Entry, [property: Id(1)] ImmutableArray<byte> Hash);

/// <summary>One line of the audit.</summary>
[GenerateSerializer, Immutable, Alias("actors.audit-line")]
public sealed record AuditLine(
    [property: Id(0)] long Seq,
    [property: Id(1)] Instant At,
    [property: Id(2)] string Actor,
    [property: Id(3)] string Action,
    [property: Id(4)] long Business,
    [property: Id(5)] string Target,
    [property: Id(6)] string Note);

/// <summary>A business or a template as the directory knows it.</summary>
[GenerateSerializer, Immutable, Alias("actors.directory-line")]
public sealed record DirectoryLine(
    [property: Id(0)] long Id,
    [property: Id(1)] long Business,
    [property: Id(2)] string Name,
    [property: Id(3)] string Language,
    [property: Id(4)] string Status,
    [property: Id(5)] Instant At);

/// <summary>The ledger's time.</summary>
[GenerateSerializer, Immutable, Alias("actors.ledger-time")]
public sealed record LedgerTime([property: Id(0)] Instant Now, [property: Id(1)] bool Trusted);
