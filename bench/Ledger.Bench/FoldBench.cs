using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Actors.Ledger.Bench;

/// <summary>
/// How far folding is behind while events are written at a rate. Half of the events are accepted sends that open a conversation, which counts against the
/// business's messaging limit; half are deliveries that count for a business and its template; one in a hundred is a block, one in two hundred a report.
/// </summary>
internal static class FoldBench
{
    private const int BatchMax = 500;
    private const int Users = 200_000;

    private static long _written;

    /// <summary>Writes at a rate, and shows how far folding is behind.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="rate">Events a second.</param>
    /// <param name="businesses">Over so many businesses, with one template each.</param>
    /// <param name="isSqlite">Else a PostgreSQL of its own.</param>
    public static async Task WarmAsync(int seconds, int rate, int businesses, bool isSqlite)
    {
        await using var place = await Place.CreateAsync(isSqlite);
        using var host = place.Host();
        await host.StartAsync();
        await RegisterAsync(host, businesses);
        await MeasureAsync(host.Services.GetRequiredService<UserLedger>(), seconds, rate, businesses);
        await host.StopAsync();
    }

    /// <summary>Writes events while no node runs, and shows how long a node needs to fold them.</summary>
    /// <param name="events">So many.</param>
    /// <param name="businesses">Over so many businesses, with one template each.</param>
    /// <param name="isSqlite">Else a PostgreSQL of its own.</param>
    public static async Task ColdAsync(int events, int businesses, bool isSqlite)
    {
        await using var place = await Place.CreateAsync(isSqlite);
        using (var first = place.Host())
        {
            await first.StartAsync();
            await RegisterAsync(first, businesses);
            await first.StopAsync();
        }

        long horizon;
        await using (var store = place.Store())
        {
            await store.StartAsync(CancellationToken.None);
            await WriteAsync(store, int.MaxValue, int.MaxValue / 2, businesses, events);
            horizon = await store.ReadHorizonAsync(CancellationToken.None);
        }

        using var host = place.Host();
        await host.StartAsync();
        var fold = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IFoldGrain>(0);
        var (started, cpu) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime.TotalSeconds);
        while (await fold.WakeAsync() < horizon)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        var took = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        cpu = Environment.CpuUsage.TotalTime.TotalSeconds - cpu;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{events} events over {businesses} businesses folded from cold in {took:F1} s: {events / took:F0} events/s, {cpu * 1e6 / events:F1} µs each"));
        await host.StopAsync();
    }

    private static async Task RegisterAsync(IHost host, int businesses)
    {
        for (var i = 0; i < businesses; i++)
        {
            await RegisterAsync(host.Services.GetRequiredService<IGrainFactory>(), Ids.Business(i));
        }
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

    private static async Task<long> WriteAsync(ILedgerStore store, int seconds, int rate, int businesses, long most = long.MaxValue)
    {
        var versions = new long[Users];
        var started = TimeProvider.System.GetTimestamp();
        var random = new Random(1);
        for (long next = 0; ;)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            if (elapsed.TotalSeconds >= seconds || next >= most)
            {
                return next;
            }

            var due = (int)Math.Min(Math.Min(BatchMax, most - next), (long)(elapsed.TotalSeconds * rate) - next);
            if (due < Math.Min(BatchMax / 10, most - next))
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
        var opened = happened with { Opened = true, Quota = 1 };
        happened = random.Next(200) switch
        {
            < 100 => opened,
            < 197 => happened with { Kind = EventKind.Delivered, Quality = QualityMark.Of(countsUser: true, countsForTemplate: true) },
            < 199 => happened with { Kind = EventKind.Blocked, Quality = QualityMark.Of(NegativeSignal.Block, null, template) },
            _ => happened with
            {
                Kind = EventKind.Reported,
                Detail = (byte)ComplaintReason.Spam,
                Quality = QualityMark.Of(NegativeSignal.Report, null, template),
            },
        };
        return new EncodedCommit(user, expected, random.NextInt64(), new byte[150], new Change(UserState.Empty, [happened]), [], null);
    }
}
