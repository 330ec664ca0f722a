using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Businesses;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Actors.Grains.Tests;

/// <summary>What a business's grain keeps and tells of enforcement, quality and limit, on either database.</summary>
public abstract class EnforcementTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private const string Ann = "operator:ann";
    private readonly long _id = Given.NewBusiness();

    private TestNode Node => running.Node;

    private IBusinessGrain Business => Node.Business(_id);

    [Fact]
    public async Task A_violation_is_a_strike_and_what_it_restricts_is_in_the_lease()
    {
        await RegisterAsync();
        var warned = (await Business.RecordViolationAsync("scam", "sold air", Ann))!;
        Assert.Equal((1, Restriction.Warning), (warned.Tier, warned.Restriction));
        var first = await Business.LeaseAsync(null);
        var struck = (await Business.RecordViolationAsync("spam", "again", Ann))!;
        Assert.Equal((2, Restriction.NoMarketing, 2), (struck.Tier, struck.Restriction, struck.Strikes.Length));
        var strike = struck.Strikes[1];
        Assert.Equal((2, StrikeCause.Violation, "spam: again"), (strike.Number, strike.Cause, strike.Note));
        Assert.Equal((strike.At + TimeSpan.FromDays(1), strike.At + TimeSpan.FromDays(90)), (struck.Until!.Value, strike.AppealUntil));

        await running.RestartAsync();
        var lease = await Business.LeaseAsync(null);
        Assert.Equal((Restriction.NoMarketing, struck.Until, 2), (lease!.Business.Restriction, lease.Business.RestrictedUntil, lease.Business.Tier));
        Assert.True(lease.Epoch > first!.Epoch);
        Assert.True(lease.Now >= strike.At);
        Assert.Equal((BusinessStatus.Active, 2), (lease.Business.Status, (await Business.EnforcementAsync())!.Strikes.Length));
    }

    [Fact]
    public async Task A_warning_forbids_nothing_and_moves_no_epoch()
    {
        await RegisterAsync();
        var before = await Business.LeaseAsync(null);
        await Business.RecordViolationAsync("scam", "sold air", Ann);
        Assert.Equal(before!.Epoch, (await Business.LeaseAsync(null))!.Epoch);
    }

    [Fact]
    public async Task A_lock_holds_until_it_is_taken_back_and_is_seen_in_the_list()
    {
        await RegisterAsync();
        var before = await Business.LeaseAsync(null);
        Assert.Equal(Restriction.Locked, (await Business.LockAsync("taken over", Ann))!.Restriction);
        await Business.LockAsync("again", Ann);
        await Node.ForgetAsync(Business);
        var locked = await Business.LeaseAsync(null);
        Assert.Equal((BusinessStatus.Locked, before!.Epoch + 1), (locked!.Business.Status, locked.Epoch));
        Assert.Equal("LOCKED", Assert.Single(await Node.Reads.BusinessesAsync(null, _id - 1, 1)).Status);

        Assert.Equal(Restriction.None, (await Business.UnlockAsync("owner back", Ann))!.Restriction);
        await Business.UnlockAsync("again", Ann);
        Assert.Equal(BusinessStatus.Active, (await Business.GetAsync())!.Status);
        Assert.Equal("ACTIVE", Assert.Single(await Node.Reads.BusinessesAsync(null, _id - 1, 1)).Status);
        Assert.Equal([("business_locked", "taken over"), ("business_unlocked", "owner back")], await AuditAsync());
    }

    [Fact]
    public async Task The_sixth_strike_locks_and_an_unlock_leads_to_tier_5_without_a_restriction()
    {
        await RegisterAsync();
        for (var strike = 0; strike < 6; strike++)
        {
            await Business.RecordViolationAsync("scam", "again", Ann);
        }

        Assert.Equal(BusinessStatus.Locked, (await Business.GetAsync())!.Status);
        var unlocked = (await Business.UnlockAsync("enough", Ann))!;
        Assert.Equal((5, Restriction.None), (unlocked.Tier, unlocked.Restriction));
        Assert.Equal(BusinessStatus.Active, (await Business.GetAsync())!.Status);
    }

    [Fact]
    public async Task An_appeal_is_queued_and_reversed_it_takes_its_strike_back()
    {
        await RegisterAsync();
        await Business.RecordViolationAsync("scam", "sold air", Ann);
        await Business.RecordViolationAsync("scam", "sold water", Ann);
        var restricted = await Business.LeaseAsync(null);
        Assert.Equal(AppealRefusal.StrikeUnknown, (await Business.AppealAsync(3, "who?", $"business:{_id}"))!.Refusal);
        Assert.Equal(AppealRefusal.NotAppealed, (await Business.DecideAppealAsync(2, true, "", Ann))!.Refusal);
        Assert.Null((await Business.AppealAsync(2, "it was water", $"business:{_id}"))!.Refusal);
        Assert.Equal(AppealRefusal.AppealedBefore, (await Business.AppealAsync(2, "really", $"business:{_id}"))!.Refusal);

        var queued = (await Node.Reads.AppealsAsync("FILED", Ids.Appeal(_id, 0), 1))[0];
        Assert.Equal((_id, 2, "violation"), (queued.Business, Ids.StrikeOf(queued.Id), queued.Name));
        await Node.ForgetAsync(Business);
        var reversed = (await Business.DecideAppealAsync(2, true, "water indeed", "operator:bob"))!;
        Assert.Equal((null, 1, Restriction.Warning), (reversed.Refusal, reversed.Enforcement.Tier, reversed.Enforcement.Restriction));
        Assert.Equal("water indeed", reversed.Enforcement.Strikes[1].Appeal!.Note);
        Assert.DoesNotContain(await Node.Reads.AppealsAsync("FILED", Ids.Appeal(_id, 0), 1), a => a.Business == _id);
        Assert.Equal("REVERSED", (await Node.Reads.AppealsAsync(null, Ids.Appeal(_id, 0), 1))[0].Status);

        // What is allowed again needs no new epoch.
        Assert.Equal(restricted!.Epoch, (await Business.LeaseAsync(null))!.Epoch);
        Assert.Equal(["violation_recorded", "violation_recorded", "appeal_filed", "appeal_reversed"], (await AuditAsync()).Select(a => a.Action));
    }

    [Fact]
    public async Task Every_step_is_an_event()
    {
        await RegisterAsync();
        await Business.RecordViolationAsync("scam", "sold air", Ann);
        await Business.AppealAsync(1, "no", $"business:{_id}");
        await Business.DecideAppealAsync(1, false, "yes", Ann);
        await Business.LockAsync("now", Ann);
        await Business.UnlockAsync("then", Ann);
        await Business.SetLimitAsync(LimitTier.Unlimited, "big", Ann);
        var events = (await Node.Reads.EventsAsync(_id, 0, 100)).Events;
        while (events.Length < 8)
        {
            events = (await Node.Reads.EventsAsync(_id, 0, 100)).Events;   // what was just written becomes readable in a moment
        }

        Assert.Equal(
            [
                EventKind.BusinessChanged, EventKind.Restricted, EventKind.AppealChanged, EventKind.AppealChanged, EventKind.Restricted,
                EventKind.RestrictionLifted, EventKind.LimitChanged, EventKind.ThroughputChanged,
            ],
            events.Select(e => e.Event.Kind));
        Assert.StartsWith("""{"act":"strike","tier":1,"restriction":"warning",""", events[1].Text!, StringComparison.Ordinal);
        Assert.Equal("""{"from":"250","to":"unlimited","templates":250}""", events[6].Text);
        Assert.Equal("""{"from":"STANDARD","to":"HIGH","limit":"unlimited"}""", events[7].Text);
    }

    [Fact]
    public async Task A_limit_is_250_then_2000_with_verification_and_what_an_operator_sets()
    {
        await RegisterAsync();
        Assert.Equal(LimitTier.First, (await Business.GetAsync())!.Limit);
        await Business.VerifyAsync(Verification.Verified, false, "", Ann);
        Assert.Equal(LimitTier.Second, (await Business.GetAsync())!.Limit);
        Assert.True(await Business.SetLimitAsync(LimitTier.Fourth, "known sender", Ann));
        await Node.ForgetAsync(Business);
        Assert.Equal(LimitTier.Fourth, (await Business.GetAsync())!.Limit);
        var before = await Business.LeaseAsync(null);
        Assert.True(await Business.SetLimitAsync(LimitTier.First, "not so known", Ann));
        Assert.Equal(before!.Epoch + 1, (await Business.LeaseAsync(null))!.Epoch);
    }

    [Fact]
    public async Task What_verification_gave_stays_when_it_is_taken_back_also_where_an_older_build_did_not_keep_it()
    {
        await RegisterAsync();
        await Business.VerifyAsync(Verification.Verified, false, "", Ann);
        await Node.ForgetAsync(Business);
        var storage = Node.Services.GetRequiredKeyedService<IGrainStorage>(GrainsHosting.Storage);
        var row = new GrainState<BusinessState>();
        await storage.ReadStateAsync("business", Business.GetGrainId(), row);
        row.State = row.State! with { Limit = null };
        await storage.WriteStateAsync("business", Business.GetGrainId(), row);
        var before = (await Business.LeaseAsync(null))!;
        Assert.Equal(LimitTier.Second, before.Business.Limit);

        // No epoch moves: places lent under this limit can be used, so it may not fall.
        await Business.VerifyAsync(Verification.Rejected, false, "papers forged", Ann);
        var after = (await Business.LeaseAsync(null))!;
        Assert.Equal((before.Epoch, LimitTier.Second), (after.Epoch, after.Business.Limit));
    }

    [Fact]
    public async Task Of_a_business_that_is_not_registered_nothing_can_be_enforced()
    {
        Assert.Null(await Business.EnforcementAsync());
        Assert.Null(await Business.RecordViolationAsync("scam", "x", Ann));
        Assert.Null(await Business.LockAsync("x", Ann));
        Assert.Null(await Business.UnlockAsync("x", Ann));
        Assert.Null(await Business.AppealAsync(1, "x", Ann));
        Assert.Null(await Business.DecideAppealAsync(1, true, "x", Ann));
        Assert.False(await Business.SetLimitAsync(LimitTier.First, "x", Ann));
        Assert.Null(await Business.QualityAsync(false));
    }

    [Fact]
    public async Task Of_a_new_business_the_quality_is_unknown()
    {
        await RegisterAsync();
        var quality = (await Business.QualityAsync(false))!;
        Assert.Equal((QualityBand.Unknown, null, 0d, null), (quality.Band, quality.Score, quality.Delivered, quality.Negative));
        Assert.Equal(0, (await Business.QualityAsync(true))!.Negative);
    }

    private Task<bool> RegisterAsync() => Business.RegisterAsync(Given.Registration(_id), Ann);

    private async Task<IEnumerable<(string Action, string Note)>> AuditAsync() => (await Node.Reads.AuditAsync(0, 1_000))
        .Where(a => a.Business == _id && a.Action != "business_registered").Select(a => (a.Action, a.Note));
}

public sealed class EnforcementOnSqliteTests(Running<SqliteDatabase> running) : EnforcementTests<SqliteDatabase>(running);

public sealed class EnforcementOnPostgresTests(Running<PostgresDatabase> running) : EnforcementTests<PostgresDatabase>(running);
