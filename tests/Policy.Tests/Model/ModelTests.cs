using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Model;

public sealed class ModelTests
{
    private static readonly Gen<MarketingCapNumbers> AnyCap =
        from counts in Gen.Select(Gen.Int[0, 4], Gen.Int[0, 6], Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 5])
        from engagement in Gen.Select(Gen.Int[1, 6], Gen.Int[1, 8], Gen.Int[0, 100], Gen.Int[0, 100])
        from times in Gen.Select(Gen.Int[1, 72], Gen.Int[0, 10])
        select new MarketingCapNumbers
        {
            PerDay = counts.Item1,
            PerWeek = counts.Item2,
            PerBusinessPerDay = counts.Item3,
            PerDayUnengaged = counts.Item4,
            PerDayEngaged = counts.Item5,
            EngagementFrom = engagement.Item1,
            EngagementOver = engagement.Item2,
            EngagedPercent = engagement.Item3,
            UnengagedPercent = engagement.Item4,
            OutcomeAfter = TimeSpan.FromHours(times.Item1),
            Rest = times.Item2 * Day,
        };

    internal static readonly Gen<PolicyNumbers> AnyNumbers = Gen.Select(
        AnyCap, Gen.Int[0, 4], Gen.Int[1, 4], Gen.Int[1, 40], Gen.Int[1, 12],
        (cap, interval, burst, window, undelivered) => Numbers with
        {
            MarketingCap = cap,
            PairRate = new PairRateNumbers { Interval = interval * 13 * Second, Burst = burst },
            Window = new WindowNumbers { Length = TimeSpan.FromHours(window) },
            Messages = new MessageNumbers { UndeliveredMax = undelivered },
        });

    internal static Gen<Step[]> Steps(int deeds) => Gen.Select(
        Gen.Int[0, deeds], Gen.Int[0, 11], Gen.Int[0, 83], Gen.Int[0, 11], Gen.Int[0, 20_000],
        (deed, who, what, clock, amount) => new Step(deed, who, what, clock, amount))
        .Array[1, 60];

    [Fact]
    public void A_random_history_is_decided_as_the_policy_reads()
    {
        var accepted = 0;
        Gen.Select(AnyNumbers, Steps(deeds: 25)).Sample(
            (numbers, steps) =>
            {
                var replay = new Replay(numbers);
                foreach (var step in steps)
                {
                    replay.Do(step);
                }

                accepted += replay.Accepted;
            },
            iter: Check.Iter * 8,
            threads: 1);
        Assert.True(accepted > Check.Iter * 4, $"only {accepted} sends were accepted: the histories show too little");
    }
}

/// <summary>G2: at each accept, the counted marketing messages of the user in each period are within the cap.</summary>
public sealed class G2_The_cap_holds_over_every_window_of_the_history
{
    [Fact]
    public void Whatever_the_order_and_the_times_of_the_sends()
    {
        var accepted = 0;
        Gen.Select(ModelTests.AnyNumbers, ModelTests.Steps(deeds: 19)).Sample(
            (numbers, steps) =>
            {
                // Opted in to all three businesses and rested, so that the cap decides.
                var replay = new Replay(numbers with { PairRate = new() { Interval = TimeSpan.Zero }, Messages = new() });
                for (var business = 0; business < 3; business++)
                {
                    replay.Do(new Step(Deed: 12, Who: business, What: 6, Clock: 0, Amount: 0));
                }

                foreach (var step in steps)
                {
                    // No stops, blocks and preferences, but what becomes of the messages: that moves the number and gives places back.
                    replay.Do(step with { What = step.Deed < 9 ? (int)Category.Marketing : step.What, Deed = step.Deed < 14 ? step.Deed : step.Deed + 6 });
                }

                accepted += replay.Accepted;
            },
            iter: Check.Iter * 4,
            threads: 1);
        Assert.True(accepted > Check.Iter * 2, $"only {accepted} sends were accepted: the histories show too little");
    }
}
