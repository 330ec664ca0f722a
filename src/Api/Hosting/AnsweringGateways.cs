using Orleans.Messaging;

namespace Actors.Api.Hosting;

/// <summary>The gateways that the database lists, without those that don't answer. Orleans ends the connections to the others.</summary>
/// <param name="listed">Reads the list.</param>
/// <param name="quiet">Who doesn't answer.</param>
/// <param name="deadNodes">Hears of those that are listed no more.</param>
internal sealed partial class AnsweringGateways(
    IGatewayListProvider listed, QuietGateways quiet, DeadNodes deadNodes, ILogger<AnsweringGateways> logger) : IGatewayListProvider
{
    /// <summary>How often the list is read; who is quiet counts at once.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMilliseconds(500);

    private IList<Uri> _list = [];
    private long? _readAt;

    /// <summary>How long Orleans trusts what it has found out itself more than the list: which may be older than this node asks for it.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(3);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => listed.InitializeGatewayListProvider();

    public async Task<IList<Uri>> GetGateways()
    {
        if (_readAt is not { } at || _list.Count == 0 || TimeProvider.System.GetElapsedTime(at) >= ReadEvery)
        {
            await ReadAsync();
        }

        return quiet.Of(_list);
    }

    private async Task ReadAsync()
    {
        try
        {
            var list = await listed.GetGateways();
            if (_list.Any(gateway => !list.Contains(gateway)))
            {
                // Voted dead, perhaps, long after its gateway was left: what others have sent there for this node's calls nobody answers either.
                deadNodes.ConnectionEnded();
            }

            _list = list;
        }
#pragma warning disable CA1031 // Whatever it is: the list at hand is good as long as the database is away.
        catch (Exception exception) when (_list.Count > 0)
#pragma warning restore CA1031
        {
            LogNotRead(logger, exception.GetType().Name);
        }

        _readAt = TimeProvider.System.GetTimestamp();
    }

    [LoggerMessage(EventId = 4906, Level = LogLevel.Warning, Message = "The list of gateways can't be read now ({Failure}), and is used on as it was")]
    private static partial void LogNotRead(ILogger logger, string failure);
}
