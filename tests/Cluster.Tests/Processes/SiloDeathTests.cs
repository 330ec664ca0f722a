using System.Collections.Concurrent;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>Real silos end under load: each message is answered for good soon, and is there once.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class SiloDeathTests
{
    private const int Users = 60;
    private const int Senders = 12;

    /// <summary>The longest that a message may take to be answered for good, on a machine that has other work.</summary>
    private static readonly TimeSpan _toldWithin = TimeSpan.FromSeconds(3), _killedWithin = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Told_to_stop_or_killed_a_silo_costs_no_message_and_doubles_none()
    {
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Throughput:Default", "100000", "--Policy:PairRate:Interval", "00:00:00", "--Policy:Templates:AutoApprove", "true");
        await using var load = await Load.StartAsync(cluster.Platform);
        await load.RunForAsync(TimeSpan.FromSeconds(3));

        await LocalCluster.SignalAsync("TERM", cluster.Silo(3));
        await load.RunForAsync(TimeSpan.FromSeconds(8));
        Assert.True(load.Worst() < _toldWithin, $"a graceful end was felt: an answer took {load.Worst()}");

        await LocalCluster.SignalAsync("KILL", cluster.Silo(2));
        await load.RunForAsync(TimeSpan.FromSeconds(15));
        var killed = load.Worst();
        Assert.True(killed < _killedWithin, $"after a kill an answer took {killed}");

        await load.StopAsync();
        Assert.Empty(load.Failed);
        var accepted = (await cluster.Platform.EventsAsync(load.Business)).Where(line => (string?)line["kind"] == "accepted")
            .Select(line => (string)line["message"]!).ToList();
        Assert.Equal(load.Accepted.Order(StringComparer.Ordinal), accepted.Order(StringComparer.Ordinal));
        Console.WriteLine($"sent {accepted.Count}; worst answer after a kill {killed}; outages told {load.Outages}");
    }

    /// <summary>Senders that each send to random users, one message after the other, each with a key of its own, until it is answered.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly TestPlatform _platform;
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentBag<string> _accepted = [];
        private readonly ConcurrentBag<string> _failed = [];
        private Task _senders = Task.CompletedTask;
        private long _worst;
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
            await platform.OptInAsync(business, Enumerable.Range(0, Users).Select(index => 34600200000 + index), TimeProvider.System.GetUtcNow());
            var load = new Load(platform, business);
            load._senders = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => load.SendAsync(sender)));
            return load;
        }

        /// <summary>The longest that a message took to be answered for good since this was last asked.</summary>
        public TimeSpan Worst() => TimeSpan.FromTicks(Interlocked.Exchange(ref _worst, 0));

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

        private async Task SendAsync(int sender)
        {
            var random = new Random(sender);
            for (var number = 0; !_stopping.IsCancellationRequested; number++)
            {
                var since = TimeProvider.System.GetTimestamp();
                var message = TestPlatform.Template(34600200000 + random.Next(Users), "receipt");
                SendAnswer answer;
                while ((answer = await _platform.SendAsync(Business, message, $"{sender}-{number}")).IsOpen)
                {
                    Interlocked.Increment(ref _outages);
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                }

                var took = TimeProvider.System.GetElapsedTime(since).Ticks;
                for (var seen = Volatile.Read(ref _worst); took > seen; seen = Volatile.Read(ref _worst))
                {
                    Interlocked.CompareExchange(ref _worst, took, seen);
                }

                (answer.Wamid is { } wamid ? _accepted : _failed).Add(answer.Wamid ?? answer.ToString());
            }
        }
    }
}
