using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Grains;

/// <summary>A business after it was judged by its conduct, and what is told of that.</summary>
/// <param name="State">Its state from now on.</param>
/// <param name="Events">What happened; empty where nothing did: then there is nothing to tell, but the state may still have changed.</param>
/// <param name="Notes">What of it stands in the audit: action and note.</param>
/// <param name="MovesEpoch">Whether more is forbidden than before.</param>
internal sealed record JudgedBusiness(
    BusinessState State, ImmutableArray<GrainEvent> Events, ImmutableArray<(string Action, string Note)> Notes, bool MovesEpoch)
{
    /// <summary>
    /// Judges: band, strikes, early warnings, and whether the messaging limit goes up. After each batch that was counted, and at least hourly. Judging
    /// twice at one instant tells nothing twice.
    /// </summary>
    public static JudgedBusiness Of(BusinessState state, PolicyNumbers numbers, Instant now)
    {
        var limit = state.LimitSoFar;
        var judgement = state.ConductSoFar.At(MessagingLimit.Users(limit.Tier), numbers, now);
        var raised = MessagingLimit.Raised(limit, judgement.Next, state.Verification == Verification.Verified, numbers, now);
        var next = state with { Conduct = judgement.Next, Limit = raised == limit ? state.Limit : raised };
        var (before, after) = (state.StandingAt(numbers, now), next.StandingAt(numbers, now));
        next = next with
        {
            Conduct = next.ConductSoFar.Tell(after),
            Status = after.Restriction == Restriction.Locked ? BusinessStatus.Locked : state.Status,
        };

        var events = ImmutableArray.CreateBuilder<GrainEvent>();
        var notes = ImmutableArray.CreateBuilder<(string, string)>();
        foreach (var (ended, action, note) in ConductText.Ended(state.ConductSoFar.Told, before, now))
        {
            events.Add(ended);
            notes.Add((action, note));
        }

        if (judgement.BandChanged)
        {
            events.AddRange(ConductText.NumbersOf(state)
                .Select(number => QualityText.OfBusiness(judgement.BandBefore, judgement.Next.Band, raised.Tier, now, number)));
            notes.Add(("quality_changed", $"{QualityText.Word(judgement.BandBefore)} to {QualityText.Word(judgement.Next.Band)}"));
        }

        foreach (var strike in judgement.Strikes)
        {
            events.Add(ConductText.Enforced(EnforcementAct.Struck, after, strike, now));
            notes.Add((ConductText.AuditActionOf(EnforcementAct.Struck), strike.Note));
        }

        if (judgement.NearRed)
        {
            events.Add(ConductText.Warned("red", now));
            notes.Add(("early_warning", "near red"));
        }

        if (judgement.NearStrike)
        {
            events.Add(ConductText.Warned("strike", now));
            notes.Add(("early_warning", "near a strike"));
        }

        if (raised != limit)
        {
            events.Add(ConductText.LimitChanged(limit.Tier, raised.Tier, next.TemplatesMax(numbers), now));
            notes.Add(("limit_raised", $"{ConductText.Of(limit.Tier)} to {ConductText.Of(raised.Tier)}"));
        }

        // A lower level is forbidden at once on all nodes: under an epoch that has moved nobody holds a share of the rate that was.
        var (from, to) = (Throughput.LevelOf(limit.Tier, judgement.BandBefore), Throughput.LevelOf(raised.Tier, judgement.Next.Band));
        if (from != to)
        {
            events.AddRange(ConductText.ThroughputChanged(from, to, raised.Tier, now, ConductText.NumbersOf(state)));
            notes.Add(("throughput_changed", $"{ConductText.Of(from)} to {ConductText.Of(to)}"));
        }

        return new JudgedBusiness(next, events.ToImmutable(), notes.ToImmutable(), after.ForbidsMoreThan(before) || to < from);
    }

    /// <summary>What the ledger is told; null where there is nothing to tell.</summary>
    public GrainChange? ToChange(long id, Instant now)
    {
        if (Events.IsEmpty)
        {
            return null;
        }

        var source = GrainChange.BusinessSource(id);
        var change = State.ToChange(id, State.Version, MovesEpoch, now, ConductText.Platform, "");
        return change with { Events = Events, Audit = [.. Notes.Select(n => new AuditEntry(now, ConductText.Platform, n.Action, id, source, n.Note))] };
    }
}
