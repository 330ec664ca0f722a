namespace Actors.Policy.Tests.Model;

/// <summary>Who spoke last with each business, read from what is said, and forgotten where nothing else is known of the two.</summary>
internal sealed class Turns(Reading reading)
{
    private readonly Dictionary<long, List<(bool ByUser, Instant At)>> _said = [];

    /// <summary>How long the business let the user wait that it answers now; null where it answers nothing.</summary>
    public TimeSpan? Sent(long business, Instant now)
    {
        var unanswered = Said(business, now).AsEnumerable().Reverse().TakeWhile(said => said.ByUser).ToList();
        return unanswered.Count > 0 ? now - unanswered[^1].At : null;
    }

    /// <summary>How long after the business's newest message the user writes; null where they wrote already, or there was none.</summary>
    public TimeSpan? Wrote(long business, string text, bool isReaction, Instant now) =>
        IsSaid(text, isReaction) && Said(business, now) is [.., { ByUser: false } last] ? now - last.At : null;

    /// <summary>Adds a deed to the reading, and what was said by it.</summary>
    public void Add(Deed deed)
    {
        Forget(deed.At);
        reading.Deeds.Add(deed);
        if (deed is Sent || (deed is Wrote wrote && IsSaid(wrote.Text, wrote.IsReaction)))
        {
            _said.TryAdd(deed.Business, []);
            _said[deed.Business].Add((deed is Wrote, deed.At));
        }

        Forget(deed.At);
    }

    private static bool IsSaid(string text, bool isReaction) => !isReaction && !Reading.IsStop(text) && !Reading.IsStopAll(text);

    private List<(bool ByUser, Instant At)> Said(long business, Instant now) =>
        _said.TryGetValue(business, out var said) && reading.IsKnown(business, now) ? said : [];

    /// <summary>Nobody remembers what was said where nothing else is left.</summary>
    private void Forget(Instant now)
    {
        foreach (var business in _said.Keys.Where(business => !reading.IsKnown(business, now)).ToList())
        {
            _said.Remove(business);
        }
    }
}
