using System.Collections.Concurrent;
using HdrHistogram;

namespace Actors.Bench.Load;

/// <summary>Which message was sent when, for whom, and when it reached which device.</summary>
internal sealed class DeviceArrivals
{
    private readonly ConcurrentDictionary<string, Message> _messages = new();
    private long _accepted;
    private long _arrived;
    private long _twice;
    private long _astray;

    /// <summary>Microseconds from the moment before the request to the device. The accept is later, so what is promised of it takes no longer.</summary>
    public LongHistogram Latency { get; } = new(1, 600_000_000, 3);

    /// <summary>What counts from here on; what is under way still arrives.</summary>
    public bool Counts { get; set; }

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Arrived => Interlocked.Read(ref _arrived);

    /// <summary>Messages that came more than once.</summary>
    public long Twice => Interlocked.Read(ref _twice);

    /// <summary>Messages that came to somebody else's device. There must be none.</summary>
    public long Astray => Interlocked.Read(ref _astray);

    /// <summary>A send was accepted.</summary>
    /// <param name="id">The message.</param>
    /// <param name="user">To whom.</param>
    /// <param name="at">Timestamp before the request was written.</param>
    public void Sent(string id, int user, long at)
    {
        var message = _messages.GetOrAdd(id, static _ => new Message());
        message.Counts = Counts;
        message.SentAt = at;
        Interlocked.Increment(ref _accepted);
        Match(message, user, null);
    }

    /// <summary>A device got it.</summary>
    public void Came(string id, int user)
    {
        var message = _messages.GetOrAdd(id, static _ => new Message());
        Match(message, null, user);
    }

    private void Match(Message message, int? sentTo, int? cameTo)
    {
        lock (message)
        {
            var now = TimeProvider.System.GetTimestamp();
            message.SentTo = sentTo ?? message.SentTo;
            if (cameTo is { } user)
            {
                if (message.ArrivedAt != 0)
                {
                    Interlocked.Increment(ref _twice);
                    return;
                }

                (message.ArrivedAt, message.CameTo) = (now, user);
            }

            if (message.SentTo is not { } to || message.CameTo is not { } came)
            {
                return;
            }

            Interlocked.Increment(ref _arrived);
            if (to != came)
            {
                Interlocked.Increment(ref _astray);
            }

            if (message.Counts)
            {
                var took = TimeProvider.System.GetElapsedTime(message.SentAt, message.ArrivedAt);
                lock (Latency)
                {
                    Latency.RecordValue(Math.Max(1, (long)took.TotalMicroseconds));
                }
            }
        }
    }

    private sealed class Message
    {
        public long SentAt { get; set; }

        public long ArrivedAt { get; set; }

        public int? SentTo { get; set; }

        public int? CameTo { get; set; }

        public bool Counts { get; set; }
    }
}
