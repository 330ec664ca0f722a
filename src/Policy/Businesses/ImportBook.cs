using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>How many opt-ins a business has imported in the last 24 hours, by five minutes. Immutable: a change makes a new one.</summary>
public sealed record ImportBook
{
    /// <summary>Nothing imported.</summary>
    public static ImportBook Empty { get; } = new();

    /// <summary>Imports of the last 24 hours, ascending. Each counts up to five minutes longer than a day, never shorter.</summary>
    public ImmutableArray<SpentQuota> Spent { get; init; } = [];

    /// <summary>How many opt-ins a business may import in any 24 hours; null where that is not limited.</summary>
    public static long? PerDay(LimitTier tier, ConsentNumbers numbers) =>
        MessagingLimit.Users(tier) is { } users ? (long)users * numbers.ImportsPerPlace : null;

    /// <summary>How many count at an instant.</summary>
    public long Used(Instant now)
    {
        var used = 0L;
        foreach (var spent in Spent)
        {
            used += spent.Until > now ? spent.Count : 0;
        }

        return used;
    }

    /// <summary>Takes as many of the wanted imports as there is room for.</summary>
    /// <returns>The book, how many, and when the next come free; null where all were taken.</returns>
    public (ImportBook Book, int Taken, Instant? RetryAt) Take(long perDay, int wanted, Instant now)
    {
        var taken = (int)Math.Clamp(perDay - Used(now), 0, wanted);
        var live = Spent.RemoveAll(spent => spent.Until <= now);
        if (taken > 0)
        {
            var until = QuotaBook.UntilOf(now);
            live = live is [.., var last] && last.Until >= until
                ? live.SetItem(live.Length - 1, last with { Count = last.Count + taken })
                : live.Add(new SpentQuota(until, taken));
        }

        return (this with { Spent = live }, taken, taken < wanted && !live.IsEmpty ? live[0].Until : null);
    }
}
