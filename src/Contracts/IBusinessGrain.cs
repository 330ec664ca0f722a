using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;
using Orleans.Concurrency;

namespace Actors.Contracts;

/// <summary>A business: profile, numbers, terms, verification, status, token epoch. Key: the business's id.</summary>
[Alias("actors.business")]
public interface IBusinessGrain : IGrainWithIntegerKey
{
    /// <summary>Registers the business; false when the id is taken.</summary>
    /// <param name="actor">Who does it, such as <c>operator:ann</c>; for the audit.</param>
    [Alias("register")]
    Task<bool> RegisterAsync(BusinessRegistration registration, string actor);

    /// <summary>The business as it is; null when there is none.</summary>
    [Alias("get")]
    Task<BusinessView?> GetAsync();

    /// <summary>What a node needs to admit this business's sends; null when there is no such business.</summary>
    /// <param name="holder">Told when the lease no longer holds; null for a look without that.</param>
    [Alias("lease"), AlwaysInterleave]
    Task<BusinessLease?> LeaseAsync(ILeaseHolder? holder);

    /// <summary>Replaces the given parts of the profile; false when there is no such business.</summary>
    [Alias("set-profile")]
    Task<bool> SetProfileAsync(BusinessProfile profile, string actor);

    /// <summary>Records the state of verification; false when there is no such business.</summary>
    [Alias("verify")]
    Task<bool> VerifyAsync(Verification verification, bool official, string note, string actor);

    /// <summary>Ends the validity of all tokens issued so far; the new token epoch, or null when there is no such business.</summary>
    [Alias("revoke-tokens")]
    Task<int?> RevokeTokensAsync(string actor);

    /// <summary>
    /// Records that a token was issued (for the audit); the token epoch that it must carry, or null when there is no such business, or when the token that asks
    /// for it has been revoked meanwhile.
    /// </summary>
    /// <param name="askedUnder">The token epoch of the business's own token that asks for another; null where an operator asks.</param>
    [Alias("token-issued")]
    Task<int?> TokenIssuedAsync(string scope, string actor, int? askedUnder);

    /// <summary>Where it stands on the ladder, and its strikes; null when there is no such business.</summary>
    [Alias("enforcement")]
    Task<EnforcementView?> EnforcementAsync();

    /// <summary>Records a violation: a strike. Null when there is no such business.</summary>
    /// <param name="type">What kind, in one word.</param>
    /// <param name="note">What was seen.</param>
    /// <param name="actor">The operator.</param>
    [Alias("record-violation")]
    Task<EnforcementView?> RecordViolationAsync(string type, string note, string actor);

    /// <summary>Locks it at once; locking again changes nothing. Null when there is no such business.</summary>
    [Alias("lock")]
    Task<EnforcementView?> LockAsync(string note, string actor);

    /// <summary>Takes back every lock; changes nothing where there is none. Null when there is no such business.</summary>
    [Alias("unlock")]
    Task<EnforcementView?> UnlockAsync(string note, string actor);

    /// <summary>The business's word against a strike; null when there is no such business.</summary>
    [Alias("appeal")]
    Task<AppealReply?> AppealAsync(int strike, string text, string actor);

    /// <summary>An operator's decision on it; null when there is no such business.</summary>
    [Alias("decide-appeal")]
    Task<AppealReply?> DecideAppealAsync(int strike, bool reversed, string note, string actor);

    /// <summary>Sets the messaging limit; false when there is no such business.</summary>
    [Alias("set-limit")]
    Task<bool> SetLimitAsync(LimitTier tier, string note, string actor);

    /// <summary>Its quality, with the terms; null when there is no such business.</summary>
    /// <param name="full">Whether for an operator: as it is now and without the privacy floor. A business sees the last full hour, within it.</param>
    [Alias("quality")]
    Task<QualityView?> QualityAsync(bool full);

    /// <summary>What users have reported it for, ascending by reason; none where there is no such business.</summary>
    [Alias("reports")]
    Task<ImmutableArray<ReportView>> ReportsAsync();

    /// <summary>An id for a new template, where the business may have one more, and one more within the hour.</summary>
    [Alias("new-template")]
    Task<TemplateSlot> NewTemplateAsync();

    /// <summary>Called by the business's templates after they changed: nodes drop what they hold.</summary>
    [Alias("templates-changed")]
    Task TemplatesChangedAsync();

    /// <summary>
    /// Takes events of the ledger that concern the business's quality, in ledger order, and judges. What it has taken before changes nothing; with none
    /// it judges by time alone.
    /// </summary>
    [Alias("fold")]
    Task FoldAsync(ImmutableArray<EventLine> events);
}

/// <summary>State of a business's verification. Stored as a number: never renumber.</summary>
public enum Verification : byte
{
    /// <summary>Never asked for.</summary>
    NotVerified = 0,

    /// <summary>Under way.</summary>
    Pending = 1,

    /// <summary>Verified.</summary>
    Verified = 2,

    /// <summary>Refused.</summary>
    Rejected = 3,
}

/// <summary>Status of a business. Stored as a number: never renumber.</summary>
public enum BusinessStatus : byte
{
    /// <summary>May send.</summary>
    Active = 0,

    /// <summary>May do nothing until an operator unlocks it.</summary>
    Locked = 1,
}

