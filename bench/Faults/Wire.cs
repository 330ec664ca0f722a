using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Actors.Bench.Faults;

/// <summary>
/// A network between processes that each have a network of their own: a switch in this process, over taps. So a packet can be late, lost, or never arrive in
/// one direction, on a kernel without any help for that. Needs root, on Linux.
/// </summary>
internal sealed class Wire : IDisposable
{
    /// <summary>Every namespace's name begins with it.</summary>
    public const string Prefix = "actors";

    private const int FrameMax = 2_048;
    private readonly Dictionary<string, Port> _ports = [];
    private readonly ConcurrentDictionary<long, Port> _byAddress = new();
    private readonly ConcurrentDictionary<(string From, string To), bool> _cuts = new();
    private readonly Channel<(long Since, TimeSpan By, Port To, byte[] Frame)> _late = Channel.CreateUnbounded<(long, TimeSpan, Port, byte[])>();
    private readonly ManualResetEventSlim _ended = new();
    private readonly List<string> _namespaces = [];
    private volatile Weather _weather = new(TimeSpan.Zero, 0);

    private Wire()
    {
    }

    /// <summary>Whether this process may make networks here.</summary>
    public static async Task<bool> CanBeHadAsync()
    {
        const string Probe = Prefix + "-probe";
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/dev/net/tun") || !File.Exists("/bin/ip")
            || await Commands.TryAsync("ip", "netns", "add", Probe) is { Length: > 0 })
        {
            return false;
        }

