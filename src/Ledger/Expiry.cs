using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>A message that may be waiting for its delivery, and when that is over.</summary>
/// <param name="DueAt">When it expires.</param>
/// <param name="User">The wa_id.</param>
/// <param name="Number">Its number within the user.</param>
public readonly record struct Expiry(Instant DueAt, long User, long Number);

/// <summary>A noted message whose time is over.</summary>
/// <param name="Noted">As it was noted.</param>
/// <param name="Waits">Whether it still waits; it doesn't once it was delivered or has ended.</param>
public readonly record struct DueMessage(Expiry Noted, bool Waits);

/// <summary>What a look at one piece of the log finds, in its order: sends of before an instant, as far as they wait for their delivery.</summary>
/// <param name="Due">Those that still wait.</param>
/// <param name="Ahead">
/// Sends that say that they are younger and stand before older ones: a clock had run ahead. They are due at a time of their own.
/// </param>
/// <param name="Next">The place up to which everything was looked at; what stands behind it is younger.</param>
/// <param name="YoungerAt">When what stands behind it happened; null where the log ends, or where more can be looked at now.</param>
public sealed record OldSends(IReadOnlyList<Expiry> Due, IReadOnlyList<Expiry> Ahead, long Next, Instant? YoungerAt)
{
    /// <summary>Sorts a piece of the log.</summary>
    /// <param name="lines">The lines behind <paramref name="after"/>, in order.</param>
    /// <param name="after">The place that was looked behind.</param>
    /// <param name="upTo">The last place that may be looked at.</param>
    /// <param name="before">What happened at it or before it is old.</param>
    /// <param name="isFull">Whether there may be more lines up to <paramref name="upTo"/>.</param>
    /// <param name="isOldBehind">Whether something behind these lines is old, whatever they say; asked only where none of them is.</param>
    internal static async Task<OldSends> OfAsync(
        IReadOnlyList<LoggedLine> lines, long after, long upTo, Instant before, bool isFull, Func<long, Task<bool>> isOldBehind)
    {
        var old = lines.Count;
        while (old > 0 && lines[old - 1].At > before)
        {
            old--;
        }

        if (old == 0 && isFull && await isOldBehind(lines[^1].Seq))
        {
            old = lines.Count;
        }

        var sends = lines.Take(old).Where(line => line.Number > 0).ToList();
        return new OldSends(
            [.. sends.Where(line => line.At <= before && line.Waits).Select(line => line.Expiry)],
            [.. sends.Where(line => line.At > before).Select(line => line.Expiry)],
            old < lines.Count ? (old == 0 ? after : lines[old - 1].Seq) : isFull ? lines[^1].Seq : upTo,
            old < lines.Count ? lines[old].At : null);
    }
}

/// <summary>A line of the log, as far as it matters for what is due.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="At">When it happened.</param>
/// <param name="User">For a send: the wa_id.</param>
/// <param name="Number">For a send: its number within the user; else 0.</param>
/// <param name="Waits">For a send that is old: whether it waits for its delivery.</param>
internal readonly record struct LoggedLine(long Seq, Instant At, long User, long Number, bool Waits)
{
    public Expiry Expiry => new(At + MessageLife.Standard, User, Number);
}
