using System.Globalization;

namespace Actors.Bench.Load;

/// <summary>Figures of what comes after a send: devices report, the business's receiver hears of it.</summary>
internal static class LifeFigures
{
    /// <summary>Updates of a message that was sent, delivered and read.</summary>
    private const int UpdatesPerLife = 3;

    /// <summary>
    /// Updates per second at a fast receiver while sends go on: a backlog is built while the webhooks are paused, and then delivered as fast as it goes.
    /// </summary>
    /// <param name="rate">Sends per second of the open loop meanwhile.</param>
    /// <param name="backlog">Updates that wait when the webhooks begin.</param>
    /// <param name="reported">Whether devices go on reporting meanwhile.</param>
    /// <param name="checks">Whether the receiver checks what it gets.</param>
    public static async Task WebhooksAsync(Session session, TargetKind kind, int rate, int backlog, bool reported, bool checks)
    {
        var settings = session.Settings;
        await using var receiver = await WebhookReceiver.StartAsync(checks);
        var target = await session.AddAsync(kind, settings.Users, settings.Businesses, windows: true);
        await receiver.SubscribeAsync(target);
        var building = new Offer(settings.Connections);
        var devices = await Session.DevicesAsync(target, building);
        session.WarmUp(target, building, settings.Mix, settings.WarmUp, devices);

        await receiver.TellAsync(target, "pause");
        var waiting = 0L;
        var built = session.NewResult(target, "sent, delivered and read while the webhooks wait");
        while (waiting < backlog)
        {
            session.Measure(built, session.Workload(target, building, settings.Mix, devices), building, Math.Min(5, settings.Seconds));
            waiting = built.Total.Accepted * UpdatesPerLife;
            Session.Say($"  about {waiting} updates wait");
        }

        // As many requests as the sends and their reports are; a report that is due goes before the next send.
        var offer = new Offer(settings.Connections, Rate: rate * (reported ? 3 : 1));
        var result = session.NewResult(
            target,
            string.Create(CultureInfo.InvariantCulture, $"open loop of {rate}/s{(reported ? ", delivered and read" : "")}, while a backlog is delivered"));
        var workload = session.Workload(target, offer, settings.Mix, reported ? devices : null);
        await receiver.TellAsync(target, "resume");
        for (var round = 0; round < settings.Rounds; round++)
        {
            await MeasureAsync(session, result, workload, offer, receiver, (double)settings.Seconds / settings.Rounds);
        }

        var received = await receiver.ReceivedAsync();
        session.Notes.Add($"The receiver had {received.Shape}, warm-up included.");
        session.Notes.Add($"`updates/s` counts only while a backlog is left: at the end about {Left(session, target, received)} updates still waited.");
    }

