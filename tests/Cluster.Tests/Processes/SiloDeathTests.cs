using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Actors.Bench.Faults;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>Real silos end under load: each message is answered for good soon, and is there once; who doesn't live there doesn't notice.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed partial class SiloDeathTests
{
    private const long FirstUser = 34600200000, FirstIdleUser = FirstUser + 1_000;
    private const int Users = 30, IdleUsers = 300;

    /// <summary>
    /// The longest that a message may take to be answered for good, on a machine that has other work. What each of the settings is worth after a kill is seen
    /// where it is quick: FaultsTests, and bench/Faults.
    /// </summary>
    private static readonly TimeSpan _toldWithin = TimeSpan.FromSeconds(3), _killedWithin = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Who lives elsewhere waits for no vote (some 2.5 s after a kill, 8 s and more where a silo hangs): all know where they live, and their calls go by
    /// another gateway, at once after a kill, and within some 1.5 s where a silo hangs.
    /// </summary>
    private static readonly TimeSpan _elsewhereWithin = TimeSpan.FromSeconds(1.4), _elsewhereOfHungWithin = TimeSpan.FromSeconds(4);

    /// <summary>
    /// So long after a silo goes on that stood still: a call that it swallowed takes its time limit, 5 s, and is made again. Its gateway is used again later.
    /// </summary>
    private static readonly TimeSpan _answersWithin = TimeSpan.FromSeconds(9), _answeredWithin = TimeSpan.FromSeconds(3.5);

    [Fact]
    public async Task Told_to_stop_or_killed_a_silo_costs_no_message_and_doubles_none()
    {
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Throughput:Default", "100000", "--Policy:PairRate:Interval", "00:00:00", "--Policy:Templates:AutoApprove", "true");
        await using var load = await Load.StartAsync(cluster.Platform);
        await load.ActivateIdleUsersAsync();
        await load.RunForAsync(TimeSpan.FromSeconds(3));

        // Users of whom nobody wants anything meanwhile stay in the memory of the two that stay.
        var before = await UsersInMemoryAsync(cluster.Silos.Take(2));
        Assert.InRange(before, IdleUsers / 3, IdleUsers + Users);
        await LocalCluster.SignalAsync("TERM", cluster.Silo(3));
        await load.RunForAsync(TimeSpan.FromSeconds(8));
        Assert.True(load.Worst() < _toldWithin, $"a graceful end was felt: an answer took {load.Worst()}");
        Assert.Equal(0, load.Outages);
        Assert.InRange(await UsersInMemoryAsync(cluster.Silos.Take(2)), before, IdleUsers + Users);
        var others = await OthersAsync(cluster, 2);
        load.Forget();
        await LocalCluster.SignalAsync("KILL", cluster.Silo(2));
        await load.RunForAsync(TimeSpan.FromSeconds(4));
        var elsewhere = load.Worst(others);
        await load.RunForAsync(TimeSpan.FromSeconds(11));
        var killed = load.Worst();
        Assert.True(killed < _killedWithin, $"after a kill an answer took {killed}");
        Assert.True(elsewhere < _elsewhereWithin, $"of the {others.Count} users who lived elsewhere one waited {elsewhere}");

        await load.StopAsync();
        Assert.Empty(load.Failed);
        var accepted = (await cluster.Platform.EventsAsync(load.Business)).Where(line => (string?)line["kind"] == "accepted")
            .Select(line => (string)line["message"]!).ToList();
        Assert.Equal(load.Accepted.Order(StringComparer.Ordinal), accepted.Order(StringComparer.Ordinal));
        Console.WriteLine($"sent {accepted.Count}; worst answer after a kill {killed}, elsewhere {elsewhere}; outages told {load.Outages}");
    }

    [Fact]
    public async Task A_silo_that_hangs_keeps_who_lives_elsewhere_waiting_no_longer_than_it_takes_to_leave_its_gateway()
    {
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Throughput:Default", "100000", "--Policy:PairRate:Interval", "00:00:00", "--Policy:Templates:AutoApprove", "true");
        await using var load = await Load.StartAsync(cluster.Platform);
        await load.RunForAsync(TimeSpan.FromSeconds(5));
        var others = await OthersAsync(cluster, 3);
        load.Forget();
        await LocalCluster.SignalAsync("STOP", cluster.Silo(3));
        try
        {
            await load.RunForAsync(TimeSpan.FromSeconds(7));   // it is voted dead after 8 s at the soonest
            var elsewhere = load.Worst(others);
            Assert.True(elsewhere < _elsewhereOfHungWithin, $"of the {others.Count} users who lived elsewhere one waited {elsewhere}");
            Console.WriteLine($"elsewhere the worst answer while a silo hangs {elsewhere}");
        }
        finally
        {
            await LocalCluster.SignalAsync("CONT", cluster.Silo(3));
        }

        await load.RunForAsync(TimeSpan.FromSeconds(5));
        await load.StopAsync();
        Assert.Empty(load.Failed);
        var accepted = (await cluster.Platform.EventsAsync(load.Business)).Where(line => (string?)line["kind"] == "accepted")
            .Select(line => (string)line["message"]!).ToList();
        Assert.Equal(load.Accepted.Order(StringComparer.Ordinal), accepted.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_silo_that_stood_still_for_a_moment_answers_for_its_users_soon_though_its_gateway_was_left()
    {
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Throughput:Default", "100000", "--Policy:PairRate:Interval", "00:00:00", "--Policy:Templates:AutoApprove", "true");
        await using var load = await Load.StartAsync(cluster.Platform);
        await load.RunForAsync(TimeSpan.FromSeconds(5));
        await LocalCluster.SignalAsync("STOP", cluster.Silo(3));
        await load.RunForAsync(TimeSpan.FromSeconds(3));   // for a second and a half it is waited for
        await LocalCluster.SignalAsync("CONT", cluster.Silo(3));
        await load.RunForAsync(_answersWithin);
        load.Forget();
        await load.RunForAsync(_answeredWithin);   // still without its gateway
        var worst = load.Worst(Enumerable.Range(0, Users));
        Assert.True(worst < _answeredWithin, $"one waited {worst}");
        foreach (var api in new[] { "api1", "api2" })
        {
            Assert.Contains("it is left for now", await cluster.ReadLogAsync(api), StringComparison.Ordinal);
        }

        await load.StopAsync();
        Assert.Empty(load.Failed);
        Console.WriteLine($"the worst answer after a silo stood still {worst}");
    }

    /// <summary>Those of the users who are sent to who live on another silo than this one.</summary>
    private static async Task<IReadOnlyList<int>> OthersAsync(LocalCluster cluster, int silo)
    {
        await using var homes = await Homes.StartAsync(cluster.Connection);
        Lives? lives;
        while ((lives = await homes.AskAsync()) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var users = lives.Users;
        var port = cluster.SiloPort(silo);
        var others = Enumerable.Range(0, Users).Where(user => users.TryGetValue(FirstUser + user, out var home) && home != port).ToList();
        Assert.InRange(others.Count, 5, Users);
        return others;
    }

    private static async Task<double> UsersInMemoryAsync(IEnumerable<Uri> silos)
    {
        using var http = new HttpClient();
        var texts = await Task.WhenAll(silos.Select(silo => http.GetStringAsync(new Uri(silo, "/metrics"))));
        return texts.SelectMany(text => UserGrains().Matches(text)).Sum(line => double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("^orleans_grains\\{[^\n]*grain_type=\"user\"[^\n]*\\} ([0-9.e+]+)( [0-9]+)?$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex UserGrains();

    /// <summary>A sender for each user, one message after the other, each with a key of its own, until it is answered.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(50);
        private readonly TestPlatform _platform;
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentBag<string> _accepted = [];
        private readonly ConcurrentBag<string> _failed = [];
        private readonly long[] _worst = new long[Users];

        /// <summary>Since when a message is under way; 0 where none is.</summary>
        private readonly long[] _since = new long[Users];
        private Task _senders = Task.CompletedTask;
        private int _outages;

        private Load(TestPlatform platform, TestBusiness business) => (_platform, Business) = (platform, business);

        public TestBusiness Business { get; }

        public IReadOnlyCollection<string> Accepted => _accepted;

        public IReadOnlyCollection<string> Failed => _failed;

        public int Outages => _outages;

        public static async Task<Load> StartAsync(TestPlatform platform)
        {
            var business = await platform.RegisterAsync("Corner Shop");
            await platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
            var users = Enumerable.Range(0, Users).Select(user => FirstUser + user).Concat(Enumerable.Range(0, IdleUsers).Select(user => FirstIdleUser + user));
            await platform.OptInAsync(business, users, TimeProvider.System.GetUtcNow());
            var load = new Load(platform, business);
            load._senders = Task.WhenAll(Enumerable.Range(0, Users).Select(load.SendAllAsync));
            return load;
        }

        /// <summary>Sends to each of those who get nothing else once.</summary>
        public async Task ActivateIdleUsersAsync()
        {
            foreach (var some in Enumerable.Range(0, IdleUsers).Chunk(20))
            {
                await Task.WhenAll(some.Select(user => SendAsync(FirstIdleUser + user, $"idle-{user}")));
            }
        }

        /// <summary>The longest that a message took to be answered for good.</summary>
        public TimeSpan Worst() => TimeSpan.FromTicks(_worst.Max());

        /// <summary>The same, of these users; what is still under way counts as long as it takes already.</summary>
        public TimeSpan Worst(IEnumerable<int> users) => TimeSpan.FromTicks(users.Max(SoFar));

        private long SoFar(int user) => Math.Max(
            Volatile.Read(ref _worst[user]),
            Volatile.Read(ref _since[user]) is var since && since == 0 ? 0 : TimeProvider.System.GetElapsedTime(since).Ticks);

        /// <summary>How long messages took so far counts no longer.</summary>
        public void Forget() => Array.Clear(_worst);

        public async Task RunForAsync(TimeSpan time)
        {
            await Task.WhenAny(_senders, Task.Delay(time, TimeProvider.System));
            Assert.False(_senders.IsFaulted, _senders.Exception?.ToString());
        }

        public async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await _senders;
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Task.WhenAny(_senders);
            _stopping.Dispose();
        }

        private async Task SendAllAsync(int user)
        {
            for (var number = 0; !_stopping.IsCancellationRequested; number++)
            {
                var since = TimeProvider.System.GetTimestamp();
                Volatile.Write(ref _since[user], since);
                await SendAsync(FirstUser + user, $"{user}-{number}");
                Volatile.Write(ref _since[user], 0);
                Volatile.Write(ref _worst[user], Math.Max(_worst[user], TimeProvider.System.GetElapsedTime(since).Ticks));
                await Task.Delay(_between, TimeProvider.System);
            }
        }

        private async Task SendAsync(long user, string key)
        {
            SendAnswer answer;
            while ((answer = await _platform.SendAsync(Business, TestPlatform.Template(user, "receipt"), key)).IsOpen)
            {
                Interlocked.Increment(ref _outages);
                await Task.Delay(_between, TimeProvider.System);
            }

            (answer.Wamid is { } wamid ? _accepted : _failed).Add(answer.Wamid ?? answer.ToString());
        }
    }
}
