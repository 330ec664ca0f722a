using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;

namespace Actors.Grains;

/// <summary>What the ledger tells of the business, and what follows from it.</summary>
internal sealed partial class BusinessGrain
{
    public async Task FoldAsync(ImmutableArray<EventLine> events)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is not null)
        {
            await JudgeAsync(state, state.Fold(events, _numbers));
        }
    }

    /// <summary>Judges what was folded, at this instant; all that follows is durable with it in one write.</summary>
    private async Task JudgeAsync(BusinessState state, BusinessState folded)
    {
        if (folded.Conduct is not { } conduct)
        {
            return;
        }

        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        var now = _ledger.Clock.Now;
        var judgement = conduct.At(limit: null, _numbers, now);
        if (ReferenceEquals(folded, state) && ReferenceEquals(judgement.Next, conduct))
        {
            return;
        }

        await _outbox.WriteAsync(folded with { Conduct = judgement.Next }, judgement.BandChanged ? Change() : null);
        if (judgement.BandChanged)
        {
            await TellHoldersAsync();
        }

        GrainChange Change() => new(GrainChange.BusinessSource(Id), folded.Version + 1, Id, MovesEpoch: false)
        {
            Events = [QualityText.Event(judgement.BandBefore, judgement.Next.Band, template: 0, now)],
        };
    }
}
