using Actors.Policy.Sends;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Model;

/// <summary>The part of the reading that is about times: the cap and its moving number, rest, quiet hours, and when to try again.</summary>
internal sealed partial class Reading
{
    private Reason? Rates(long business, Category category, Instant at) =>
        numbers.PairRate.Interval > TimeSpan.Zero && Rest(business, at) < numbers.PairRate.Interval.TotalMilliseconds ? Reason.PairRate
        : category != Category.Marketing ? null
        : RestsUntil(business) > at ? Reason.MarketingRests
        : IsQuiet(at) ? Reason.QuietHours
        : !InWindow(business, at) && !FitsTheCap(business, at) ? Reason.MarketingCap
        : null;

    /// <summary>The first instant from now on at which nothing speaks against it, found by trying every instant at which anything can change.</summary>
    public Instant? FirstFit(long business, Category category, Instant now)
    {
        var counted = Deeds.OfType<Sent>().Where(sent => sent.Counted).ToList();
        var missing = numbers.PairRate.Interval.TotalMilliseconds - Rest(business, now);
        return counted.Select(sent => sent.At + Day)
            .Concat(counted.Select(sent => sent.At + Week))
            .Concat(Deeds.OfType<Arrived>().Select(arrived => arrived.At + numbers.MarketingCap.OutcomeAfter))
            .Concat(QuietEnds(now))
            .Append(RestsUntil(business) ?? now)
            .Append(now + TimeSpan.FromMilliseconds(Math.Max(0, missing)))
            .Where(at => at >= now)
            .Distinct()
            .Order()
            .Select(at => (Instant?)at)
            .FirstOrDefault(at => Verdict(business, category, quota: 0, at!.Value) is null);
    }

    private IEnumerable<Sent> CountedBefore(int index) => Deeds.Take(index).OfType<Sent>()
        .Where(sent => sent.Counted && !Deeds.Take(index).OfType<Ended>().Any(ended => ended.Number == sent.Number && !ended.HandedOut));

    private bool FitsTheCap(long business, Instant at)
    {
        var counted = CountedBefore(Deeds.Count).ToList();
        return counted.Count(sent => at - sent.At < Day) + 1 <= PerDay(at)
            && counted.Count(sent => at - sent.At < Week) + 1 <= numbers.MarketingCap.PerWeek
            && counted.Count(sent => at - sent.At < Day && sent.Business == business) + 1 <= numbers.MarketingCap.PerBusinessPerDay;
    }

    /// <summary>Whether at every accept of the history the cap was kept to, with the number as it stood and what had been given back by then.</summary>
    public bool KeepsToTheCap() => Enumerable.Range(0, Deeds.Count).Where(i => Deeds[i] is Sent { Counted: true }).All(i =>
    {
        var last = (Sent)Deeds[i];
        var counted = CountedBefore(i).Append(last).ToList();
        return counted.Count(sent => last.At - sent.At < Day) <= last.PerDay
            && counted.Count(sent => last.At - sent.At < Week) <= numbers.MarketingCap.PerWeek
            && counted.Count(sent => last.At - sent.At < Day && sent.Business == last.Business) <= numbers.MarketingCap.PerBusinessPerDay;
    });

    /// <summary>The number of the day, as the share of reads among the last outcomes says, and no more than the user wants.</summary>
    public int PerDay(Instant at)
    {
        var cap = numbers.MarketingCap;
        var last = Outcomes(at).TakeLast(cap.EngagementOver).ToList();
        var share = last.Count == 0 ? 0 : 100m * last.Count(read => read) / last.Count;
        var platform = last.Count < cap.EngagementFrom ? cap.PerDay
            : share >= cap.EngagedPercent ? cap.PerDayEngaged
            : share < cap.UnengagedPercent ? cap.PerDayUnengaged
            : cap.PerDay;
        return Deeds.OfType<Preferred>().LastOrDefault()?.PerDay is { } own ? Math.Min(own, platform) : platform;
    }

    /// <summary>What the platform alone allows: the bound of what a user may ask for.</summary>
    public int PlatformsPerDay(Instant at)
    {
        var alone = new Reading(numbers);
        alone.Deeds.AddRange(Deeds.Where(deed => deed is not Preferred));
        return alone.PerDay(at);
    }

