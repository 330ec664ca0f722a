using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>How many counted marketing messages of a user lie in each of the cap's periods.</summary>
/// <param name="Day">In the last 24 hours, over all businesses.</param>
/// <param name="Week">In the last 7 days, over all businesses.</param>
/// <param name="Business">In the last 24 hours, from one business.</param>
internal readonly record struct CapUse(int Day, int Week, int Business)
{
    public static readonly TimeSpan DayPeriod = TimeSpan.FromDays(1);

    /// <summary>The cap's longest period: an older receipt is of no use.</summary>
    public static readonly TimeSpan WeekPeriod = TimeSpan.FromDays(7);

    public static bool InDay(Receipt receipt, Instant now) => receipt.At + DayPeriod > now;

    public static bool InWeek(Receipt receipt, Instant now) => receipt.At + WeekPeriod > now;

    public static CapUse Of(ImmutableArray<Receipt> receipts, long business, Instant now)
    {
        var (day, week, own) = (0, 0, 0);
        foreach (var receipt in receipts)
        {
            if (InWeek(receipt, now))
            {
                week++;
            }

            if (InDay(receipt, now))
            {
                day++;
                if (receipt.Business == business)
                {
                    own++;
                }
            }
        }

        return new(day, week, own);
    }
}
