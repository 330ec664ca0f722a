using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Orleans.Concurrency;

namespace Actors.Grains;

/// <summary>The versions of the policy. The ledger keeps them, and lets only one change follow another: any node may make it.</summary>
[GrainType("policy")]
[StatelessWorker]
internal sealed class PolicyGrain(UserLedger ledger, PolicyKeeper keeper, GrainsSettings settings) : Grain, IPolicyGrain
{
    private ILedgerStore Store => ledger.Store;

    public async Task<PolicyView> GetAsync()
    {
        var newest = await NewestAsync();
        return (await VersionsAsync(newest.Version, 1))[0];
    }

    public async Task<PolicyInForce> InForceAsync()
    {
        var newest = await NewestAsync();
        return new PolicyInForce(
            newest.Version,
            [.. PolicyText.Read(newest.Values).Select(value => new PolicyValue(value.Key, value.Value))],
            settings.Ledger.Retention,
            keeper.Shadow);
    }

    public async Task<ImmutableArray<PolicyView>> VersionsAsync(uint from, int limit)
    {
        // With the one before, to say what changed.
        var hasBefore = from > 0;
        var stored = await Outages.AsOutageAsync(
            () => Store.ReadPoliciesAsync(hasBefore ? from - 1 : from, hasBefore ? limit + 1 : limit, CancellationToken.None));
        return
        [
            .. stored.Select((policy, i) => (Policy: policy, Before: i > 0 ? stored[i - 1] : null))
                .Where(pair => pair.Policy.Version >= from)
                .Select(pair => PolicyText.View(pair.Policy, pair.Before)),
        ];
    }

    public async Task<PolicyReply> ChangeAsync(uint basis, ImmutableArray<PolicyValue> changes, string reason, string actor)
    {
        var newest = await NewestAsync();
        if (newest.Version != basis)
        {
            return new PolicyReply(PolicyRefusal.Moved, PolicyText.View(newest, null), []);
        }

        var (values, faults) = PolicyEdit.Make(PolicyText.Read(newest.Values), changes);
        return faults.IsEmpty
            ? await AddAsync(newest, values, null, reason, actor)
            : new PolicyReply(PolicyRefusal.Wrong, PolicyText.View(newest, null), faults);
    }

    public async Task<PolicyReply> RollBackAsync(uint version, uint basis, string reason, string actor)
    {
        var newest = await NewestAsync();
        if (newest.Version != basis)
        {
            return new PolicyReply(PolicyRefusal.Moved, PolicyText.View(newest, null), []);
        }

        var earlier = await Outages.AsOutageAsync(() => Store.ReadPoliciesAsync(version, 1, CancellationToken.None));
        return earlier is [{ } policy] && policy.Version == version
            ? await AddAsync(newest, PolicyText.Read(policy.Values), version, reason, actor)
            : new PolicyReply(PolicyRefusal.VersionUnknown, PolicyText.View(newest, null), []);
    }

    public async Task<ShadowView?> ShadowAsync()
    {
        if (await Outages.AsOutageAsync(() => Store.ReadShadowAsync(CancellationToken.None)) is not { Values.Length: > 0 } shadow)
        {
            return null;
        }

        var values = PolicyText.Read(shadow.Values).Select(value => new PolicyValue(value.Key, value.Value));
        var sum = await GrainFactory.GetGrain<IShadowGrain>(0).SumAsync(shadow.At);
        return new ShadowView(shadow.At, shadow.Actor, [.. values], sum.Counts, sum.Untried);
    }

    public async Task<ImmutableArray<PolicyFault>> SetShadowAsync(ImmutableArray<PolicyValue> changes, string actor)
    {
        var (values, faults) = PolicyEdit.Shadow(changes);
        if (faults.IsEmpty)
        {
            var (now, text) = (ledger.Clock.Now, values.IsEmpty ? "" : PolicyText.Write(values));
            var audit = new AuditEntry(now, actor, values.IsEmpty ? "shadow_ended" : "shadow_set", 0, "policy shadow", text);
            await Outages.AsOutageAsync(async () =>
            {
                // When it was set is what a shadow is known by: never twice the same, and the later one is the newer.
                var before = await Store.ReadShadowAsync(CancellationToken.None);
                var at = before is null ? now : Instant.Max(now, before.At + TimeSpan.FromMilliseconds(1));
                await Store.WriteShadowAsync(new StoredShadow(at, actor, text), audit, CancellationToken.None);
                return true;
            });
        }

        return faults;
    }

    /// <summary>The newest version, whose numbers this build knows: what it can't obey, it can't change either.</summary>
    private Task<StoredPolicy> NewestAsync() => Outages.AsOutageAsync(async () =>
    {
        var newest = await keeper.ReadAsync();
        keeper.Of(newest);
        return newest;
    });

    /// <summary>Makes the numbers the next version. When this returns, no send that was decided by an older one can be accepted any more.</summary>
    private async Task<PolicyReply> AddAsync(
        StoredPolicy newest, ImmutableSortedDictionary<string, ImmutableArray<string>> values, uint? rolledBackTo, string reason, string actor)
    {
        var now = ledger.Clock.Now;
        var next = newest with
        {
            Version = newest.Version + 1,
            At = now,
            Actor = actor,
            Reason = reason,
            RolledBackTo = rolledBackTo,
            Values = PolicyText.Write(values),
        };
        if (next.Values == newest.Values)
        {
            return new PolicyReply(PolicyRefusal.NothingChanges, PolicyText.View(newest, null), []);
        }

        // Before it is durable: an earlier version may have numbers that this build doesn't know, and then no node could obey it.
        var numbers = keeper.Of(next);
        var audit = new AuditEntry(now, actor, rolledBackTo is null ? "policy_changed" : "policy_rolled_back", 0, PolicyKeeper.Target(next.Version), reason);
        if (!await AppendAsync(next, audit))
        {
            return new PolicyReply(PolicyRefusal.Moved, PolicyText.View(await NewestAsync(), null), []);
        }

        keeper.Book.Take(numbers);
        return new PolicyReply(null, PolicyText.View(next, newest), []);
    }

    private async Task<bool> AppendAsync(StoredPolicy next, AuditEntry audit)
    {
        try
        {
            return await Outages.AsOutageAsync(() => Store.AppendPolicyAsync(next, audit, CancellationToken.None));
        }
        catch (UnknownOutcomeException)
        {
            throw Outages.Of(CommitOutcome.Unknown);
        }
    }
}
