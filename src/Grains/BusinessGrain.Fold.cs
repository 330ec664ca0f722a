using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy.Businesses;

namespace Actors.Grains;

/// <summary>What the ledger tells of the business, and what follows from it.</summary>
internal sealed partial class BusinessGrain
{
    public async Task FoldAsync(ImmutableArray<EventLine> events)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is not null)
        {
            await JudgeAsync(state, state.Fold(events, Numbers, await _marks.GetAsync(), Shadow));
        }
    }

    public async Task<ImmutableArray<ReportView>> ReportsAsync()
    {
        var (state, now) = ((await ReadNewestAsync()).State, _ledger.Clock.Now);
        return
        [
            .. (state.Reports?.Counts ?? []).Select(count => new ReportView(
                count.Reason,
                ReportTally.Within(count, 1, now),
                ReportTally.Within(count, 7, now),
                ReportTally.Within(count, 30, now),
                count.Total,
                count.NewestAt)),
        ];
    }

    /// <summary>Judges what was folded, at this instant; all that follows is durable with it in one write.</summary>
    private async Task JudgeAsync(BusinessState state, BusinessState folded)
    {
        if (folded.Conduct is null)
        {
            return;
        }

        var now = TrustedNow();
        var (numbers, shadow) = (Numbers, Shadow);
        var judged = JudgedBusiness.Of(folded, numbers, now);
        var isVerified = judged.State.Verification == Verification.Verified;
        var next = judged.State with { Tried = shadow is null ? null : folded.TriedBy(shadow)!.JudgedBy(shadow, isVerified, now) };
        if (next == state)
        {
            return;
        }

        var change = judged.ToChange(Id, now);
        await _outbox.WriteAsync(next, change);
        if (change is not null || (shadow is not null && next.StandsOtherwise(state, shadow, now)))
        {
            await TellHoldersAsync(change?.MovesEpoch == true);
        }
    }
}
