using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Inbox;

/// <summary>
/// Follows the log, once for all streams of this process, while there are any, and tells them what concerns them. When the silo can't be reached, it goes on
/// from the same place once it can.
/// </summary>
internal sealed partial class InboxFeed(IGrainFactory grains, TemplateTexts templates, ILogger<InboxFeed> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private TaskCompletionSource _wanted = New();
    private TaskCompletionSource _ready = New();
    private InboxStreams? _streams;
    private Instant? _now;
    private long _nowAt;

    /// <summary>Says whom it tells.</summary>
    public void TellTo(InboxStreams streams) => _streams = streams;

    /// <summary>The ledger's time, a little behind; null while it isn't known.</summary>
    public Instant? Now
    {
        get
        {
            lock (_lock)
            {
                return _now is { } now ? now + TimeProvider.System.GetElapsedTime(_nowAt) : null;
            }
        }
    }

    /// <summary>There is a stream.</summary>
    public void Want()
    {
        lock (_lock)
        {
            _wanted.TrySetResult();
        }
    }

    /// <summary>
    /// Ends once whatever is written to the log from now on is told. To be asked by a stream after it was added, and before it reads where it stands.
    /// </summary>
    public Task ReadyAsync()
    {
        lock (_lock)
        {
            return _ready.Task;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? place = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (Rest() is { } wanted)
                {
                    place = null;
                    await wanted.WaitAsync(stoppingToken);
                }

                place = await FollowAsync(place, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was: it stands where it is and tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogLost(logger, exception);
                await Task.WhenAny(Task.Delay(Pause, TimeProvider.System, stoppingToken));
            }
        }
    }

    /// <summary>Nothing is followed while there is nobody to tell: what to wait for then.</summary>
    private Task? Rest()
    {
        lock (_lock)
        {
            // A stream is added first and asks whether it is ready afterwards: it is seen here, or it sees what is new here.
            if (_streams is { Count: > 0 })
            {
                return null;
            }

            if (_ready.Task.IsCompleted)
            {
                _ready = New();
            }

            if (_wanted.Task.IsCompleted)
            {
                _wanted = New();
            }

            return _streams is { Count: > 0 } ? null : _wanted.Task;
        }
    }

    private async Task<long> FollowAsync(long? place, CancellationToken stoppingToken)
    {
        var news = await grains.GetGrain<IInboxGrain>(0).NewsAsync(place).WaitAsync(stoppingToken);
        lock (_lock)
        {
            (_now, _nowAt) = (news.Now, TimeProvider.System.GetTimestamp());
        }

        if (place is null || news.IsGap)
        {
            templates.Clear();
        }

        foreach (var line in news.Lines)
        {
            if (line.Kind == NewsKind.Template)
            {
                templates.Forget(line.Subject);
            }
            else
            {
                _streams!.Tell(line);
            }
        }

        if (news.IsGap)
        {
            _streams!.TellAllOfGap();
        }

        lock (_lock)
        {
            _ready.TrySetResult();
        }

        return news.Next;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Warning, Message = "The news of inboxes can't be followed now; their streams stay, and catch up")]
    private static partial void LogLost(ILogger logger, Exception exception);
}
