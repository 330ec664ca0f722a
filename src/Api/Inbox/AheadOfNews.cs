using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.Inbox;

/// <summary>
/// What a stream has read of messages before the news told it. The ledger is read as it is, news come a little later: they would tell once more, or even
/// backwards, what the device has. Not thread-safe.
/// </summary>
internal sealed class AheadOfNews
{
    /// <summary>So many messages are remembered; of more of them nothing is sure, and they are read again.</summary>
    public const int Max = 64;

    private Dictionary<long, (MessageStatus Status, Instant At)>? _read;
    private Instant _heardUpTo;
    private Instant _unsureUpTo;

    /// <summary>What a line of the news says to a device.</summary>
    public enum Line
    {
        /// <summary>The device has it.</summary>
        Known,

        /// <summary>Something that the device doesn't have.</summary>
        New,

        /// <summary>It isn't known whether the device has it.</summary>
        Unsure,
    }

    /// <summary>Whether the device was told so of a message, or more, before the news.</summary>
    public bool Says(long message, MessageStatus status) => _read is not null && _read.TryGetValue(message, out var read) && Rank(read.Status) >= Rank(status);

    /// <summary>A status was written as it was read.</summary>
    /// <param name="message">The message's number.</param>
    /// <param name="status">Its status.</param>
    /// <param name="at">When it came to it.</param>
    public void Wrote(long message, MessageStatus status, Instant at)
    {
        // What was reached before all that is still to be heard needs no memory: nothing will be said of it any more.
        if (status == MessageStatus.Accepted || at < _heardUpTo)
        {
            return;
        }

        _read ??= new();
        if (_read.Count >= Max && !_read.ContainsKey(message))
        {
            _unsureUpTo = Instant.Max(_unsureUpTo, at);
            return;
        }

        _read[message] = (status, at);
    }

    /// <summary>A line of the news. Lines come in the order of the log, in which a user's time never goes back.</summary>
    /// <param name="message">The message's number.</param>
    /// <param name="status">What it has come to.</param>
    /// <param name="at">When.</param>
    public Line Hear(long message, MessageStatus status, Instant at)
    {
        if (_read is null || !_read.TryGetValue(message, out var read))
        {
            return at <= _unsureUpTo ? Line.Unsure : Line.New;
        }

        if (Rank(status) == Rank(MessageStatus.Read))
        {
            _read.Remove(message);   // nothing comes behind it
        }

        return Rank(read.Status) >= Rank(status) ? Line.Known : Line.New;
    }

    /// <summary>All lines of what happened before this instant were heard.</summary>
    public void HeardUpTo(Instant at)
    {
        _heardUpTo = Instant.Max(_heardUpTo, at);
        foreach (var (message, read) in _read ?? new())
        {
            if (read.At < _heardUpTo)
            {
                _read!.Remove(message);
            }
        }

        _read = _read is { Count: 0 } ? null : _read;
    }

    /// <summary>Read, failed and expired are ends, and exclude each other.</summary>
    private static int Rank(MessageStatus status) => Math.Min((int)status, (int)MessageStatus.Read);
}
