using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

/// <summary>Random histories of the ladder against a reading of the policy that walks through them day by day.</summary>
public sealed class LadderModelTests
{
    private static readonly EnforcementNumbers Rules = Numbers.Enforcement;

    private enum Deed
    {
        Wait,
        Strike,
        Lock,
        Unlock,
        Reverse,
        Uphold,
    }

    /// <summary>The policy, read again: the whole history, gone through by days.</summary>
    private sealed class Reading
    {
        private static readonly int[] Days = [0, 1, 1, 3, 7, 30];
        private static readonly Restriction[] What =
            [Restriction.None, Restriction.Warning, Restriction.NoMarketing, Restriction.NoMarketing, Restriction.WindowOnly, Restriction.Nothing];

        public List<(int Day, bool IsUnlock, bool Gone)> History { get; } = [];

        public bool LockedByOperator { get; set; }

        public (int Tier, Restriction Runs) On(int today)
        {
            var (tier, quiet, runs, daysLeft) = (0, 0, Restriction.None, 0);
            for (var day = 0; day <= today; day++)
            {
                // A new day: one day less of what runs, one more without a strike.
                daysLeft--;
                quiet++;
                if (quiet == 90 && tier is > 0 and < 6)
                {
                    tier--;
                    quiet = 0;
                }

                foreach (var (_, isUnlock, gone) in History.Where(each => each.Day == day))
                {
                    if (isUnlock)
                    {
                        daysLeft = 0;
                        (tier, quiet) = tier == 6 ? (5, 0) : (tier, quiet);
                    }
                    else if (!gone)
                    {
                        tier = tier == 6 ? 6 : tier + 1;
                        quiet = 0;
                        (runs, daysLeft) = tier == 6 ? (Restriction.None, 0) : (What[tier], Days[tier]);
                    }
                }
            }

            return (tier, LockedByOperator || tier == 6 ? Restriction.Locked : daysLeft > 0 ? runs : Restriction.None);
        }
    }

    [Fact]
    public void Any_history_leads_to_where_the_policy_says()
    {
        var step = Gen.Select(Gen.Enum<Deed>(), Gen.OneOf(Gen.Int[0, 3], Gen.Int[0, 40], Gen.Int[80, 100]), Gen.Int[0, 20]);
        var (locked, reversed) = (0, 0);
        step.Array[1, 40].Sample(
            steps =>
            {
                var (state, reading, day) = (new EnforcementState(), new Reading(), 0);
                foreach (var (deed, wait, which) in steps)
                {
                    day += wait;
                    var now = Now + (day * Day);
                    var before = Enforcement.At(state, Rules, now);
                    state = Do(deed, state, reading, which, day, now);
                    var standing = Enforcement.At(state, Rules, now);
                    Assert.Equal(reading.On(day), (standing.Tier, standing.Restriction));

                    // Days are what the reading knows; a millisecond before the next one nothing has changed.
                    var (last, next) = (Enforcement.At(state, Rules, now + Day - Tick), reading.On(day + 1));
                    Assert.Equal((standing.Tier, standing.Restriction), (last.Tier, last.Restriction));
                    var morrow = Enforcement.At(state, Rules, now + Day);
                    Assert.Equal(next, (morrow.Tier, morrow.Restriction));
                    Assert.Equal(standing.Until == now + Day, standing.Restriction != Restriction.Locked && standing.Restriction > morrow.Restriction);

                    locked += standing.Restriction == Restriction.Locked ? 1 : 0;
                    if (deed is Deed.Reverse or Deed.Unlock)
                    {
                        reversed++;
                        Assert.True(standing.Tier <= before.Tier && standing.Restriction <= before.Restriction, "leniency made it worse");
                    }
                }
            },
            iter: Check.Iter * 4);
        Assert.True(locked > Check.Iter && reversed > Check.Iter, "the histories show too little");
    }

    private static EnforcementState Do(Deed deed, EnforcementState state, Reading reading, int which, int day, Instant now)
    {
        switch (deed)
        {
            case Deed.Strike:
                reading.History.Add((day, false, false));
                return Enforcement.Strike(state, (StrikeCause)(1 + (which % 3)), "", now);

            case Deed.Lock:
                reading.LockedByOperator = true;
                return Enforcement.Lock(state, now);

            case Deed.Unlock:
                reading.LockedByOperator = false;
                if (reading.On(day).Tier == 6)
                {
                    reading.History.Add((day, true, false));
                }

                return Enforcement.Unlock(state, Rules, now);

            case Deed.Reverse or Deed.Uphold:
                return Decided(deed == Deed.Reverse, state, reading, which, now);

            default:
                return state;
        }
    }

    private static EnforcementState Decided(bool reverse, EnforcementState state, Reading reading, int which, Instant now)
    {
        if (Enforcement.Appeal(state, which, "", Rules, now).Next is not { } filed)
        {
            return state;
        }

        if (reverse)
        {
            var place = reading.History.Index().Where(each => !each.Item.IsUnlock).Select(each => each.Index).ElementAt(which - 1);
            reading.History[place] = reading.History[place] with { Gone = true };
        }

        return Enforcement.Decide(filed, which, reverse, "", now).Next ?? throw new InvalidOperationException("refused");
    }
}
