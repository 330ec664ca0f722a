using System.Net;
using System.Net.Sockets;

namespace Actors.Bench.Load;

/// <summary>How load is offered.</summary>
/// <param name="Connections">How many; in a closed loop each sends again as soon as it is answered.</param>
/// <param name="Rate">Requests per second of an open loop, at random times that no answer can hold back; null for a closed loop.</param>
/// <param name="HonoursRetryAfter">Whether a refused connection rests for as long as it was told (and up to a quarter longer).</param>
internal sealed record Offer(int Connections, double? Rate = null, bool HonoursRetryAfter = false);

/// <summary>Drives one target over keep-alive HTTP/1.1 from one thread.</summary>
internal sealed class Driver : IDisposable
{
    private const long Second = 1_000_000_000;

    /// <summary>Shortest sleep: what is due within it goes out together, so that an open loop doesn't wake the machine for each request.</summary>
    private const long Slumber = 200_000;

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Epoll _epoll = new();
    private readonly IReadOnlyList<IPEndPoint> _endpoints;
    private readonly Workload _workload;
    private readonly Offer _offer;
    private readonly Random _random;
    private readonly Connection[] _connections;
    private readonly Stack<int> _free = new();
    private readonly PriorityQueue<int, long> _resting = new();
    private readonly byte[] _request = new byte[Workload.RequestMax];
    private int _inFlight;

    /// <param name="endpoints">Connections are spread over them by turns.</param>
    public Driver(IReadOnlyList<IPEndPoint> endpoints, Workload workload, Offer offer, int seed)
    {
        if (_time.TimestampFrequency != Second)
        {
            throw new PlatformNotSupportedException("The generator counts in nanoseconds, as Linux's clock does.");
        }

        (_endpoints, _workload, _offer, _random) = (endpoints, workload, offer, new Random(seed));
        _connections = [.. Enumerable.Range(0, offer.Connections).Select(_ => new Connection())];
        for (var index = offer.Connections - 1; index >= 0; index--)
        {
            Connect(index);
            _free.Push(index);
        }
    }

    /// <summary>Offers load for a time, then waits for what is on its way. Answers after the end are checked, but in a closed loop not counted.</summary>
    /// <param name="progress">Called once a second with what came since.</param>
    public Tally Run(TimeSpan length, Action<Tally>? progress)
    {
        var tally = new Tally();
        var tick = new Tally();
        var start = Now();
        var end = start + (long)(length.TotalSeconds * Second);
        var due = start;
        var nextTick = start + Second;
        var giveUp = end + (30 * Second);
        while (true)
        {
            var now = Now();
            due = Issue(due, now, end, tally);
            if (now >= end && _inFlight == 0 && (_offer.Rate is null || due >= end || _workload.IsExhausted))
            {
                break;
            }

            if (_workload.IsExhausted && _inFlight == 0)
            {
                end = now;
                break;
            }

            if (now >= giveUp)
            {
                GiveUp(tally);
                break;
            }

            Receive(WaitFor(now, due, end), end, tally, tick);
            if (now >= nextTick)
            {
                tick.Length = TimeSpan.FromSeconds((double)(now - nextTick + Second) / Second);
                progress?.Invoke(tick);
                (tick, nextTick) = (new Tally(), now + Second);
            }
        }

        tally.Length = TimeSpan.FromSeconds((double)(end - start) / Second);
        return tally;
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Socket?.Dispose();
        }

