using Actors.Policy.Businesses;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>A strike, or an operator's unlock where there is no cause.</summary>
internal sealed record LadderStep(StrikeCause? Cause, long At)
{
    /// <summary>When its appeal was granted; null where it stands.</summary>
    public long? ReversedAt { get; set; }

    public static LadderStep Strike(StrikeCause cause, long at) => new(cause, at);

    public static LadderStep Unlock(long at) => new(null, at);
}

/// <summary>The ladder as the policy tells it.</summary>
internal static class LadderReading
{
    private const long Day = 86_400_000;

    /// <summary>Goes through the steps that weren't taken back, and then on to now.</summary>
    public static (int Tier, Restriction Restriction, long Until) Of(IEnumerable<LadderStep> steps, long now)
    {
        var (tier, since, restriction, until) = (0, 0L, Restriction.None, 0L);
        foreach (var step in steps.Where(s => s.ReversedAt is null))
        {
            Decay(step.At);
            if (step.Cause is not null)
            {
                tier = Math.Min(6, tier + 1);
                (restriction, var days) = tier switch
                {
                    1 => (Restriction.Warning, 1),
                    2 => (Restriction.NoMarketing, 1),
                    3 => (Restriction.NoMarketing, 3),
                    4 => (Restriction.WindowOnly, 7),
                    5 => (Restriction.Nothing, 30),
                    _ => (Restriction.Locked, 0),
                };
                (since, until) = (step.At, step.At + (days * Day));
            }
            else if (tier == 6)
            {
                (tier, since, until) = (5, step.At, step.At);
            }
            else
            {
                until = Math.Min(until, step.At);
            }
        }

        Decay(now);
        return (tier, restriction, until);

        // Each 90 days without a strike takes one tier off; never out of 6.
        void Decay(long at)
        {
            while (tier is > 0 and < 6 && at - since >= 90 * Day)
            {
                (tier, since) = (tier - 1, since + (90 * Day));
            }
        }
    }
}
