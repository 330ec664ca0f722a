using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Businesses;

namespace Actors.Grains;

internal sealed partial class BusinessGrain
{
    public async Task<EnforcementView?> EnforcementAsync() =>
        (await ReadNewestAsync()).State is { Registration: not null } state ? View(state) : null;

    public Task<EnforcementView?> RecordViolationAsync(string type, string note, string actor) => EnforceAsync(
        (state, _, now) => Enforcement.Strike(state, StrikeCause.Violation, ConductText.ViolationNote(type, note), now),
        actor,
        EnforcementAct.Violation,
        note: ConductText.ViolationNote(type, note));

    public Task<EnforcementView?> LockAsync(string note, string actor) => EnforceAsync(
        (state, _, now) => Enforcement.Lock(state, now), actor, EnforcementAct.Locked, note: note);

    public Task<EnforcementView?> UnlockAsync(string note, string actor) => EnforceAsync(Enforcement.Unlock, actor, EnforcementAct.Unlocked, note: note);

    public Task<AppealReply?> AppealAsync(int strike, string text, string actor) => AppealAsync(
        (state, now) => Enforcement.Appeal(state, strike, text, Numbers.Enforcement, now), strike, actor, EnforcementAct.AppealFiled, "");

    public Task<AppealReply?> DecideAppealAsync(int strike, bool reversed, string note, string actor) => AppealAsync(
        (state, now) => Enforcement.Decide(state, strike, reversed, note, now),
        strike,
        actor,
        reversed ? EnforcementAct.AppealReversed : EnforcementAct.AppealUpheld,
        note);

    public async Task<bool> SetLimitAsync(LimitTier tier, string note, string actor)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is null)
        {
            return false;
        }

        var now = TrustedNow();
        var limit = MessagingLimit.Set(tier, now);
        var tried = state.TriedBy(Shadow);
        var (from, next) = (state.LimitSoFar.Tier, state with { Limit = limit, Tried = tried is null ? null : tried with { Limit = limit } });
        var change = next.ToChange(Id, next.Version, movesEpoch: tier < from, now, actor, "limit_set", $"{ConductText.Of(tier)}: {note}");
        var rating = state.ConductSoFar.Band;
        var throughput = ConductText.ThroughputChanged(
            Throughput.LevelOf(from, rating), Throughput.LevelOf(tier, rating), tier, now, ConductText.NumbersOf(state));
        await WriteAsync(next, change with { Events = [ConductText.LimitChanged(from, tier, next.TemplatesMax(Numbers), now), .. throughput] });
        return true;
    }

    public async Task<QualityView?> QualityAsync(bool full)
    {
        var (_, state) = await ReadNewestAsync();
        return state.Registration is null ? null : QualityViews.Of(state.ConductSoFar, Numbers.Quality, full, _ledger.Clock.Now);
    }

    private async Task<AppealReply?> AppealAsync(
        Func<EnforcementState, Policy.Instant, AppealResult> act, int strike, string actor, EnforcementAct done, string note)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is null)
        {
            return null;
        }

        var now = TrustedNow();
        var result = act(state.ConductSoFar.Enforcement, now);
        EnforcementState Tried(EnforcementState tried, EnforcementNumbers numbers) => tried.WithAppealOf(result.Next!.Strikes[strike - 1]);
        return result.Next is { } next
            ? new AppealReply(null, View(await WriteAsync(state, next, Tried, now, actor, done, note, strike)))
            : new AppealReply(result.Refusal, View(state));
    }

    private async Task<EnforcementView?> EnforceAsync(
        Func<EnforcementState, EnforcementNumbers, Policy.Instant, EnforcementState> act, string actor, EnforcementAct done, string note)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is null)
        {
            return null;
        }

        var now = TrustedNow();
        var before = state.ConductSoFar.Enforcement;
        var next = act(before, Numbers.Enforcement, now);
        var isDone = next == before && (done == EnforcementAct.Unlocked) == (state.Status == BusinessStatus.Active);
        return View(isDone
            ? state
            : await WriteAsync(state, next, (tried, numbers) => act(tried, numbers, now), now, actor, done, note, next.Strikes.Length));
    }

    /// <summary>Makes a step of enforcement durable, tells the ledger and the nodes, and moves the epoch where more is forbidden than before.</summary>
    /// <param name="tried">The same step where the business would stand by the shadow policy.</param>
    private async Task<BusinessState> WriteAsync(
        BusinessState state,
        EnforcementState enforcement,
        Func<EnforcementState, EnforcementNumbers, EnforcementState> tried,
        Policy.Instant now,
        string actor,
        EnforcementAct done,
        string note,
        int strike)
    {
        var shadow = Shadow;
        var next = state with
        {
            Conduct = state.ConductSoFar with { Enforcement = enforcement },
            Tried = shadow is null ? null : state.TriedBy(shadow)!.After(shadow, tried),
        };
        var numbers = Numbers;
        var (before, after) = (state.StandingAt(numbers, now), next.StandingAt(numbers, now));
        next = next with
        {
            Conduct = next.ConductSoFar.Tell(after),
            Status = after.Restriction == Restriction.Locked ? BusinessStatus.Locked
                : before.Restriction == Restriction.Locked || done == EnforcementAct.Unlocked ? BusinessStatus.Active
                : state.Status,
        };
        var struck = strike >= 1 && strike <= enforcement.Strikes.Length ? enforcement.Strikes[strike - 1] : null;
        var change = next.ToChange(Id, next.Version, movesEpoch: after.ForbidsMoreThan(before), now, actor, ConductText.AuditActionOf(done), note);
        var ended = ConductText.Ended(state.ConductSoFar.Told, before, now);
        var platform = ended.Select(one => new AuditEntry(now, ConductText.Platform, one.Action, Id, GrainChange.BusinessSource(Id), one.Note));
        await WriteAsync(next, change with
        {
            Events =
            [
                .. ended.Select(one => one.Event),
                ConductText.Enforced(done, after, done is EnforcementAct.Locked or EnforcementAct.Unlocked ? null : struck, now),
            ],
            Audit = [.. platform, .. change.Audit],
            Directory = struck?.Appeal is { } appeal ? change.Directory.Add(ConductText.AppealEntry(Id, struck, appeal)) : change.Directory,
        });
        return next;
    }

    private async Task WriteAsync(BusinessState next, GrainChange change)
    {
        await _outbox.WriteAsync(next, change);
        await TellHoldersAsync(change.MovesEpoch);
    }

    private EnforcementView View(BusinessState state)
    {
        var (enforcement, standing) = (state.ConductSoFar.Enforcement, state.StandingAt(Numbers, _ledger.Clock.Now));
        return new EnforcementView(
            standing.Tier,
            standing.Restriction,
            standing.Until,
            standing.TierFallsAt,
            enforcement.LockedAt,
            [.. enforcement.Strikes.Select(s => new StrikeView(s.Number, s.Cause, s.At, s.Note, s.At + Numbers.Enforcement.AppealWithin, ViewOf(s.Appeal)))]);
    }

    private static AppealView? ViewOf(Appeal? appeal) =>
        appeal is null ? null : new AppealView(appeal.At, appeal.Text, appeal.Status, appeal.DecidedAt, appeal.Note);
}
