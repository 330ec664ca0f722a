using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Actors.Grains;

/// <summary>Runs <see cref="ErasureSweep"/>. For a moment there can be two, when a node dies: that does no harm, since all of it can be repeated.</summary>
[GrainType("eraser")]
[Immovable(ImmovableKind.Rebalancer)]
[KeepAlive]
internal sealed class EraserGrain : LogReaderGrain, IEraserGrain
{
    private readonly GrainsSettings _settings;
    private readonly ErasureSweep _sweep;

    public EraserGrain(UserLedger ledger, GrainSchema schema, GrainsSettings settings, ILogger<EraserGrain> logger)
    {
        _settings = settings;
        _sweep = new ErasureSweep(
            ledger, (business, user) => GrainFactory.GetGrain<IBlockListGrain>(business).NoteAsync([user], blocked: false), schema, logger);
    }

    public Task WakeAsync()
    {
        Run();
        return Task.CompletedTask;
    }

    protected override Task RunAsync(CancellationToken stopping) => _sweep.RunAsync(_settings.ErasuresFirst, _settings.ErasuresEvery, stopping);
}
