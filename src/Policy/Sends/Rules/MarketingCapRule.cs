using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Users;

namespace Actors.Policy.Sends.Rules;

/// <summary>Counted marketing messages to one user: in any day and any 7 days over all businesses, in any day from one business (G2).</summary>
/// <remarks>
/// Sliding periods: a message accepted at t counts in (now - W, now], so at t + W it no longer does. A message inside the window that the user
/// opened is neither counted nor limited.
/// </remarks>
internal sealed class MarketingCapRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.MarketingCap;

    public override Verdict Check(in SendCase send)
    {
        if (!send.Counts)
        {
            return Verdict.NotApplicable;
        }

        var numbers = send.Numbers.MarketingCap;
        var used = CapUse.Of(send.State.Receipts, send.Command.Business, send.Now);
        var dayFull = used.Day >= numbers.PerDay;
        var weekFull = used.Week >= numbers.PerWeek;
        var businessFull = used.Business >= numbers.PerBusinessPerDay;
        if (!dayFull && !weekFull && !businessFull)
        {
            return Verdict.Pass;
        }

        // Where the number is 0, no message ever has to lapse for it: waiting doesn't help.
        var helps = (!dayFull || numbers.PerDay > 0) && (!weekFull || numbers.PerWeek > 0) && (!businessFull || numbers.PerBusinessPerDay > 0);
        return Verdict.Wait(Reason.MarketingCap, helps ? FirstFit(send, used) : null, isPublic: !dayFull && !weekFull);
    }

    /// <summary>The instant at which so many messages have lapsed that one more fits each number.</summary>
    private static Instant FirstFit(in SendCase send, CapUse used)
    {
        var numbers = send.Numbers.MarketingCap;
        var first = send.Now;
        var (day, week, business) = (used.Day, used.Week, used.Business);
        foreach (var receipt in send.State.Receipts)
        {
            // Oldest first, so each one that counts lapses before the ones that are still to come.
            if (CapUse.InWeek(receipt, send.Now) && week-- >= numbers.PerWeek)
            {
                first = Instant.Max(first, receipt.At + CapUse.WeekPeriod);
            }

            if (!CapUse.InDay(receipt, send.Now))
            {
                continue;
            }

            if (day-- >= numbers.PerDay)
            {
                first = Instant.Max(first, receipt.At + CapUse.DayPeriod);
            }

            if (receipt.Business == send.Command.Business && business-- >= numbers.PerBusinessPerDay)
            {
                first = Instant.Max(first, receipt.At + CapUse.DayPeriod);
            }
        }

        return first;
    }

    public override ImmutableArray<Fact> Facts(in SendCase send)
    {
        if (send.Command.Category != Category.Marketing)
        {
            return [];
        }

        var numbers = send.Numbers.MarketingCap;
        var used = CapUse.Of(send.State.Receipts, send.Command.Business, send.Now);
        return
        [
            new("in_window", send.InWindow ? "yes" : "no", Public: true),
            Number("per_business_per_day", numbers.PerBusinessPerDay, isPublic: true),
            Number("used_by_business", used.Business, isPublic: true),
            Number("per_day", numbers.PerDay, isPublic: false),
            Number("used_in_day", used.Day, isPublic: false),
            Number("per_week", numbers.PerWeek, isPublic: false),
            Number("used_in_week", used.Week, isPublic: false),
        ];
    }

    private static Fact Number(string name, int value, bool isPublic) => new(name, value.ToString(CultureInfo.InvariantCulture), isPublic);
}
