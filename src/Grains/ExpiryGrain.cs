using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Actors.Grains;

/// <summary>
/// Lets messages expire at their time, without a timer for each: see <see cref="ExpiryNotes"/> and <see cref="ExpirySweep"/>. One activation does it for all
/// nodes. For a moment there can be two, when a node dies: that does no harm, since a message expires once.
/// </summary>
[GrainType("expiry")]
[Immovable(ImmovableKind.Rebalancer)]
[KeepAlive]
internal sealed class ExpiryGrain : LogReaderGrain, IExpiryGrain
{
    private readonly ExpiryNotes _notes;
    private readonly ExpirySweep _sweep;

    public ExpiryGrain(UserLedger ledger, FoldMetrics metrics, ILogger<ExpiryGrain> logger)
    {
        _notes = new ExpiryNotes(ledger, metrics, logger);
        _sweep = new ExpirySweep(
            ledger.Store,
            () => ledger.Clock.IsTrusted ? ledger.Clock.Now : (Instant?)null,
            (user, message) => GrainFactory.GetGrain<IUserGrain>(user).ExpireAsync(message),
            metrics,
            logger);
    }

    public Task WakeAsync()
    {
        Run();
        return Task.CompletedTask;
    }

    protected override Task RunAsync(CancellationToken stopping) => Task.WhenAll(_notes.RunAsync(stopping), _sweep.RunAsync(stopping));
}