        _epoll.Dispose();
    }

    private long Now() => _time.GetTimestamp();

    /// <summary>Sends what is due.</summary>
    /// <returns>When the next request of an open loop is due.</returns>
    private long Issue(long due, long now, long end, Tally tally)
    {
        while (_resting.TryPeek(out var rested, out var until) && until <= now)
        {
            _resting.Dequeue();
            _free.Push(rested);
        }

        if (_offer.Rate is not { } rate)
        {
            while (now < end && !_workload.IsExhausted && _free.TryPop(out var free))
            {
                Send(free, now);
            }

            return end;
        }

        while (due <= now && due < end && !_workload.IsExhausted && _free.TryPop(out var free))
        {
            tally.SentLate += now - due >= Second ? 1 : 0;
            Send(free, due);
            due += (long)(-Math.Log(1 - _random.NextDouble()) * Second / rate);
        }

        return due;
    }

    private long WaitFor(long now, long due, long end)
    {
        var until = now < end ? end : now + (Second / 10);
        if (_resting.TryPeek(out _, out var rested))
        {
            until = Math.Min(until, rested);
        }

        if (_offer.Rate is not null && _free.Count > 0 && due < end)
        {
            until = Math.Min(until, due);
        }

        return Math.Clamp(until - now, Slumber, Second / 10);
    }

    private void Receive(long timeout, long end, Tally tally, Tally tick)
    {
        var count = _epoll.Wait(timeout);
        for (var ready = 0; ready < count; ready++)
        {
            var index = _epoll.Tag(ready);
            ref var connection = ref _connections[index];
            var received = connection.Socket!.Receive(connection.Buffer.AsSpan(connection.Received), SocketFlags.None, out var error);
            if (received <= 0)
            {
                if (error != SocketError.WouldBlock)
                {
                    Reconnect(index, tally);
                }

                continue;
            }

            connection.Received += received;
            if (!_workload.TryRead(index, connection.Buffer.AsSpan(0, connection.Received), out var answer))
            {
                continue;
            }

            var now = Now();
            connection.Received = 0;
            connection.Busy = false;
            _inFlight--;
            var verdict = _workload.Answered(index, answer);
            if (now < end || _offer.Rate is not null)
            {
                tally.Add(verdict, now - connection.Intended);
            }

            tick.Add(verdict, now - connection.Intended);
            if (answer.Close)
            {
                Connect(index);
            }

            if (verdict == Verdict.Overloaded && _offer.HonoursRetryAfter)
            {
                _resting.Enqueue(index, now + (long)(answer.RetryAfter * Second * (1 + (_random.NextDouble() / 4))));
            }
            else if (_offer.Rate is null && now < end && !_workload.IsExhausted)
            {
                Send(index, now);
            }
            else
            {
                _free.Push(index);
            }
        }
    }

    private void Send(int index, long intended)
    {
        ref var connection = ref _connections[index];
        var length = _workload.Write(index, _request);
        connection.Intended = intended;
        connection.Busy = true;
        _inFlight++;
        var sent = connection.Socket!.Send(_request.AsSpan(0, length), SocketFlags.None, out _);
        if (sent != length)
        {
            // A request fits a fresh buffer whole; less means that the server is gone, which the next wait finds out.
            connection.Socket.Shutdown(SocketShutdown.Both);
        }
    }

    private void Reconnect(int index, Tally tally)
    {
        ref var connection = ref _connections[index];
        if (connection.Busy)
        {
            tally.Lost++;
            _inFlight--;
            _workload.Lost(index);
            connection.Busy = false;
            _resting.Enqueue(index, Now() + (Second / 10));
        }

        Connect(index);
    }

    /// <summary>Nobody answered these for half a minute.</summary>
    private void GiveUp(Tally tally)
    {
        for (var index = 0; index < _connections.Length; index++)
        {
            if (_connections[index].Busy)
            {
                Reconnect(index, tally);
            }
        }
    }

    private void Connect(int index)
    {
        ref var connection = ref _connections[index];
        connection.Socket?.Dispose();
        connection.Received = 0;
        var endpoint = _endpoints[index % _endpoints.Count];
        connection.Socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        connection.Socket.Connect(endpoint);
        connection.Socket.Blocking = false;
        _epoll.Watch(connection.Socket, index);
    }

    private struct Connection
    {
        public const int BufferSize = 16_384;

        public Connection()
        {
        }

        public Socket? Socket;
        public readonly byte[] Buffer = new byte[BufferSize];
        public int Received;
        public bool Busy;
        public long Intended;
    }
}
