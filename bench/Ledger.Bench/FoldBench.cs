using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Actors.Contracts;
using Actors.Grains;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger.Bench;

/// <summary>
/// How far folding is behind while events are written at a rate. Half of the events are accepted sends, which the fold only reads; half are deliveries that
/// count for a business and its template; one in a hundred is a block.
/// </summary>
internal static class FoldBench
{
    private const int BatchMax = 500;
    private const int Users = 200_000;

    /// <param name="seconds">How long.</param>
    /// <param name="rate">Events a second.</param>
    /// <param name="businesses">Over so many businesses, with one template each.</param>
    /// <param name="isSqlite">Else a PostgreSQL of its own.</param>
    public static async Task RunAsync(int seconds, int rate, int businesses, bool isSqlite)
    {
        await using var server = isSqlite
            ? null
            : await PostgresServer.StartAsync("shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min");
        var directory = Directory.CreateTempSubdirectory("actors-fold-bench-").FullName;
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), 0, serviceId: "actors", clusterId: "actors");
            silo.AddActorsGrains(server is null ? GrainsSettings.Sqlite(directory) : GrainsSettings.Postgres(server.ConnectionString));
        });
        using (var host = builder.Build())
        {
            await host.StartAsync();
            var grains = host.Services.GetRequiredService<IGrainFactory>();
            for (var i = 0; i < businesses; i++)
            {
                await RegisterAsync(grains, Ids.Business(i));
            }

            await MeasureAsync(host.Services.GetRequiredService<UserLedger>(), seconds, rate, businesses);
            await host.StopAsync();
        }

        Directory.Delete(directory, recursive: true);
    }

    private static async Task RegisterAsync(IGrainFactory grains, long business)
    {
        var number = new BusinessNumber(Ids.PhoneNumber(business, 0), 4_930_123_456);
        await grains.GetGrain<IBusinessGrain>(business).RegisterAsync(new BusinessRegistration("Bakery", "DE", [number], null, null, null), "operator:bench");
        var template = grains.GetGrain<ITemplateGrain>(business, "hello", null);
        var content = new TemplateContent { Name = "hello", Language = "en_US", Category = Category.Marketing, Body = "Fresh bread." };
        var created = await template.CreateAsync(new TemplateDraft(content, "[]"u8.ToArray()), "operator:bench");
        await template.ReviewAsync(created.Template!.Id, approve: true, null, null, "operator:bench");
    }

    private static async Task MeasureAsync(UserLedger ledger, int seconds, int rate, int businesses)
    {
        var (lag, folded) = (0.0, 0L);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "fold.lag" or "fold.events.folded")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((_, value, _, _) => lag = value);
        meters.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref folded, value));
        meters.Start();

        Console.WriteLine("| second | written | handed over | lag s |");
        Console.WriteLine("|---|---|---|---|");
        var lags = new ConcurrentBag<double>();
        var cpu = Environment.CpuUsage.TotalTime.TotalSeconds;
        using var stop = new CancellationTokenSource();
        var sampling = SampleAsync();
        var written = await WriteAsync(ledger.Store, seconds, rate, businesses);
        await stop.CancelAsync();
        await sampling;
        cpu = Environment.CpuUsage.TotalTime.TotalSeconds - cpu;
        var ordered = lags.Order().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{written / (double)seconds:F0} events/s over {businesses} businesses for {seconds} s: lag p50 {ordered[ordered.Length / 2]:F2} s, "
            + $"worst {ordered[^1]:F2} s; {cpu * 1e6 / written:F1} µs of this process per event, the writer's among them"));

        async Task SampleAsync()
        {
            for (var tick = 1; !stop.IsCancellationRequested; tick++)
            {
                await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, stop.Token));
                meters.RecordObservableInstruments();
                lags.Add(lag);
                if (tick % 50 == 0)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {tick / 10} | {_written} | {Interlocked.Read(ref folded)} | {lag:F2} |"));
                }
            }
        }
    }

    private static long _written;

    private static async Task<long> WriteAsync(ILedgerStore store, int seconds, int rate, int businesses)
    {
        var versions = new long[Users];
        var started = TimeProvider.System.GetTimestamp();
        var random = new Random(1);
        for (long next = 0; ;)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            if (elapsed.TotalSeconds >= seconds)
            {
                return next;
            }

            var due = (int)Math.Min(BatchMax, (long)(elapsed.TotalSeconds * rate) - next);
            if (due < BatchMax / 10)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
                continue;
            }

            // The users of a batch are others than those of the one before, and ascend.
            var first = (int)(next % (Users - BatchMax));
            var now = new Instant(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            var batch = Enumerable.Range(first, due).Select(user => Commit(user, versions[user]++, random, businesses, now)).ToArray();
            var outcomes = await store.WriteAsync(batch, CancellationToken.None);
            if (outcomes.Any(outcome => outcome != CommitOutcome.Committed))
            {
                throw new InvalidOperationException("A commit was lost: the figures would be wrong.");
            }

            _written = next += due;
        }
    }

    private static EncodedCommit Commit(int user, long expected, Random random, int businesses, Instant now)
    {
        var business = Ids.Business(random.Next(businesses));
        var template = Ids.Template(business, 0);
        var happened = new UserEvent(EventKind.Accepted, now, business, expected + 1, Ids.PhoneNumber(business, 0), template, Category.Marketing);
        happened = random.Next(200) switch
        {
            < 100 => happened,
            < 198 => happened with { Kind = EventKind.Delivered, Quality = QualityMark.Of(countsUser: true, countsForTemplate: true) },
            _ => happened with { Kind = EventKind.Blocked, Quality = QualityMark.Of(NegativeSignal.Block, null, template) },
        };
        return new EncodedCommit(user, expected, random.NextInt64(), new byte[150], new Change(UserState.Empty, [happened]), [], null);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