    /// <summary>
    /// The whole life in a closed loop, beside a node whose devices are silent, one whose users read nothing, and one that nobody listens to: the shares of the
    /// parts are the differences of the processor time for each accepted send.
    /// </summary>
    /// <param name="checks">Whether the receiver checks what it gets.</param>
    public static async Task LifeAsync(Session session, TargetKind kind, bool checks)
    {
        var settings = session.Settings;
        var offer = new Offer(settings.Connections);
        await using var receiver = await WebhookReceiver.StartAsync(checks);
        var measured = new List<(Result Result, Workload Workload, WebhookReceiver? Receiver)>();
        (string Load, bool Reports, bool Reads, bool Listens)[] loads =
        [
            ("sent", false, false, false),
            ("sent, delivered", true, false, false),
            ("sent, delivered, read", true, true, false),
            ("the whole life", true, true, true),
        ];
        foreach (var (load, reports, reads, listens) in loads)
        {
            var target = await session.AddAsync(kind, settings.Users, settings.Businesses, windows: true);
            if (listens)
            {
                await receiver.SubscribeAsync(target);
            }

            var devices = reports ? await Session.DevicesAsync(target, offer, reads) : null;
            session.WarmUp(target, offer, settings.Mix, settings.WarmUp, devices);
            var workload = session.Workload(target, offer, settings.Mix, devices);
            measured.Add((session.NewResult(target, load), workload, listens ? receiver : null));
        }

        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var (result, workload, listener) in measured)
            {
                await MeasureAsync(session, result, workload, offer, listener, (double)settings.Seconds / settings.Rounds);
                await (listener is null ? Task.CompletedTask : LeaveTheOthersAloneAsync(listener));
            }
        }

        Note(session, [.. measured.Select(one => one.Result)]);
        session.Notes.Add($"The receiver had {(await receiver.ReceivedAsync()).Shape}, warm-up and what came after the rounds included.");
    }

    private static async Task MeasureAsync(
        Session session, Result result, Workload workload, Offer offer, WebhookReceiver? receiver, double seconds)
    {
        var before = receiver is null ? null : await receiver.ReceivedAsync();
        var start = TimeProvider.System.GetTimestamp();
        var time = receiver is null ? TimeSpan.Zero : Processes.ProcessorTime(receiver.ProcessId);
        session.Measure(result, workload, offer, seconds);
        if (receiver is not null)
        {
            result.Receiver += Processes.ProcessorTime(receiver.ProcessId) - time;
            var after = await receiver.ReceivedAsync();
            result.Updates.Add((after.Updates - before!.Updates) / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
            Session.Say($"  {result.Updates[^1]:0} updates/s; {after.Shape}");
        }
    }

    /// <summary>Waits until nothing comes any more: what is still delivered would disturb the next measurement. It counts for none.</summary>
    private static async Task LeaveTheOthersAloneAsync(WebhookReceiver receiver)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        var (first, last) = ((await receiver.ReceivedAsync()).Updates, -1L);
        for (var now = first; now != last && await timer.WaitForNextTickAsync(); now = (await receiver.ReceivedAsync()).Updates)
        {
            last = now;
        }

        Session.Say($"  {last - first} updates came after the round");
    }

    /// <summary>Updates that the receiver hasn't had: three of each message at most, as far as its devices have reported.</summary>
    private static long Left(Session session, Target target, Received received) => Math.Max(
        0, (session.Results.Where(result => result.Target == target).Sum(result => result.Total.Accepted) * UpdatesPerLife) - received.Updates);

    /// <summary>The shares of a life: the differences of the processor time for each accepted send.</summary>
    /// <param name="results">Of lives that have one part more each, in their order.</param>
    private static void Note(Session session, IReadOnlyList<Result> results)
    {
        static double Each(Result result, TimeSpan time) => time.TotalMicroseconds / Math.Max(1, result.Total.Accepted);
        static (double Node, double Database) Of(Result result) => (Each(result, result.Server), Each(result, result.Database));
        var whole = results[^1];
        var (costs, receiver) = (results.Select(Of).ToList(), Each(whole, whole.Receiver));
        var all = costs[^1].Node + costs[^1].Database + receiver;
        var lives = Math.Min(whole.PerSecond, Result.Median(whole.Updates) / UpdatesPerLife);
        Add($"Whole lives per second: {lives:0} (sends accepted, and a third of the updates that the receiver had: the fewer).");
        Add($"");
        Add($"| µs of processor time for each life | node | database | receiver | share |");
        Add($"|---|---:|---:|---:|---:|");
        string[] parts = ["sent", "delivered", "read", "told by webhook"];
        foreach (var (place, part) in parts.Index())
        {
            var before = place == 0 ? default : costs[place - 1];
            Row(part, costs[place].Node - before.Node, costs[place].Database - before.Database, place == costs.Count - 1 ? receiver : 0);
        }

        Row("all", costs[^1].Node, costs[^1].Database, receiver);
        Add($"");

        void Row(string part, double node, double database, double its) =>
            Add($"| {part} | {node:0.0} | {database:0.0} | {its:0.0} | {(node + database + its) / all:P0} |");

        void Add(FormattableString line)
        {
            var text = line.ToString(CultureInfo.InvariantCulture);
            session.Notes.Add(text);
            Session.Say(text);
        }
    }
}
