namespace Actors.Policy.Tests.Model;

/// <summary>Who spoke last with each business, read from what is said, and forgotten where nothing else is known of the two.</summary>
internal sealed class Turns(Reading reading)
{
    private readonly Dictionary<long, List<(bool ByUser, Instant At)>> _said = [];

    /// <summary>How long the business let the user wait that it answers now; null where it answers nothing.</summary>
    public TimeSpan? Sent(long business, Instant now)
    {
        var unanswered = Said(business).AsEnumerable().Reverse().TakeWhile(said => said.ByUser).ToList();
        Said(business).Add((false, now));
        return unanswered.Count > 0 ? now - unanswered[^1].At : null;
    }

    /// <summary>How long after the business's newest message the user writes; null where they wrote already, or there was none.</summary>
    public TimeSpan? Wrote(long business, string text, bool isReaction, Instant now)
    {
        if (isReaction || Reading.IsStop(text) || Reading.IsStopAll(text))
        {
            return null;
        }

        (bool ByUser, Instant At) last = Said(business).Count > 0 ? Said(business)[^1] : (true, now);
        Said(business).Add((true, now));
        return last.ByUser ? null : now - last.At;
    }

    /// <summary>Before and after each deed: nobody remembers what was said where nothing else is left.</summary>
    public void Forget(Instant now)
    {
        foreach (var business in _said.Keys.Where(business => !reading.IsKnown(business, now)).ToList())
        {
            _said.Remove(business);
        }
    }

    private List<(bool ByUser, Instant At)> Said(long business) => _said.TryGetValue(business, out var said) ? said : _said[business] = [];
}