        await Commands.RunAsync("ip", "netns", "del", Probe);
        return true;
    }

    /// <summary>One for a cluster as <c>deploy/local-cluster --network</c> starts it.</summary>
    public static Task<Wire> StartForClusterAsync() => StartAsync(new Dictionary<string, int>
    {
        ["database"] = 2,
        ["silo1"] = 11,
        ["silo2"] = 12,
        ["silo3"] = 13,
        ["api1"] = 21,
        ["api2"] = 22,
    });

    /// <summary>Makes namespaces and connects them; the machine itself gets 10.77.0.1.</summary>
    /// <param name="addresses">The last number of each one's address, by name.</param>
    private static async Task<Wire> StartAsync(Dictionary<string, int> addresses)
    {
        var wire = new Wire();
        var own = wire.Plug("machine", "actors0");
        await Commands.RunAsync("ip", "addr", "add", "10.77.0.1/24", "dev", "actors0");
        await Commands.RunAsync("ip", "link", "set", "actors0", "up");
        own.Start();
        foreach (var (name, address) in addresses)
        {
            var (space, tap) = ($"{Prefix}-{name}", $"act-{name}");
            await Commands.TryAsync("ip", "netns", "del", space);
            await Commands.RunAsync("ip", "netns", "add", space);
            wire._namespaces.Add(space);
            var port = wire.Plug(name, tap);
            await Commands.RunAsync("ip", "link", "set", tap, "netns", space);
            await Commands.RunAsync("ip", "netns", "exec", space, "ip", "addr", "add", $"10.77.0.{address}/24", "dev", tap);
            await Commands.RunAsync("ip", "netns", "exec", space, "ip", "link", "set", tap, "up");
            await Commands.RunAsync("ip", "netns", "exec", space, "ip", "link", "set", "lo", "up");
            port.Start();
        }

        _ = wire.DeliverLateAsync();
        return wire;
    }

    /// <summary>From now on each packet is late by this, and some are lost.</summary>
    /// <param name="loss">Share that is lost.</param>
    public void Slow(TimeSpan by, double loss) => _weather = new(by, loss);

    /// <summary>Cuts, or mends, the way from one to another.</summary>
    public void Cut(string from, string to, bool isCut, bool both)
    {
        _cuts[(from, to)] = isCut;
        if (both)
        {
            _cuts[(to, from)] = isCut;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Set();
        foreach (var space in _namespaces)
        {
            Commands.TryAsync("ip", "netns", "del", space).GetAwaiter().GetResult();
        }

        foreach (var port in _ports.Values)
        {
            port.Dispose();
        }

        _late.Writer.Complete();
    }

    private Port Plug(string name, string tap) => _ports[name] = new Port(this, name, tap);

    private void Take(Port from, byte[] frame)
    {
        // A switch as they all are: it learns who is where, and asks everybody for whom it doesn't know.
        _byAddress[Address(frame, 6)] = from;
        if ((frame[0] & 1) == 0 && _byAddress.TryGetValue(Address(frame, 0), out var to))
        {
            Pass(from, to, frame);
            return;
        }

        foreach (var other in _ports.Values.Where(port => port != from))
        {
            Pass(from, other, frame);
        }
    }

    private void Pass(Port from, Port to, byte[] frame)
    {
        var weather = _weather;
        if (_cuts.GetValueOrDefault((from.Name, to.Name)) || (weather.Loss > 0 && Random.Shared.NextDouble() < weather.Loss))
        {
            return;
        }

        if (weather.Delay == TimeSpan.Zero)
        {
            to.Write(frame);
        }
        else
        {
            _late.Writer.TryWrite((TimeProvider.System.GetTimestamp(), weather.Delay, to, frame));
        }
    }

    /// <summary>All are late by the same: they come out in the order in which they went in.</summary>
    private async Task DeliverLateAsync()
    {
        await foreach (var (since, by, to, frame) in _late.Reader.ReadAllAsync())
        {
            var wait = by - TimeProvider.System.GetElapsedTime(since);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, TimeProvider.System);
            }

            to.Write(frame);
        }
    }

    private static long Address(byte[] frame, int at)
    {
        var address = 0L;
        for (var i = at; i < at + 6; i++)
        {
            address = (address << 8) | frame[i];
        }

        return address;
    }

    private sealed record Weather(TimeSpan Delay, double Loss);

    private sealed class Port : IDisposable
    {
        private const int ReadWrite = 2, SetInterface = 0x400454ca;
        private const short TapWithoutHeader = 0x1002;
        private readonly Wire _wire;
        private readonly SafeFileHandle _tap;

        public Port(Wire wire, string name, string tap)
        {
            (_wire, Name) = (wire, name);
            _tap = new SafeFileHandle(Open("/dev/net/tun", ReadWrite), ownsHandle: true);
            var request = new byte[40];
            Encoding.ASCII.GetBytes(tap, request);
            BitConverter.TryWriteBytes(request.AsSpan(16), TapWithoutHeader);
            if (_tap.IsInvalid || Control(_tap, SetInterface, request) != 0)
            {
                throw new InvalidOperationException($"No tap {tap}: error {Marshal.GetLastPInvokeError()}. It needs root and /dev/net/tun.");
            }
        }

        public string Name { get; }

        public void Start() => new Thread(Run) { IsBackground = true, Name = Name }.Start();

        public void Write(byte[] frame) => Send(_tap, frame, frame.Length);   // what a port that is gone doesn't take is lost, as on a wire

        public void Dispose() => _tap.Dispose();

        private void Run()
        {
            var buffer = new byte[FrameMax];
            while (!_wire._ended.IsSet)
            {
                try
                {
                    var length = (int)Receive(_tap, buffer, FrameMax);
                    if (length < 14)
                    {
                        _wire._ended.Wait(5);   // not up yet, or gone
                        continue;
                    }

                    _wire.Take(this, buffer[..length]);
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }

        [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
        private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
        private static extern int Control(SafeFileHandle file, nuint request, byte[] argument);

        [DllImport("libc", EntryPoint = "read", SetLastError = true)]
        private static extern nint Receive(SafeFileHandle file, byte[] buffer, nuint length);

        [DllImport("libc", EntryPoint = "write", SetLastError = true)]
        private static extern nint Send(SafeFileHandle file, byte[] buffer, nint length);
    }
}
