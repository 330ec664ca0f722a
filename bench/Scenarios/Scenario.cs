namespace Actors.Bench.Scenarios;

/// <summary>Whom sends go to.</summary>
internal enum Spread
{
    Uniform,

    /// <summary>The user of rank r gets a share that goes with 1/r.</summary>
    Zipf,

    /// <summary>Each send to a user who had none before.</summary>
    Fresh,
}

/// <summary>A kind of load.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="What">In words.</param>
internal sealed record Scenario(string Name, string What)
{
    /// <summary>The share of the rate at a time, 0 at the start and 1 at the end of the run.</summary>
    public Func<double, double> Pace { get; init; } = _ => 1;

    public Spread Spread { get; init; } = Spread.Uniform;

    /// <summary>Share of the sends that the first business makes; null where all make the same, but for the last one, which makes a tenth.</summary>
    public double? HotShare { get; init; }

    /// <summary>Share of marketing among the sends.</summary>
    public double Marketing { get; init; } = 0.3;

    /// <summary>Share of what users do among all calls, at a time.</summary>
    public Func<double, double> Acts { get; init; } = _ => 0;

    /// <summary>Whether what users do is stop, each another one, and nothing else.</summary>
    public bool IsStorm { get; init; }

    /// <summary>Whether it can't be had without speaking for users.</summary>
    public bool NeedsUsers => Acts(0.5) > 0;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("steady", "one rate, all through"),
        new("ramp", "from a tenth of the rate up to it") { Pace = at => 0.1 + (0.9 * at) },
        new("spike", "a fifth of the rate, and all of it in the middle fifth of the time") { Pace = at => at is >= 0.4 and < 0.6 ? 1 : 0.2 },
        new("hot-business", "80 % of all sends are one business's") { HotShare = 0.8 },
        new("hot-users", "few users get most of it (Zipf)") { Spread = Spread.Zipf },
        new("cold-users", "each send to another user") { Spread = Spread.Fresh },
        new("life", "half of all calls are the users': delivered, read, replies, STOP and START, opt-outs, blocks, reports, feedback") { Acts = _ => 0.5 },
        new("opt-out-storm", "users stop by the thousand while marketing goes on") { Marketing = 0.8, IsStorm = true, Acts = at => at >= 0.2 ? 0.5 : 0 },
        new("slow-database", "one rate, while the database's users table is locked for 200 ms twice a second (--slow-database) or slowed by somebody else"),
    ];
}
