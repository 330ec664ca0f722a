using System.Globalization;

namespace Actors.Bench.Load;

/// <summary>How a run is made.</summary>
internal sealed record Settings
{
    public required int Users { get; init; }

    public required int Businesses { get; init; }

    public required int Connections { get; init; }

    public required int Seconds { get; init; }

    public required int WarmUp { get; init; }

    public required int Rounds { get; init; }

    public required int Seed { get; init; }

    public required Mix Mix { get; init; }
}

/// <summary>What was measured of one target under one kind of load.</summary>
internal sealed class Result(Target target, string load)
{
    public Target Target => target;

    public string Load => load;

    public Tally Total { get; } = new();

    /// <summary>Accepted sends per second of each round.</summary>
    public List<double> Rounds { get; } = [];

    /// <summary>Of an overload: accepted sends of each round as a share of the maximum measured before and after it.</summary>
    public List<double> Goodput { get; } = [];

    public TimeSpan Generator { get; set; }

    public TimeSpan Server { get; set; }

    public TimeSpan Database { get; set; }

    /// <summary>Of the receiver of webhooks, where there is one.</summary>
    public TimeSpan Receiver { get; set; }

    /// <summary>Updates that the receiver had per second of each round; none where there is no receiver.</summary>
    public List<double> Updates { get; } = [];

    /// <summary>Most memory that the server had in RAM, in MB.</summary>
    public double ResidentMax { get; set; }

    /// <summary>The median over the rounds.</summary>
    public double PerSecond => Median(Rounds);

    /// <summary>The median of what is measured in rounds; 0 where nothing was.</summary>
    public static double Median(List<double> rounds) => rounds.Count == 0 ? 0 : rounds.Order().ElementAt(rounds.Count / 2);

    /// <summary>Processor time for each answer, in microseconds.</summary>
    public double Microseconds(TimeSpan time) => Total.Answers == 0 ? 0 : time.TotalMicroseconds / Total.Answers;
}

/// <summary>One run: a database, targets that live as long as it does, and loads offered to them one at a time.</summary>
internal sealed class Session : IAsyncDisposable
{
    /// <summary>The first user's number: 13 digits, as all that follow.</summary>
    private const long FirstWaId = 4_915_110_000_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("actors-bench-").FullName;
    private readonly List<Target> _targets = [];
    private int _seed;

    private Session(Settings settings, Postgres postgres) => (Settings, Postgres, _seed) = (settings, postgres, settings.Seed);

    public Settings Settings { get; }

    public Postgres Postgres { get; }

    public List<Result> Results { get; } = [];

    public IReadOnlyList<Target> Targets => _targets;

    /// <summary>What the report says below its table.</summary>
    public List<string> Notes { get; } = [];

    public static async Task<Session> StartAsync(Settings settings, bool build)
    {
        if (build)
        {
            Say("building the programs");
            await Repository.BuildAsync();
        }

        Say("starting PostgreSQL");
        return new(settings, await Postgres.StartAsync());
    }

    public static void Say(string what) => Console.Error.WriteLine(what);

    /// <summary>Starts a target and sets it up.</summary>
    /// <param name="users">Users, each with every business.</param>
    /// <param name="otherNode">Another build of our node; null for this work tree's.</param>
    public async Task<Target> AddAsync(TargetKind kind, int users, int businesses, bool windows, string? otherNode = null)
    {
        Say($"starting {kind.ToString().ToLowerInvariant()} and telling it about {users} users of {businesses} businesses");
        var start = TimeProvider.System.GetTimestamp();
        var population = new Population(users, users + (Settings.Mix.New > 0 ? 1_000_000 : 0), businesses, windows, FirstWaId, Settings.Seed);
        var target = await Target.StartAsync(kind, Postgres, population, $"bench_{_targets.Count}", _directory, otherNode);
        _targets.Add(target);
        Say($"  ready after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s");
        return target;
    }

    /// <summary>A workload for a target; it may go on over several measurements of it.</summary>
    /// <param name="devices">What the users' devices report; null where they are silent.</param>
    public Workload Workload(Target target, Offer offer, Mix mix, Devices? devices = null) =>
        new(mix, target.Population, target.Senders, target.Checker, offer.Connections, ++_seed, target.Endpoint.ToString(), devices);

    /// <summary>The devices of a target's users.</summary>
    public static async Task<Devices> DevicesAsync(Target target, Offer offer, bool reads = true)
    {
        var sample = await NodeSetup.TokenAsync(target.Configuration, "user", target.Population.FirstWaId.ToString(CultureInfo.InvariantCulture));
        return new Devices(target.Population, offer.Connections, target.Endpoint.ToString(), Jwt.Claims(sample), target.SigningKey, reads);
    }

    /// <summary>Offers load without measuring it; answers are checked all the same.</summary>
    public double WarmUp(Target target, Offer offer, Mix mix, int seconds, Devices? devices = null)
    {
        Say($"warming {target.Name} up for {seconds} s");
        using var driver = new Driver(target.Endpoints, Workload(target, offer, mix, devices), offer, ++_seed);
        return driver.Run(TimeSpan.FromSeconds(seconds), Progress(target, null)).AcceptedPerSecond;
    }

    /// <summary>Offers load and adds what came to a result.</summary>
    /// <param name="settle">Seconds that the load is offered before it counts.</param>
    public void Measure(Result result, Workload workload, Offer offer, double seconds, double settle = 0)
    {
        var target = result.Target;
        Say($"{target.Name}: {result.Load}, {seconds:0.#} s");
        using var driver = new Driver(target.Endpoints, workload, offer, ++_seed);
        if (settle > 0)
        {
            driver.Run(TimeSpan.FromSeconds(settle), progress: null);
        }

        var (generator, server, database) = Times(target);
        var tally = driver.Run(TimeSpan.FromSeconds(seconds), Progress(target, result));
        var (generatorAfter, serverAfter, databaseAfter) = Times(target);
        result.Generator += generatorAfter - generator;
        result.Server += serverAfter - server;
        result.Database += databaseAfter - database;
        result.Total.Add(tally);
        result.Rounds.Add(tally.AcceptedPerSecond);
    }

    public Result NewResult(Target target, string load)
    {
        var result = new Result(target, load);
        Results.Add(result);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _targets)
        {
            await target.DisposeAsync();
        }

        await Postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static (TimeSpan Generator, TimeSpan Server, TimeSpan Database) Times(Target target) =>
        (Processes.ProcessorTime(Environment.ProcessId),
            target.ProcessIds.Aggregate(TimeSpan.Zero, (sum, process) => sum + Processes.ProcessorTime(process)),
            target.DatabaseId is { } database ? Processes.FamilyTime(database) : TimeSpan.Zero);

    private static Action<Tally> Progress(Target target, Result? result)
    {
        var seconds = 0;
        return tick =>
        {
            var resident = target.ProcessIds.Sum(Processes.ResidentMegabytes);
            if (result is not null)
            {
                result.ResidentMax = Math.Max(result.ResidentMax, resident);
            }

            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {++seconds,3} s {tick.AcceptedPerSecond,8:0}/s accepted, {tick.Other,5} other, {tick.Overloaded,6} overloaded, {tick.Violations} wrong, "
                + $"p50 {tick.Percentile(50),6:0.0} ms, p99 {tick.Percentile(99),6:0.0} ms, {resident,5:0} MB"));
        };
    }
}
