using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;

namespace Actors.Grains.Webhooks;

/// <summary>
/// A business's webhooks: see <see cref="WebhookLoop"/> for what it delivers. Calls come between: nothing is held while a receiver or the storage
/// is waited for.
/// </summary>
[GrainType("webhooks")]
[Immovable(ImmovableKind.Rebalancer)]
[Reentrant]
internal sealed partial class WebhooksGrain : Grain, IWebhooksGrain, IDisposable
{
    /// <summary>A try under way is cut off then, and made again elsewhere.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AwakeFor = TimeSpan.FromMinutes(10);

    private readonly UserLedger _ledger;
    private readonly WebhookKeys _keys;
    private readonly WebhookClient _client;
    private readonly WebhookSender _sender;
    private readonly WebhookSettings _settings;
    private readonly ILogger _logger;
    private readonly WebhookKeep _keep;
    private readonly WebhookPages _pages;
    private readonly WebhookLoop _loop;
    private readonly CancellationTokenSource _stopping = new();
    private Task? _run;

    public WebhooksGrain(
        [FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage,
        UserLedger ledger,
        WebhookKeys keys,
        WebhookClient client,
        WebhookSender sender,
        WebhookSettings settings,
        WebhookPace pace,
        WebhookMetrics metrics,
        ILogger<WebhooksGrain> logger)
    {
        (_ledger, _keys, _client, _sender, _settings, _logger) = (ledger, keys, client, sender, settings, logger);
        _keep = new WebhookKeep(this.GetGrainId(), storage, ledger);
        _pages = new WebhookPages(ledger, keys, Id);
        _loop = new WebhookLoop(
            Id, _keep, ledger, _pages, sender, settings, pace, metrics, () => DelayDeactivation(AwakeFor), DeactivateOnIdle, logger);
    }

    private long Id => this.GetPrimaryKeyLong();

    public Task<bool> WakeAsync(long upTo)
    {
        Run(upTo);
        return Task.FromResult(_loop.HasWork);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_run ?? Task.CompletedTask, Task.Delay(EndsWithin, TimeProvider.System, cancellationToken));
    }

    public void Dispose()
    {
        // What outlives the activation still needs them. There is nothing in them that must be given back.
        if (_run is null or { IsCompleted: true })
        {
            _keep.Dispose();
            _stopping.Dispose();
        }
    }

    // On this activation's scheduler, like its calls, and beside them: one at a time, with turns at each await.
    private void Run(long upTo)
    {
        _run ??= _loop.RunAsync(_stopping.Token);
        _loop.Wake(upTo);
    }
}
