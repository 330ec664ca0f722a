using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Lets messages expire at their time, without a timer for each: see <see cref="ExpiryNotes"/> and <see cref="ExpirySweep"/>. One activation does it for all
/// nodes. For a moment there can be two, when a node dies: that does no harm, since a message expires once.
/// </summary>
[GrainType("expiry")]
[KeepAlive]
internal sealed class ExpiryGrain : Grain, IExpiryGrain, IDisposable
{
    /// <summary>Nobody waits longer for what is under way: whatever it does, a message expires once.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ExpiryNotes _notes;
    private readonly ExpirySweep _sweep;
    private Task? _run;

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
        // On this activation's scheduler, like its calls, and beside them.
        _run ??= Task.WhenAll(_notes.RunAsync(_stopping.Token), _sweep.RunAsync(_stopping.Token));
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_run ?? Task.CompletedTask, Task.Delay(EndsWithin, TimeProvider.System, cancellationToken));
    }

    public void Dispose()
    {
        // What outlives the activation still needs it. There is nothing in it that must be given back.
        if (_run is null or { IsCompleted: true })
        {
            _stopping.Dispose();
        }
    }
}
