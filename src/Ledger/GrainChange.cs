using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>
/// What a slow-changing grain (business, template) tells the ledger about one change of its own state. The grain keeps it in an outbox inside its state
/// until the ledger has it; the ledger takes each (<see cref="Source"/>, <see cref="Version"/>) once.
/// </summary>
/// <param name="Source">The grain, such as <c>business/1000000000000001</c> or <c>template/1000000000000001/welcome</c>.</param>
/// <param name="Version">Counts the changes of that grain, from 1.</param>
/// <param name="Business">The business concerned.</param>
/// <param name="MovesEpoch">Whether sends decided before must not be committed any more: a restriction, a revocation, a template that changes.</param>
public sealed record GrainChange(string Source, long Version, long Business, bool MovesEpoch)
{
    /// <summary>The source of a business's changes, by which <see cref="BusinessFence.Version"/> is found.</summary>
    public static string BusinessSource(long business) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"business/{business}");

    /// <summary>The source of a template's changes.</summary>
    public static string TemplateSource(long business, string name) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"template/{business}/{name}");

    /// <summary>Lines for the event log.</summary>
    public ImmutableArray<GrainEvent> Events { get; init; } = [];

    /// <summary>Lines for the audit.</summary>
    public ImmutableArray<AuditEntry> Audit { get; init; } = [];

    /// <summary>Entries of the directory to add or replace.</summary>
    public ImmutableArray<DirectoryEntry> Directory { get; init; } = [];
}

/// <summary>A line for the event log that belongs to no user.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When.</param>
/// <param name="Template">The template's id; 0 for none.</param>
/// <param name="Text">A small JSON object.</param>
public sealed record GrainEvent(EventKind Kind, Instant At, long Template, string Text);

/// <summary>Who did what, when.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Role and name, such as <c>operator:ann</c> or <c>business:1000000000000001</c>.</param>
/// <param name="Action">snake_case, such as <c>business_registered</c>.</param>
/// <param name="Business">The business concerned; 0 for none.</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Note">Why; empty for none.</param>
public sealed record AuditEntry(Instant At, string Actor, string Action, long Business, string Target, string Note);

/// <summary>An audit line as stored.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="Entry">The line.</param>
public sealed record StoredAudit(long Seq, AuditEntry Entry);

/// <summary>What a directory entry is about. Stored as a number: never renumber.</summary>
public enum DirectoryKind : byte
{
    /// <summary>A business.</summary>
    Business = 1,

    /// <summary>A template in one language.</summary>
    Template = 2,

    /// <summary>An appeal of a business against a strike.</summary>
    Appeal = 3,

    /// <summary>A business that has webhooks, ACTIVE, or had some, NONE.</summary>
    Webhooks = 4,
}

/// <summary>Makes businesses and templates findable: by id, by business, by status, by a part of the name.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id.</param>
/// <param name="Business">The business it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Language">A template's language; empty for a business.</param>
/// <param name="Status">Upper case, such as PENDING; DELETED hides it from lists.</param>
/// <param name="At">When it came to be.</param>
public sealed record DirectoryEntry(DirectoryKind Kind, long Id, long Business, string Name, string Language, string Status, Instant At);

/// <summary>Asks the directory. Null and empty mean any.</summary>
/// <param name="Kind">What to list.</param>
/// <param name="Business">Only of this business.</param>
/// <param name="Status">Only with this status; null lists all but DELETED.</param>
/// <param name="Name">Only with exactly this name.</param>
/// <param name="Search">Only with this in the name, whatever the case.</param>
/// <param name="After">Only ids above this one.</param>
/// <param name="Limit">At most so many, 1 to 1,000.</param>
public sealed record DirectoryQuery(DirectoryKind Kind, long? Business, string? Status, string? Name, string? Search, long After, int Limit);

/// <summary>What the ledger knows of a business.</summary>
/// <param name="Epoch">Moves when something that was allowed no longer is; 0 at first.</param>
/// <param name="Version">Version of the newest change of <c>business/{id}</c>; 0 when there is none. A grain whose own is lower is not the only one.</param>
/// <param name="Policy">The newest version of the policy.</param>
public readonly record struct BusinessFence(long Epoch, long Version, uint Policy = 0);
