using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Grains;

/// <summary>What the ledger tells of the business, and what follows from it.</summary>
internal sealed partial class BusinessGrain
{
    public async Task FoldAsync(ImmutableArray<EventLine> events)
    {
        var state = await _outbox.ReadAsync();
        if (state.Registration is not null)
        {
            await JudgeAsync(state, state.Fold(events, Numbers));
        }
    }

    /// <summary>Judges what was folded, at this instant; all that follows is durable with it in one write.</summary>
    private async Task JudgeAsync(BusinessState state, BusinessState folded)
    {
        if (folded.Conduct is null)
        {
            return;
        }

        var now = TrustedNow();
        var judged = JudgedBusiness.Of(folded, Numbers, now);
        if (judged.State == state)
        {
            return;
        }

        var change = judged.ToChange(Id, now);
        await _outbox.WriteAsync(judged.State, change);
        if (change is not null)
        {
            await TellHoldersAsync();
        }
    }
}