    /// <summary>How the marketing messages ended up to an instant, oldest first: true for read. Told from the start, deed by deed.</summary>
    public List<bool> Outcomes(Instant at)
    {
        var outcomes = new List<bool>();
        var waiting = new List<Arrived>();
        var marketing = Deeds.OfType<Sent>().Where(sent => sent.Category == Category.Marketing).Select(sent => sent.Number).ToHashSet();
        for (var i = 0; i < Deeds.Count; i++)
        {
            var deed = Deeds[i];
            GiveUp(deed.At);
            switch (deed)
            {
                case Arrived arrived when marketing.Contains(arrived.Number) && LikedBefore(i, arrived.Number):
                    outcomes.Add(true);
                    break;
                case Arrived arrived when marketing.Contains(arrived.Number):
                    waiting.Add(arrived);
                    if (waiting.Count > 20)
                    {
                        waiting.RemoveAt(0);
                        outcomes.Add(false);
                    }

                    break;
                case WasRead read when marketing.Contains(read.Number) && !Deeds.Take(i).OfType<Arrived>().Any(arrived => arrived.Number == read.Number):
                    outcomes.Add(true);
                    break;
                case WasRead read when waiting.RemoveAll(arrived => arrived.Number == read.Number) > 0:
                    outcomes.Add(true);
                    break;
                case Felt { Interested: true } felt when waiting.RemoveAll(arrived => arrived.Number == felt.Number) > 0:
                    outcomes.Add(true);
                    break;
                case Ended { Expired: true } ended when marketing.Contains(ended.Number):
                    outcomes.Add(LikedBefore(i, ended.Number));
                    break;
                default:
                    break;
            }
        }

        GiveUp(at);
        return outcomes;

        void GiveUp(Instant now) => outcomes.AddRange(
            Enumerable.Repeat(false, waiting.RemoveAll(arrived => now - arrived.At >= numbers.MarketingCap.OutcomeAfter)));

        bool LikedBefore(int index, long number) => Deeds.Take(index).OfType<Felt>().LastOrDefault(felt => felt.Number == number)?.Interested ?? false;
    }

    /// <summary>Until when the business's marketing rests, by the user's newest word about it.</summary>
    public Instant? RestsUntil(long business) =>
        Of<Felt>(business).LastOrDefault() is { Interested: false } felt && numbers.MarketingCap.Rest > TimeSpan.Zero
            ? felt.At + numbers.MarketingCap.Rest
            : null;

    /// <summary>A zone of the test: every fifth day, in the middle of the night, it puts its clocks forward by an hour or back by it, in turn.</summary>
    public static TimeSpan Offset(Instant at) => TimeSpan.FromMinutes(((at - Changes) / (5 * Day)) % 2 < 1 ? 90 : 150);

    private static readonly Instant Changes = Now - TimeSpan.FromDays(100) + TimeSpan.FromMinutes(211);

    private Quiet? QuietHours => Deeds.OfType<Preferred>().LastOrDefault()?.Quiet;

    private bool IsQuiet(Instant at)
    {
        if (QuietHours is not { } quiet)
        {
            return false;
        }

        // Minute by minute through what the clock shows: from the start on until the end comes.
        var shows = (int)Math.Floor((at + Offset(at)).Milliseconds % Instant.Day / 60_000m);
        for (var minute = quiet.Start; minute != quiet.End; minute = (minute + 1) % 1_440)
        {
            if (minute == shows)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every instant of the next weeks at which the clock comes to the end, or jumps.</summary>
    private IEnumerable<Instant> QuietEnds(Instant now)
    {
        if (QuietHours is not { } quiet)
        {
            yield break;
        }

        var midnight = new Instant(now.Milliseconds / Instant.Day * Instant.Day);
        for (var day = -1; day < 60; day++)
        {
            yield return midnight + (day * Day) + TimeSpan.FromMinutes(quiet.End - 90);
            yield return midnight + (day * Day) + TimeSpan.FromMinutes(quiet.End - 150);
        }

        var change = Changes + (Math.Floor((now - Changes) / (5 * Day)) * 5 * Day);
        for (var i = 0; i < 12; i++)
        {
            yield return change + (i * 5 * Day);
        }
    }
}
