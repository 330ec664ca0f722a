namespace Actors.Policy.Templates;

/// <summary>Finds the variables of a text, <c>{{…}}</c>, from the left, without allocating.</summary>
internal ref struct Placeholders
{
    private readonly ReadOnlySpan<char> _text;
    private int _next;

    public Placeholders(ReadOnlySpan<char> text) => _text = text;

    /// <summary>Where the current one starts, its braces included.</summary>
    public int Start { get; private set; }

    /// <summary>Where the text behind the current one goes on.</summary>
    public readonly int End => _next;

    /// <summary>What stands between the braces of the current one, as it is.</summary>
    public readonly ReadOnlySpan<char> Name => _text[(Start + 2)..(_next - 2)];

    /// <summary>Goes to the next one; false when there is none.</summary>
    public bool MoveNext()
    {
        var open = _text[_next..].IndexOf("{{", StringComparison.Ordinal);
        if (open < 0)
        {
            return false;
        }

        var start = _next + open;
        var close = _text[(start + 2)..].IndexOf("}}", StringComparison.Ordinal);
        if (close < 0)
        {
            return false;
        }

        Start = start;
        _next = start + 2 + close + 2;
        return true;
    }

    /// <summary>How many different variables a text has.</summary>
    public static int CountIn(ReadOnlySpan<char> text)
    {
        var count = 0;
        var all = new Placeholders(text);
        while (all.MoveNext())
        {
            // The first place of a name counts, repetitions don't.
            if (FirstStartOf(text, all.Name) == all.Start)
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>Whether a text has a variable of this name.</summary>
    public static bool IsIn(ReadOnlySpan<char> text, ReadOnlySpan<char> name) => FirstStartOf(text, name) >= 0;

    private static int FirstStartOf(ReadOnlySpan<char> text, ReadOnlySpan<char> name)
    {
        var all = new Placeholders(text);
        while (all.MoveNext())
        {
            if (all.Name.SequenceEqual(name))
            {
                return all.Start;
            }
        }

        return -1;
    }
}