/// <summary>What a business is registered with.</summary>
/// <param name="Name">2 to 64 characters, one line; never changes.</param>
/// <param name="Country">ISO 3166-1 alpha-2, upper case.</param>
/// <param name="Numbers">Its numbers; at least one.</param>
/// <param name="Website">Or null.</param>
/// <param name="Address">Or null.</param>
/// <param name="PhotoUrl">Or null.</param>
[GenerateSerializer, Immutable, Alias("actors.business-registration")]
public sealed record BusinessRegistration(
    [property: Id(0)] string Name,
    [property: Id(1)] string Country,
    [property: Id(2)] ImmutableArray<BusinessNumber> Numbers,
    [property: Id(3)] string? Website,
    [property: Id(4)] string? Address,
    [property: Id(5)] string? PhotoUrl);

/// <summary>A number that a business sends from.</summary>
/// <param name="Id">The phone-number-id.</param>
/// <param name="PhoneNumber">The number itself, E.164 digits as an integer.</param>
[GenerateSerializer, Immutable, Alias("actors.business-number")]
public readonly record struct BusinessNumber([property: Id(0)] long Id, [property: Id(1)] long PhoneNumber);

/// <summary>A business's public profile. Null leaves as it is, empty clears.</summary>
[GenerateSerializer, Immutable, Alias("actors.business-profile")]
public sealed record BusinessProfile
{
    /// <summary>1 to 139 characters.</summary>
    [Id(0)]
    public string? About { get; init; }

    /// <summary>At most 256 characters.</summary>
    [Id(1)]
    public string? Address { get; init; }

    /// <summary>At most 512 characters.</summary>
    [Id(2)]
    public string? Description { get; init; }

    /// <summary>At most 128 characters.</summary>
    [Id(3)]
    public string? Email { get; init; }

    /// <summary>Address of the picture.</summary>
    [Id(4)]
    public string? PictureUrl { get; init; }

    /// <summary>At most 2 of at most 256 characters.</summary>
    [Id(5)]
    public ImmutableArray<string>? Websites { get; init; }

    /// <summary>The trade, such as RETAIL.</summary>
    [Id(6)]
    public string? Vertical { get; init; }
}

/// <summary>A business as it is.</summary>
[GenerateSerializer, Immutable, Alias("actors.business-view")]
public sealed record BusinessView
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required long Id { get; init; }

    /// <summary>What it was registered with.</summary>
    [Id(1)]
    public required BusinessRegistration Registration { get; init; }

    /// <summary>Its profile; no part is null but where never set.</summary>
    [Id(2)]
    public required BusinessProfile Profile { get; init; }

    /// <summary>State of verification.</summary>
    [Id(3)]
    public Verification Verification { get; init; }

    /// <summary>Whether it bears the official badge.</summary>
    [Id(4)]
    public bool Official { get; init; }

    /// <summary>Its status.</summary>
    [Id(5)]
    public BusinessStatus Status { get; init; }

    /// <summary>When it accepted the terms: when it was registered.</summary>
    [Id(6)]
    public Instant TermsAcceptedAt { get; init; }

    /// <summary>Tokens with another epoch are void.</summary>
    [Id(7)]
    public int TokenEpoch { get; init; }

    /// <summary>Its band of quality.</summary>
    [Id(8)]
    public QualityBand Quality { get; init; }

    /// <summary>What its restriction forbids until <see cref="RestrictedUntil"/>.</summary>
    [Id(9)]
    public Restriction Restriction { get; init; }

    /// <summary>When that ends by itself; null where nothing is restricted, and while it is locked.</summary>
    [Id(10)]
    public Instant? RestrictedUntil { get; init; }

    /// <summary>Its tier on the ladder, when this was read.</summary>
    [Id(11)]
    public int Tier { get; init; }

    /// <summary>Its messaging limit.</summary>
    [Id(12)]
    public LimitTier Limit { get; init; }

    /// <summary>Where it would stand under the shadow policy, in a lease; null while the node that answers tries none.</summary>
    [Id(13)]
    public TriedBusiness? Tried { get; init; }
}

/// <summary>A node's short right to admit sends of one business without asking its grain. A cache of the fence: a commit under a moved epoch fails.</summary>
/// <param name="Epoch">The fence's epoch, read before <paramref name="Business"/> was.</param>
/// <param name="Business">The business as it was then.</param>
/// <param name="Now">The ledger's time then: who holds the lease counts on from it, so that restrictions end where the ledger's time says.</param>
/// <param name="Policy">The version of the policy that <paramref name="Business"/> was seen by; null from a node that doesn't say.</param>
[GenerateSerializer, Immutable, Alias("actors.business-lease")]
public sealed record BusinessLease(
    [property: Id(0)] long Epoch, [property: Id(1)] BusinessView Business, [property: Id(2)] Instant Now, [property: Id(3)] uint? Policy = null);

/// <summary>A node that holds leases.</summary>
[Alias("actors.lease-holder")]
public interface ILeaseHolder : IGrainObserver
{
    /// <summary>The lease no longer holds: drop it and everything cached under it. A hint; the fence is the guarantee.</summary>
    [Alias("drop")]
    Task DropAsync(long business);
}
