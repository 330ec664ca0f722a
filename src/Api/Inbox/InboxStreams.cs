using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Api.Inbox;

/// <summary>Why a stream can't be opened.</summary>
internal enum StreamRefusal
{
    /// <summary>The user has as many as one user may have.</summary>
    TooManyOfUser,

    /// <summary>The node has as many as it may have, or is stopping.</summary>
    TooManyOfNode,
}

/// <summary>The live streams of this process: who is there, what concerns them, and when they end.</summary>
internal sealed class InboxStreams : IDisposable
{
    /// <summary>Most streams of one user at this node.</summary>
    public const int OfUserMax = 8;

    // A machine's matter: real time also where a test sets the clock. Short, so that what is due comes in small portions.
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<long, ImmutableArray<InboxStream>> _streams = new();
    private readonly Lock _lock = new();
    private readonly int _max;
    private readonly InboxFeed _feed;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _draining;
    private readonly ITimer _rounds;
    private int _count;
    private bool _isDraining;

    public InboxStreams(InboxFeed feed, HttpSettings settings, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (_feed, _time, _max) = (feed, time, settings.StreamsMax);
        _feed.TellTo(this);
        _draining = lifetime.ApplicationStopping.Register(Drain);
        _rounds = TimeProvider.System.CreateTimer(_ => Look(), null, Round, Round);
    }

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a stream. One of the same device of the user, which it must have lost, ends.</summary>
    public StreamRefusal? TryAdd(InboxStream stream)
    {
        InboxStream? lost;
        lock (_lock)
        {
            var others = _streams.GetValueOrDefault(stream.User, []);
            lost = stream.Device is null ? null : others.FirstOrDefault(other => other.Device == stream.Device);
            if (_isDraining || (_count >= _max && lost is null))
            {
                return StreamRefusal.TooManyOfNode;
            }

            if (others.Length >= OfUserMax && lost is null)
            {
                return StreamRefusal.TooManyOfUser;
            }

            _streams[stream.User] = (lost is null ? others : others.Remove(lost)).Add(stream);
            _count += lost is null ? 1 : 0;
        }

        lost?.End();
        _feed.Want();
        return null;
    }

    /// <summary>Removes a stream that has ended.</summary>
    public void Remove(InboxStream stream)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(stream.User, out var all) || !all.Contains(stream))
            {
                return;   // another one of the same device took its place
            }

            if (all.Length == 1)
            {
                _streams.TryRemove(stream.User, out _);
            }
            else
            {
                _streams[stream.User] = all.Remove(stream);
            }

            _count--;
        }
    }

    /// <summary>Tells those whom it concerns.</summary>
    public void Tell(in NewsLine line)
    {
        if (_streams.TryGetValue(line.Subject, out var concerned))
        {
            foreach (var stream in concerned)
            {
                stream.Tell(line);
            }
        }
    }

    /// <summary>Something may have been missed: everybody looks for themself.</summary>
    public void TellAllOfGap()
    {
        foreach (var stream in _streams.Values.SelectMany(streams => streams))
        {
            stream.CatchUp();
        }
    }

    public void Dispose()
    {
        _draining.Dispose();
        _rounds.Dispose();
    }

    /// <summary>The node stops: every device looks for another one.</summary>
    private void Drain()
    {
        lock (_lock)
        {
            _isDraining = true;
        }

        foreach (var stream in _streams.Values.SelectMany(streams => streams))
        {
            stream.End();
        }
    }

    private void Look()
    {
        var (timestamp, now, ledger) = (TimeProvider.System.GetTimestamp(), _time.GetUtcNow(), _feed.Now);
        foreach (var (_, streams) in _streams)
        {
            foreach (var stream in streams)
            {
                stream.Look(timestamp, now, ledger);
            }
        }
    }
}
