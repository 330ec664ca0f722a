using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Actors.Grains.Webhooks;

/// <summary>
/// Reads the log for all webhooks, and wakes the grains of businesses that have something new to tell. One activation does it for all nodes. It has no place of
/// its own to keep: each webhook has, so a wake that is lost is made up for by the next one, and when this starts it wakes all.
/// </summary>
[GrainType("webhook-feed")]
[Immovable(ImmovableKind.Rebalancer)]
[KeepAlive]
[Orleans.Concurrency.Reentrant]
internal sealed partial class WebhookFeedGrain(
    UserLedger ledger, WebhookSettings settings, WebhookMetrics metrics, ILogger<WebhookFeedGrain> logger)
    : LogReaderGrain, IWebhookFeedGrain
{
    /// <summary>In the directory: a business that has webhooks.</summary>
    public const string Active = "ACTIVE";

    /// <summary>In the directory: a business that has none any more.</summary>
    public const string None = "NONE";

    private const int PageMax = 4_096, DirectoryMax = 500;

    /// <summary>
    /// Each so many rounds, twice a day, everybody is woken: so the place of a business of which nothing happens moves on, and retention doesn't overtake it.
    /// </summary>
    private const int WakeAllRounds = 720;

    private static readonly TimeSpan ReadGap = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, Subscriber> _subscribers = [];
    private long? _readTo;
    private long _round;

    public Task WakeAsync()
    {
        Run();
        return Task.CompletedTask;
    }

    public Task SubscribedAsync(long business)
    {
        Run();
        Tell(business, ledger.Horizon);
        _subscribers[business].AddedIn = _round;
        return Task.CompletedTask;
    }

    protected override Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        Rounds.RepeatAsync(TimeSpan.Zero, settings.FeedRound, RoundAsync, Failed, stopping),
        Rounds.RepeatAsync(TimeSpan.Zero, FaultPause, ReadAsync, Failed, stopping));

    /// <summary>Learns who has webhooks, and wakes who is new here or has something left: the node that they ran on may have died.</summary>
    private async Task RoundAsync(CancellationToken stopping)
    {
        _round++;
        var listed = new HashSet<long>();
        var query = new DirectoryQuery(DirectoryKind.Webhooks, null, Active, null, null, 0, DirectoryMax);
        await foreach (var entry in ledger.Store.ReadWholeDirectoryAsync(query, stopping))
        {
            listed.Add(entry.Business);
            if (!_subscribers.TryGetValue(entry.Business, out var known) || known.HasWork || _round % WakeAllRounds == 0)
            {
                Tell(entry.Business, ledger.Horizon);
            }
        }

        // Who came while the directory was read may not be in it.
        foreach (var (gone, _) in _subscribers.Where(one => !listed.Contains(one.Key) && !one.Value.IsTelling && one.Value.AddedIn < _round).ToList())
        {
            _subscribers.Remove(gone);
        }
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        // What was before is told with the first round.
        _readTo ??= ledger.Horizon;
        while (true)
        {
            await ledger.WaitForEventsAsync(_readTo.Value, stopping);
            var page = await ledger.ReadEventsAsync(null, _readTo.Value, PageMax, stopping);
            var news = new Dictionary<long, long>();
            foreach (var line in page.Events)
            {
                if (_subscribers.ContainsKey(line.Event.Business) && WebhookUpdates.FieldOf(line) is not null)
                {
                    news[line.Event.Business] = line.Seq;
                }
            }

            foreach (var (business, seq) in news)
            {
                Tell(business, seq);
            }

            _readTo = page.Earliest ?? page.Next;
            await Task.Delay(ReadGap, TimeProvider.System, stopping);
        }
    }

    private void Tell(long business, long upTo)
    {
        if (!_subscribers.TryGetValue(business, out var subscriber))
        {
            _subscribers.Add(business, subscriber = new Subscriber());
        }

        subscriber.News = Math.Max(subscriber.News, upTo);
        subscriber.Told = Math.Min(subscriber.Told, subscriber.News - 1);
        if (!subscriber.IsTelling)
        {
            subscriber.IsTelling = true;
            _ = TellAsync(business, subscriber);
        }
    }

    /// <summary>Tells one grain what is new, again and again until it knows: one call at a time.</summary>
    private async Task TellAsync(long business, Subscriber subscriber)
    {
        while (subscriber.Told < subscriber.News && !Stopping.IsCancellationRequested)
        {
            var news = subscriber.News;
            try
            {
                subscriber.HasWork = await GrainFactory.GetGrain<IWebhooksGrain>(business).WakeAsync(news);
                subscriber.Told = news;
            }
#pragma warning disable CA1031 // It is told until it answers.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Failed(exception);
                await Task.WhenAny(Task.Delay(FaultPause, TimeProvider.System, Stopping));
            }
        }

        subscriber.IsTelling = false;
    }

    private void Failed(Exception exception)
    {
        metrics.Failed("feed");
        LogFailed(logger, exception);
    }

    [LoggerMessage(EventId = 2621, Level = LogLevel.Warning, Message = "The feed of webhooks is held up; it goes on")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    /// <summary>A business with webhooks.</summary>
    private sealed class Subscriber
    {
        /// <summary>Up to here there is something for it.</summary>
        public long News { get; set; }

        /// <summary>Up to here it knows.</summary>
        public long Told { get; set; } = -1;

        public bool IsTelling { get; set; }

        /// <summary>The round in which it said itself that it is one; 0 where it didn't.</summary>
        public long AddedIn { get; set; }

        /// <summary>Whether it said that it had something left.</summary>
        public bool HasWork { get; set; }
    }
}
