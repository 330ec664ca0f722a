using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Users;

namespace Actors.Policy.Sends.Rules;

/// <summary>Counted marketing messages to one user: in any day and any 7 days over all businesses, in any day from one business (G2).</summary>
/// <remarks>
/// Sliding periods: a message accepted at t counts in (now - W, now], so at t + W it no longer does. A message inside the window that the user
/// opened is neither counted nor limited. The number over all businesses in a day moves with what becomes of the messages (<see cref="Engagement"/>),
/// also by time alone.
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
        var (perDay, _) = CapStanding.PerDay(send.State, numbers, send.Now);
        return used.Day < perDay && used.Week < numbers.PerWeek && used.Business < numbers.PerBusinessPerDay ? Verdict.Pass : Wait(send);
    }

    /// <summary>
    /// Looks for the first instant at which so many messages have lapsed that one more fits each number, from one change of the day's number to the next.
    /// </summary>
    private static Verdict Wait(in SendCase send)
    {
        var (state, numbers) = (send.State, send.Numbers.MarketingCap);
        var isPublic = true;
        Instant? at = send.Now;
        while (at is { } from)
        {
            var change = Engagement.NextChange(state, numbers, from);
            var day = CapStanding.Room(state.Receipts, null, CapUse.DayPeriod, CapStanding.PerDay(state, numbers, from).Limit, from);
            var week = CapStanding.Room(state.Receipts, null, CapUse.WeekPeriod, numbers.PerWeek, from);
            var business = CapStanding.Room(state.Receipts, send.Command.Business, CapUse.DayPeriod, numbers.PerBusinessPerDay, from);

            // What the business's own messages alone decide, it may know.
            isPublic &= day == from && week == from;
            if (day is { } d && week is { } w && business is { } b && Instant.Max(Instant.Max(d, w), b) is var free && !(change <= free))
            {
                return Verdict.Wait(Reason.MarketingCap, free, isPublic);
            }

            at = change;
        }

        return Verdict.Wait(Reason.MarketingCap, null, isPublic);
    }

    public override ImmutableArray<Fact> Facts(in SendCase send)
    {
        if (send.Command.Category != Category.Marketing)
        {
            return [];
        }

        var numbers = send.Numbers.MarketingCap;
        var used = CapUse.Of(send.State.Receipts, send.Command.Business, send.Now);
        var (perDay, basis) = CapStanding.PerDay(send.State, numbers, send.Now);
        var outcomes = Engagement.At(send.State, numbers, send.Now).Newest(numbers.EngagementOver);
        return
        [
            new("in_window", send.InWindow ? "yes" : "no", Public: true),
            Number("per_business_per_day", numbers.PerBusinessPerDay, isPublic: true),
            Number("used_by_business", used.Business, isPublic: true),
            Number("per_day", perDay, isPublic: false),
            new("per_day_basis", Words.Of(basis), Public: false),
            Number("outcomes", outcomes.Count, isPublic: false),
            Number("reads", outcomes.Reads, isPublic: false),
            Number("used_in_day", used.Day, isPublic: false),
            Number("per_week", numbers.PerWeek, isPublic: false),
            Number("used_in_week", used.Week, isPublic: false),
        ];
    }

    private static Fact Number(string name, int value, bool isPublic) => new(name, value.ToString(CultureInfo.InvariantCulture), isPublic);
}
