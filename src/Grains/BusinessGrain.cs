using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Storage;
using Orleans.Utilities;

namespace Actors.Grains;

/// <summary>A business: keeps its state, tells the ledger what changed, and the nodes that hold leases.</summary>
/// <remarks>
/// The order of every change: the state is durable, the ledger has it (and its epoch has moved where something is forbidden), the holders are told,
/// the caller is answered.
/// </remarks>
[GrainType("business")]
[Immovable(ImmovableKind.Rebalancer)]
internal sealed partial class BusinessGrain : Grain, IBusinessGrain
{
    private readonly UserLedger _ledger;
    private readonly PolicyBook _policy;
    private readonly SignalMarks _marks;
    private readonly Outbox<BusinessState> _outbox;
    private readonly TimeProvider _time;

    public BusinessGrain(
        [FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage, UserLedger ledger, PolicyBook policy, SignalMarks marks,
        TimeProvider time, ILogger<BusinessGrain> logger)
    {
        (_ledger, _policy, _marks, _time) = (ledger, policy, marks, time);
        _outbox = new Outbox<BusinessState>("business", this.GetGrainId(), storage, ledger);
        _holders = new ObserverManager<ILeaseHolder>(HolderLife, logger);
    }

    private long Id => this.GetPrimaryKeyLong();

    /// <summary>The newest that this node knows. Where it must be the newest of all: behind <see cref="ReadNewestAsync"/>.</summary>
    private PolicyNumbers Numbers => _policy.Current;

    /// <summary>What is tried beside it; null for nothing.</summary>
    private ShadowPolicy? Shadow => _policy.Shadow;

    public async Task<bool> RegisterAsync(BusinessRegistration registration, string actor)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is not null)
        {
            return false;
        }

        await WriteAsync(state with { Registration = registration, TermsAcceptedAt = _ledger.Clock.Now }, actor, "business_registered");
        return true;
    }

    public async Task<BusinessView?> GetAsync() => (await ReadNewestAsync()).State is { Registration: not null } state
        ? state.ToView(Id, Numbers, _ledger.Clock.Now)
        : null;

    public async Task<BusinessLease?> LeaseAsync(ILeaseHolder? holder)
    {
        var (epoch, state) = await ReadNewestAsync();
        if (state.Registration is null)
        {
            return null;
        }

        if (holder is not null)
        {
            Subscribe(holder);
        }

        var now = _ledger.Clock.Now;
        var numbers = Numbers;
        return new BusinessLease(epoch, state.ToView(Id, numbers, now, Shadow), now, numbers.Version);
    }

    public async Task<bool> SetProfileAsync(BusinessProfile profile, string actor) =>
        await ChangeAsync(state => state.With(profile), actor, "business_profile_set") is not null;

    public async Task<bool> VerifyAsync(Verification verification, bool official, string note, string actor)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is null)
        {
            return false;
        }

        var next = state with
        {
            Verification = verification,
            Official = official,
            // Kept, also where it only followed from being verified: a limit never falls without the epoch.
            Limit = verification == Verification.Verified ? MessagingLimit.Verified(state.LimitSoFar) : state.LimitSoFar,
            Tried = state.TriedBy(Shadow) is { } tried && verification == Verification.Verified
                ? tried with { Limit = MessagingLimit.Verified(tried.Limit) } : state.TriedBy(Shadow),
        };
        var now = _ledger.Clock.Now;
        var (before, after, templates) = (state.LimitSoFar.Tier, next.LimitSoFar.Tier, next.TemplatesMax(Numbers));
        var change = next.ToChange(Id, next.Version, movesEpoch: false, now, actor, BusinessState.VerifiedAction, note);
        await WriteAsync(next, before == after && state.TemplatesMax(Numbers) == templates
            ? change
            : change with { Events = change.Events.Add(ConductText.LimitChanged(before, after, templates, now)) });
        return true;
    }

    public async Task<int?> RevokeTokensAsync(string actor) =>
        (await ChangeAsync(state => state with { TokenEpoch = state.TokenEpoch + 1 }, actor, "tokens_revoked", movesEpoch: true))?.TokenEpoch;

    public async Task<int?> TokenIssuedAsync(string scope, string actor, int? askedUnder)
    {
        // A revoked token must not outlive its revocation in a child: what was checked at the door may have been revoked since.
        if (askedUnder is { } epoch && (await _outbox.ReadAsync()).TokenEpoch != epoch)
        {
            return null;
        }

        return (await ChangeAsync(state => state, actor, "token_issued", scope))?.TokenEpoch;
    }

    public async Task<TemplateSlot> NewTemplateAsync()
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is null)
        {
            return new(TemplateRefusal.BusinessUnknown);
        }

        var now = _ledger.Clock.Now;
        var query = new DirectoryQuery(DirectoryKind.Template, Id, null, null, null, 0, Numbers.Templates.PerVerifiedBusiness);
        var listed = await Outages.AsOutageAsync(() => _ledger.Store.ReadDirectoryAsync(query, CancellationToken.None));
        if (state.WhyNoTemplate(Id, listed.Select(entry => entry.Id).ToHashSet(), Numbers, now) is { } refused)
        {
            return refused;
        }

        await _outbox.WriteAsync(state.WithTemplate(now));
        return new(null, Ids.Template(Id, state.Templates));
    }

    public Task TemplatesChangedAsync() => TellHoldersAsync(waits: true);

    private async Task<BusinessState?> ChangeAsync(
        Func<BusinessState, BusinessState> change, string actor, string action, string note = "", bool movesEpoch = false)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is null)
        {
            return null;
        }

        var next = change(state);
        await WriteAsync(next, actor, action, note, movesEpoch);
        return next;
    }

    private async Task WriteAsync(BusinessState next, string actor, string action, string note = "", bool movesEpoch = false)
    {
        await _outbox.WriteAsync(next, next.ToChange(Id, next.Version, movesEpoch, _ledger.Clock.Now, actor, action, note));
        await TellHoldersAsync(movesEpoch);
    }

    /// <summary>
    /// The epoch, and then the state: a lease never pairs a new epoch with an old state. When the ledger knows of a later change than this activation does,
    /// another one has made it: then what is stored counts, and this one ends. The policy is learned, too, where the ledger has a newer one.
    /// </summary>
    private async Task<(long Epoch, BusinessState State)> ReadNewestAsync()
    {
        var state = await _outbox.ReadAsync();
        var fence = await Outages.AsOutageAsync(() => _ledger.Store.ReadFenceAsync(Id, CancellationToken.None));
        if (fence.Policy > Numbers.Version)
        {
            await Outages.AsOutageAsync(async () =>
            {
                await _policy.AtLeastAsync(fence.Policy);
                return true;
            });
        }

        if (fence.Version > state.Version)
        {
            DeactivateOnIdle();
            _outbox.Forget();
            state = await _outbox.ReadAsync();
        }

        return (fence.Epoch, state);
    }

    /// <summary>The ledger's time for what begins or ends a period.</summary>
    /// <exception cref="OutageException">It can't be trusted now.</exception>
    private Instant TrustedNow() => _ledger.Clock.IsTrusted ? _ledger.Clock.Now : throw Outages.Unavailable();
}
