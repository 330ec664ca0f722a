using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Bench.Load;

/// <summary>The figure for connected devices: how long a message takes to them, what they cost, and that each gets its own and nobody else's.</summary>
internal static class DeviceFigures
{
    private const double PromisedMilliseconds = 100;
    private const double PromisedMegabytes = 2_147;   // 2 GiB
    private const int OpenedAtOnce = 128;

    /// <summary>Descriptors that a process needs for everything but devices: those beyond share HTTP/2 connections.</summary>
    private const int OtherDescriptors = 800;

    /// <summary>The command.</summary>
    public static Command Command(
        Option<int> seconds, Option<int> warmUp, Option<int> seed, Option<TargetKind> target, Option<bool> build, Option<string?> name, string line)
    {
        var devices = new Option<int>("--devices") { Description = "Users, each with one connected device.", DefaultValueFactory = _ => 20_000 };
        var rate = new Option<int>("--rate") { Description = "Messages a second.", DefaultValueFactory = _ => 2_000 };
        var marketing = new Option<double>("--marketing")
        {
            Description = "Share of marketing templates, each noted as handed out before it goes to a device.",
            DefaultValueFactory = _ => 0.1,
        };
        var command = new Command("devices", "Time from a send's answer to a connected device, and the node's memory.");
        foreach (var option in new Option[] { devices, rate, marketing, seconds, warmUp, seed, target, build, name })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancel) =>
        {
            var settings = new Settings
            {
                Users = parsed.GetValue(devices),
                Businesses = 3,
                Connections = 64,
                Seconds = parsed.GetValue(seconds),
                WarmUp = parsed.GetValue(warmUp),
                Rounds = 1,
                Seed = parsed.GetValue(seed),
                Mix = new(Service: 1, Marketing: 0, Keyed: 0, Repeated: 0, New: 0, Spread.Uniform),
            };
            await using var session = await Session.StartAsync(settings, parsed.GetValue(build));
            var (report, isRight) = await MeasureAsync(session, parsed.GetValue(target), parsed.GetValue(rate), parsed.GetValue(marketing));
            report = $"# {line}\n\n{report}";
            Console.WriteLine(report);
            if (parsed.GetValue(name) is { } file)
            {
                await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", file + ".md"), report, cancel);
            }

            return isRight ? 0 : 2;
        });
        return command;
    }

    private static async Task<(string Report, bool IsRight)> MeasureAsync(Session session, TargetKind kind, int rate, double marketing)
    {
        var settings = session.Settings;
        var target = await session.AddAsync(kind, settings.Users, settings.Businesses, windows: true);
        var arrivals = new DeviceArrivals();
        var before = Processes.ResidentMegabytes(target.ProcessId);
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        using var http = new HttpClient(handler) { BaseAddress = new($"http://{target.Http2Endpoint}"), Timeout = Timeout.InfiniteTimeSpan };
        var devices = await ConnectAsync(target, arrivals, http);
        var connected = Processes.ResidentMegabytes(target.ProcessId);
        var sender = new DeviceSender(target, arrivals, marketing);
        Session.Say($"{rate} messages a second, {settings.WarmUp} s of warm-up and {settings.Seconds} s");
        await sender.RunAsync(rate, TimeSpan.FromSeconds(settings.WarmUp), settings.Seed);
        arrivals.Counts = true;
        var most = connected;
        using var watching = new CancellationTokenSource();
        var watch = WatchAsync();
        var processor = Processes.ProcessorTime(target.ProcessId);
        await sender.RunAsync(rate, TimeSpan.FromSeconds(settings.Seconds), settings.Seed + 1);
        processor = Processes.ProcessorTime(target.ProcessId) - processor;
        await SettleAsync(arrivals);
        await watching.CancelAsync();
        await watch;
        var ended = devices.Count(device => device.HasEnded);
        devices.ForEach(device => device.Dispose());

        var latency = arrivals.Latency;
        var p99 = latency.GetValueAtPercentile(99) / 1e3;
        var lost = arrivals.Accepted - arrivals.Arrived;
        var text = new StringBuilder();
        var day = TimeProvider.System.GetUtcNow();
        text.AppendLine(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}. Load generator, node ({target.Name}) and database on one machine.");
        text.AppendLine().AppendLine("| what | measured | promised |").AppendLine("|---|---:|---:|");
        Row("devices", $"{settings.Users}", $"");
        Row("of them with a connection of their own", $"{OwnConnections(settings.Users)}", $"");
        Row("marketing, which is noted before its push", $"{marketing:P0}", $"");
        Row("messages accepted a second", $"{latency.TotalCount / (double)settings.Seconds:0}", $"{rate}");
        Row("request to device, p50 ms", $"{latency.GetValueAtPercentile(50) / 1e3:0.0}", $"");
        Row("request to device, p99 ms", $"{p99:0.0}", $"under {PromisedMilliseconds:0}: {Kept(p99 < PromisedMilliseconds)}");
        Row("request to device, p99.9 ms", $"{latency.GetValueAtPercentile(99.9) / 1e3:0.0}", $"");
        Row("memory before devices, MB", $"{before:0}", $"");
        Row("memory with devices, MB", $"{connected:0}", $"");
        Row("kB a device", $"{(connected - before) * 1e3 / settings.Users:0.0}", $"");
        Row("most memory under load, MB", $"{most:0}", $"under {PromisedMegabytes:0}: {Kept(most < PromisedMegabytes)}");
        Row("processor time a message, µs", $"{processor.TotalMicroseconds / Math.Max(1, latency.TotalCount):0}", $"");
        Row("sends refused", $"{sender.Refused}", $"0");
        Row("accepted, but no device got it", $"{lost}", $"0");
        Row("came to another's device", $"{arrivals.Astray}", $"0");
        Row("came twice", $"{arrivals.Twice}", $"");
        Row("streams ended", $"{ended}", $"0");
        if (sender.Example is { } example)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"A refusal: {example.Split('\n')[^1]}");
        }

        return (text.ToString(), lost == 0 && arrivals.Astray == 0 && ended == 0);

        void Row(string what, FormattableString measured, FormattableString promised) => text.AppendLine(
            $"| {what} | {measured.ToString(CultureInfo.InvariantCulture)} | {promised.ToString(CultureInfo.InvariantCulture)} |");

        static string Kept(bool kept) => kept ? "kept" : "**not kept**";

        async Task WatchAsync()
        {
            while (!watching.IsCancellationRequested)
            {
                most = Math.Max(most, Processes.ResidentMegabytes(target.ProcessId));
                await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, watching.Token));
            }
        }
    }

    /// <summary>
    /// A machine may let a process open fewer descriptors than there are devices: the node as well as this one needs one for each connection.
    /// </summary>
    private static int OwnConnections(int devices) => Math.Min(devices, Processes.Descriptors() - OtherDescriptors);

    private static async Task<List<Device>> ConnectAsync(Target target, DeviceArrivals arrivals, HttpClient http)
    {
        var key = target.Configuration[Array.IndexOf(target.Configuration, "--Auth:SigningKey") + 1];
        var sample = Jwt.Claims(await NodeSetup.TokenAsync(target.Configuration, "user", $"{target.Population.FirstWaId}")).ToJsonString();
        var devices = Enumerable.Range(0, target.Population.Users).Select(user => new Device(user, arrivals)).ToList();
        var own = OwnConnections(devices.Count);
        Session.Say($"connecting {devices.Count} devices, {own} of them with a connection of their own");
        await Parallel.ForAsync(0, devices.Count, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce }, async (user, _) =>
        {
            var claims = JsonNode.Parse(sample)!.AsObject();
            var waId = target.Population.WaId(user);
            claims["sub"] = waId.ToString(CultureInfo.InvariantCulture);
            var token = Jwt.Sign(claims, key);
            await (user < own ? devices[user].OpenAsync(target.Endpoint, waId, token) : devices[user].OpenSharedAsync(http, waId, token));
        });
        foreach (var device in devices)
        {
            _ = device.ListenAsync();
        }

        return devices;
    }

    /// <summary>What is under way arrives, or never will.</summary>
    private static async Task SettleAsync(DeviceArrivals arrivals)
    {
        for (var waited = 0; waited < 100 && arrivals.Arrived < arrivals.Accepted; waited++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}
