using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Inbox;

/// <summary>
/// One device's live stream. It sleeps until it is told that there is something, then reads it from the ledger and writes it: what it holds itself is its
/// place and a few statuses, however far its device lags behind.
/// </summary>
/// <param name="user">The user.</param>
/// <param name="device">The device's name; null where it has none.</param>
/// <param name="endsAt">When its token ends.</param>
/// <param name="place">Where it resumes; null for a device that has nothing yet.</param>
/// <param name="parts">What all streams share.</param>
internal sealed partial class InboxStream(long user, string? device, DateTimeOffset endsAt, StreamPlace? place, StreamParts parts)
{
    private const int StatusesMax = 32;

    // Machine's matters. The beats of many streams that came at once come apart.
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>By so much, at most, an event stands in the log after the instant that it says: much more than a commit can take.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly AheadOfNews _ahead = new();
    private readonly TimeSpan _beat = Beat + (Beat * Random.Shared.NextDouble());
    private StreamPlace _place = place ?? default;
    private List<NewsLine> _statuses = [];

    // Its device was there before it was added: from now on it hears when that goes.
    private Work _work = Work.Device | (place is null ? Work.Messages : Work.Messages | Work.Missed | Work.Held);
    private TaskCompletionSource? _asleep;
    private Instant _told;
    private long _sentAt = TimeProvider.System.GetTimestamp();
    private long _quietUntil = long.MaxValue;
    private long _newest = place?.Newest ?? 0;
    private long _newestTold;

    [Flags]
    private enum Work
    {
        None = 0,
        Messages = 1,
        Statuses = 2,
        Missed = 4,
        Held = 8,
        Device = 16,
        Beat = 32,
        Ended = 64,
    }

    public long User => user;

    public string? Device => device;

    /// <summary>Something happened to its user. Never waits.</summary>
    public void Tell(in NewsLine line)
    {
        var work = line.Kind switch
        {
            NewsKind.Message => line.Message > Volatile.Read(ref _newest) ? Work.Messages : Work.None,
            NewsKind.User => Work.Device | Work.Held,
            NewsKind.Erased => Work.Ended,
            _ => Work.Statuses,
        };
        lock (_lock)
        {
            _told = Instant.Max(_told, line.At);
            _newestTold = line.Kind == NewsKind.Message ? Math.Max(_newestTold, line.Message) : _newestTold;
            if (work == Work.Statuses && _statuses.Count < StatusesMax)
            {
                _statuses.Add(line);
            }
            else if (work == Work.Statuses)
            {
                _statuses.Clear();
                work = Work.Missed;   // it is slow: it reads them when it comes to it
            }

            _work |= work;
        }

        Wake(work);
    }

    /// <summary>It may have missed something.</summary>
    public void CatchUp() => Wake(Work.Messages | Work.Missed | Work.Held | Work.Device);

    /// <summary>It ends soon: the device is told by the connection's end.</summary>
    public void End() => Wake(Work.Ended);

    /// <summary>Looks what time has come for.</summary>
    /// <param name="timestamp">The machine's.</param>
    /// <param name="now">The node's time, which tokens end by.</param>
    /// <param name="ledger">The ledger's time, which quiet hours end by; null where it isn't known.</param>
    public void Look(long timestamp, DateTimeOffset now, Instant? ledger)
    {
        var work = now >= endsAt ? Work.Ended : Work.None;
        work |= TimeProvider.System.GetElapsedTime(Volatile.Read(ref _sentAt), timestamp) >= _beat ? Work.Beat : Work.None;
        work |= ledger?.Milliseconds >= Volatile.Read(ref _quietUntil) ? Work.Held : Work.None;
        if (work != Work.None)
        {
            Wake(work);
        }
    }

    /// <summary>Writes until it ends. To be called once it gets news.</summary>
    public async Task RunAsync(HttpContext context)
    {
        using var gone = context.RequestAborted.Register(End);
        var output = new EventOutput(context, user);
        if (parts.Feed.Now is { } now)
        {
            _place = place is null ? _place with { Since = now - Late } : _place;
            _ahead.HeardUpTo(now - Late);
        }

        var goesOn = await output.OpenAsync();
        while (goesOn)
        {
            Volatile.Write(ref _sentAt, output.SentAt);
            var work = await WorkAsync();
            if (work.HasFlag(Work.Ended))
            {
                return;
            }

            try
            {
                goesOn = await DoAsync(work, output);
            }
            catch (Exception e) when (Failures.IsOutage(e))
            {
                // What was written stays so; the rest is tried again from there.
                goesOn = !output.HasMore || await output.SendAsync();
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
                Wake(work);
            }
        }
    }

    private void Wake(Work work)
    {
        if (work == Work.None)
        {
            return;
        }

        TaskCompletionSource? asleep;
        lock (_lock)
        {
            _work |= work;
            asleep = _asleep;
            _asleep = null;
        }

        asleep?.TrySetResult();
    }

    private async ValueTask<Work> WorkAsync()
    {
        while (true)
        {
            Task asleep;
            lock (_lock)
            {
                if (_work != Work.None)
                {
                    (var work, _work) = (_work, Work.None);
                    return work;
                }

                _asleep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                asleep = _asleep.Task;
            }

            await asleep;
        }
    }

    private async Task<bool> DoAsync(Work work, EventOutput output)
    {
        if (work.HasFlag(Work.Device) && !await HasDeviceAsync())
        {
            return false;
        }

        if (work.HasFlag(Work.Missed) && !await CatchUpAsync(output))
        {
            return false;
        }

        await WriteStatusesAsync(output);
        if (work.HasFlag(Work.Held) && _place.Holds && !await PushAsync(held: true, output))
        {
            return false;
        }

        if (work.HasFlag(Work.Messages) && !await PushAsync(held: false, output))
        {
            return false;
        }

        if (work == Work.Beat)
        {
            output.Beat();
        }

        return !output.HasMore || await output.SendAsync();
    }
}
