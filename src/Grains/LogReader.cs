using Actors.Contracts;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>A grain that reads the log for all nodes, as one activation.</summary>
/// <param name="Name">What it is called in the log.</param>
/// <param name="Wake">Starts it where it doesn't run.</param>
internal sealed record LogReader(string Name, Func<IGrainFactory, Task> Wake)
{
    /// <summary>Quality, limits, reports and what a lock ends.</summary>
    public static LogReader Fold { get; } = new("fold", grains => grains.GetGrain<IFoldGrain>(0).WakeAsync());

    /// <summary>Counts for analytics.</summary>
    public static LogReader Analytics { get; } = new("analytics", grains => grains.GetGrain<IAnalyticsGrain>(0).WakeAsync());

    /// <summary>Messages that expire.</summary>
    public static LogReader Expiry { get; } = new("expiry", grains => grains.GetGrain<IExpiryGrain>(0).WakeAsync());

    /// <summary>What businesses' webhooks are to be told.</summary>
    public static LogReader Webhooks { get; } = new("webhooks", grains => grains.GetGrain<IWebhookFeedGrain>(0).WakeAsync());

    /// <summary>Takes those who were erased out of the log.</summary>
    public static LogReader Eraser { get; } = new("eraser", grains => grains.GetGrain<IEraserGrain>(0).WakeAsync());
}

/// <summary>Wakes the readers of the log when this node starts, and now and then afterwards: the node that one ran on may have died.</summary>
internal sealed partial class LogReaderStarter(IGrainFactory grains, IEnumerable<LogReader> readers, ILogger<LogReaderStarter> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(LogReaderStarter),
        ServiceLifecycleStage.Active,
        _ =>
        {
            _waking = Task.Run(() => Task.WhenAll(readers.Select(KeepAwakeAsync)), CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync();
            await _waking;
        });

    public void Dispose() => _stopping.Dispose();

    private Task KeepAwakeAsync(LogReader reader) => Rounds.RepeatAsync(
        TimeSpan.Zero,
        Period,
        stopping => reader.Wake(grains).WaitAsync(stopping),
        exception => LogNotWoken(logger, reader.Name, exception),
        _stopping.Token);

    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning, Message = "The reader {Reader} of the ledger can't be woken now")]
    private static partial void LogNotWoken(ILogger logger, string reader, Exception exception);
}
