using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>What is stored of the shadow's counts. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record ShadowState : OutboxState
{
    /// <summary>When the shadow was set that this is counted of; null while nothing ever was.</summary>
    public Instant? SetAt { get; init; }

    /// <summary>The sum, without what never was.</summary>
    public ImmutableArray<ShadowCount> Counts { get; init; } = [];

    public long Untried { get; init; }

    /// <summary>The newest report of each run that is in the sum; who told last stands last.</summary>
    public ImmutableArray<ShadowRun> Runs { get; init; } = [];
}

/// <summary>A run of a node's process.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its newest report.</param>
internal readonly record struct ShadowRun(Guid Id, long Number);

/// <summary>Sums what nodes count of the shadow policy: durable with the answer, each report once.</summary>
[GrainType("shadow")]
internal sealed class ShadowGrain : Grain, IShadowGrain
{
    /// <summary>
    /// So many runs are remembered. What a forgotten one told stays in the sum: it would count twice only if it told its last report again after so many
    /// others.
    /// </summary>
    internal const int RunsMax = 256;

    private readonly Outbox<ShadowState> _outbox;

    public ShadowGrain([FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage, UserLedger ledger) =>
        _outbox = new Outbox<ShadowState>("shadow", this.GetGrainId(), storage, ledger);

    public async Task AddAsync(ShadowReport report)
    {
        var state = await _outbox.ReadAsync();
        if (report.SetAt < state.SetAt)
        {
            return;   // of a shadow that has ended
        }

        state = report.SetAt == state.SetAt ? state : new ShadowState { SetAt = report.SetAt, Version = state.Version, Outbox = state.Outbox };
        if (state.Runs.Any(run => run.Id == report.Run && run.Number >= report.Number))
        {
            return;
        }

        var runs = state.Runs.RemoveAll(run => run.Id == report.Run).Add(new ShadowRun(report.Run, report.Number));
        await _outbox.WriteAsync(state with
        {
            Counts = Sum(state.Counts, report.Counts),
            Untried = state.Untried + report.Untried,
            Runs = runs.Length > RunsMax ? runs.RemoveRange(0, runs.Length - RunsMax) : runs,
        });
    }

    public async Task<ShadowSum> SumAsync(Instant setAt)
    {
        var state = await _outbox.ReadAsync();
        return state.SetAt == setAt ? new ShadowSum(state.Counts, state.Untried) : new ShadowSum([], 0);
    }

    private static ImmutableArray<ShadowCount> Sum(ImmutableArray<ShadowCount> counts, ImmutableArray<ShadowCount> more) =>
    [
        .. counts.Concat(more).GroupBy(count => (count.Decided, count.Shadow))
            .Select(group => new ShadowCount(group.Key.Decided, group.Key.Shadow, group.Sum(count => count.Sends)))
            .OrderBy(count => (count.Decided, count.Shadow)),
    ];
}
