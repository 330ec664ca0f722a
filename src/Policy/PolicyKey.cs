using System.Collections.Immutable;

namespace Actors.Policy;

/// <summary>One number of the policy: its name, and how it is read and written as text.</summary>
public sealed class PolicyKey
{
    private readonly Func<PolicyNumbers, ImmutableArray<string>> _read;
    private readonly Func<PolicyNumbers, ImmutableArray<string>, PolicyNumbers> _set;

    internal PolicyKey(
        string name, Func<PolicyNumbers, ImmutableArray<string>> read, Func<PolicyNumbers, ImmutableArray<string>, PolicyNumbers> set)
    {
        (Name, _read, _set) = (name, read, set);
        (Range, IsList) = RangeOf(set);
    }

    /// <summary>Section and number, such as <c>MarketingCap:PerDay</c>.</summary>
    public string Name { get; }

    /// <summary>What it can be, in words.</summary>
    public string Range { get; }

    /// <summary>Whether it is a list of words; else it has one value.</summary>
    public bool IsList { get; }

    /// <summary>Its value as text: one, or several where it is a list of words.</summary>
    public ImmutableArray<string> Read(PolicyNumbers numbers) => _read(numbers);

    /// <summary>The numbers with another value of this one.</summary>
    /// <exception cref="ArgumentException">It can't be that; the message says what to write.</exception>
    public PolicyNumbers Set(PolicyNumbers numbers, ImmutableArray<string> texts) => _set(numbers, texts);

    /// <summary>What is wrong with a value, said for whoever wrote it; null when nothing is.</summary>
    public string? WhyNot(ImmutableArray<string> texts)
    {
        try
        {
            Set(PolicyNumbers.Default, texts);
            return null;
        }
        catch (ArgumentException wrong)
        {
            return wrong is ArgumentOutOfRangeException ? $"it must be {Range}" : $"it must be {Range}: {wrong.Message}";
        }
    }

    /// <summary>The numbers themselves know their ranges and tell them to whoever tries a value that none of them has.</summary>
    private static (string Range, bool IsList) RangeOf(Func<PolicyNumbers, ImmutableArray<string>, PolicyNumbers> set)
    {
        foreach (var impossible in (ReadOnlySpan<string>)["2147483647", "10675199.00:00:00", ""])
        {
            try
            {
                set(PolicyNumbers.Default, [impossible]);
            }
            catch (ArgumentOutOfRangeException wrong)
            {
                const string Before = " must be ", Behind = ", but is ";
                var message = wrong.Message;
                var (from, to) = (message.IndexOf(Before, StringComparison.Ordinal), message.LastIndexOf(Behind, StringComparison.Ordinal));
                return from >= 0 && to > from
                    ? (message[(from + Before.Length)..to], false)
                    : ("one or more words of 1 to 64 characters, a letter or digit among them", true);
            }
            catch (ArgumentException)
            {
                continue;   // not that kind of value
            }
        }

        return ("true or false", false);
    }
}
