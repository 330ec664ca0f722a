using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Hosting;

/// <summary>
/// Keeps an API node's <see cref="PolicyBook"/> at the newest version, read from the silos: before the first request, and again every second. A node that is
/// behind accepts nothing wrongly: the silos decide by their own.
/// </summary>
internal sealed partial class PolicyFollower(IGrainFactory grains, PolicyBook book, ILogger<PolicyFollower> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>What the silos know.</summary>
    public static async Task<PolicyNumbers> ReadNumbersAsync(IGrainFactory grains) => Of(await ReadAsync(grains));

    private static Task<PolicyInForce> ReadAsync(IGrainFactory grains) => grains.GetGrain<IPolicyGrain>(0).InForceAsync();

    private static PolicyNumbers Of(PolicyInForce policy)
    {
        var numbers = PolicyKeys.Apply(policy.Values.Select(value => KeyValuePair.Create(value.Key, value.Texts)));
        return (numbers with { Version = policy.Version }).Bound(policy.Retention);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        while (!await TryAsync())
        {
            await Task.Delay(Period, TimeProvider.System, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(Period, TimeProvider.System, stoppingToken));
            await TryAsync();
        }
    }

    private async Task<bool> TryAsync()
    {
        try
        {
            var policy = await ReadAsync(grains);
            book.Take(Of(policy));
            Follow(policy.Shadow);
            return true;
        }
#pragma warning disable CA1031 // Numbers of a newer build, perhaps: the silos decide by them; this node goes on with what it knows.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotRead(logger, exception.GetType().Name);
            return false;
        }
    }

    private void Follow(ShadowInForce? shadow)
    {
        try
        {
            book.Shadow = ShadowPolicy.Follow(book.Shadow, shadow, book.Current);
        }
        catch (ArgumentException exception)
        {
            // Numbers of a newer build, perhaps: nothing hangs on them.
            book.Shadow = null;
            LogNoShadow(logger, exception);
        }
    }

    [LoggerMessage(EventId = 4903, Level = LogLevel.Warning, Message = "This node doesn't understand the shadow policy, and tries none")]
    private static partial void LogNoShadow(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4902, Level = LogLevel.Warning, Message = "The policy can't be read from the silos now: {Failure}")]
    private static partial void LogNotRead(ILogger logger, string failure);
}
