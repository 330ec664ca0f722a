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
            Messages = new MessageNumbers { UndeliveredMax = undelivered, Life = undelivered * Day, AuthenticationLife = undelivered * Second * 30 },
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

/// <summary>G2: at each accept, the counted marketing messages of the user in each period are within the cap, as it stands then.</summary>
public sealed class G2_The_cap_holds_over_every_window_of_the_history
{
    // Sends, and what becomes of them: that moves the number and gives places back. And what the user wants of marketing.
    private const int Deliver = 20, Read = 22, Feel = 24, End = 25, Prefer = 18, Write = 9;
    private static readonly int[] Deeds =
        [0, 1, 2, 3, 4, 5, 6, 7, 8, Deliver, Deliver, Deliver, Deliver, Read, Read, Read, Read, Feel, End, End, Prefer, Prefer, Write];

    [Fact]
    public void Whatever_the_order_and_the_times_of_the_sends()
    {
        var tally = new Dictionary<string, int>();
        Gen.Select(ModelTests.AnyNumbers, ModelTests.Steps(deeds: Deeds.Length - 1)).Sample(
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
                    replay.Do(Deeds[step.Deed] switch
                    {
                        < 9 => step with { What = (int)Category.Marketing },

                        // Never without businesses or marketing at all: that ends all sends.
                        Prefer => step with { Deed = Prefer, What = (step.What * 4) + 1, Amount = (step.Amount * 4) + 1 },
                        Write => step with { Deed = Write, What = 0 },
                        var other => step with { Deed = other },
                    });
                }

                foreach (var (what, count) in replay.Tally)
                {
                    tally[what] = tally.GetValueOrDefault(what) + count;
                }
            },
            iter: Check.Iter * 4,
            threads: 1);

        // A history in which something never happens shows nothing of it.
        string[] all = ["accepted", "Standard", "Engaged", "Unengaged", "Own", "MarketingRests", "QuietHours", "MarketingCap", "given back"];
        Assert.All(all, what => Assert.True(tally.GetValueOrDefault(what) >= Check.Iter / 5, $"{what}: only {tally.GetValueOrDefault(what)} times"));
    }
}
