using Actors.Contracts;
using Orleans.Messaging;

namespace Actors.Api.Hosting;

/// <summary>The gateways that the database lists, without those that don't answer. Orleans ends the connections to the others.</summary>
/// <param name="listed">Reads the list.</param>
/// <param name="quiet">Who doesn't answer.</param>
internal sealed class AnsweringGateways(IGatewayListProvider listed, QuietGateways quiet) : IGatewayListProvider
{
    /// <summary>How often the list is read; who is quiet counts at once.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private IList<Uri> _list = [];
    private long? _readAt;

    public TimeSpan MaxStaleness => listed.MaxStaleness;

    public bool IsUpdatable => true;

    /// <summary>How many there are to be asked.</summary>
    public int Count { get; private set; }

    public Task InitializeGatewayListProvider() => listed.InitializeGatewayListProvider();

    public async Task<IList<Uri>> GetGateways()
    {
        if (_readAt is not { } at || _list.Count == 0 || TimeProvider.System.GetElapsedTime(at) >= ReadEvery)
        {
            _list = await listed.GetGateways();
            _readAt = TimeProvider.System.GetTimestamp();
        }

        var usable = quiet.Of(_list);
        Count = usable.Count;
        return usable;
    }
}

/// <summary>Asks all gateways, round after round, whether they are there.</summary>
internal sealed partial class GatewayWatch(
    IGrainFactory grains, AnsweringGateways gateways, QuietGateways quiet, DeadNodes deadNodes, ILogger<GatewayWatch> logger) : BackgroundService
{
    /// <summary>
    /// Questions for each gateway in a round. They go round together with calls to users, so one alone may miss its gateway time and again.
    /// </summary>
    private const int Questions = 4;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var gateway = grains.GetGrain<IGatewayGrain>(0);
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var left in quiet.Begin())
            {
                deadNodes.GatewayLeft();
                LogLeft(logger, new Uri(left).Authority);
            }

            for (var i = 0; i < gateways.Count * Questions; i++)
            {
                _ = AskAsync(gateway);
            }

            await Task.WhenAny(Task.Delay(Round, TimeProvider.System, stoppingToken));
        }
    }

    private async Task AskAsync(IGatewayGrain gateway)
    {
        try
        {
            quiet.Heard(await gateway.AddressAsync());
        }
#pragma warning disable CA1031 // No answer, whatever the reason: that is what is counted.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    [LoggerMessage(EventId = 4905, Level = LogLevel.Warning, Message = "The gateway {Gateway} doesn't answer while others do: it is left for now")]
    private static partial void LogLeft(ILogger logger, string gateway);
}
