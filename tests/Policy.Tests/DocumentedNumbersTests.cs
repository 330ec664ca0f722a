using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Actors.Policy.Tests;

/// <summary>The table of the policy's numbers in <c>docs/operations.md</c> tells each default and range as they are.</summary>
public sealed partial class DocumentedNumbersTests
{
    private static readonly IReadOnlyDictionary<string, (string Range, string Default)> _rows = Rows();

    public static TheoryData<string> Keys => [.. _rows.Keys];

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_default_is_as_documented(string key)
    {
        var (holder, property) = Find(key);
        var expected = property.GetValue(holder) switch
        {
            TimeSpan or int => (object)ValueOf(_rows[key].Default, property.PropertyType),
            bool flag => _rows[key].Default.Trim('`') == (flag ? "true" : "false") ? flag : "another",
            IEnumerable<string> words => words.SequenceEqual(Quoted().Matches(_rows[key].Default).Select(m => m.Groups["word"].Value)) ? words : "others",
            var other => throw new InvalidOperationException($"{key} is of a type that this test doesn't know: {other?.GetType()}"),
        };
        Assert.Equal(expected, property.GetValue(holder));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Its_ends_are_as_documented_and_one_further_is_refused(string key)
    {
        var (holder, property) = Find(key);
        if (property.PropertyType != typeof(TimeSpan) && property.PropertyType != typeof(int))
        {
            return;   // words and flags have no ends
        }

        var ends = Range().Match(_rows[key].Range);
        Assert.True(ends.Success, $"{key}: \"{_rows[key].Range}\" is no range");
        var unit = ends.Groups["unit"].Value;
        var least = Amount(ends.Groups["least"].Value, ends.Groups["leastUnit"].Value is { Length: > 0 } own ? own : unit, property.PropertyType);
        var most = Amount(ends.Groups["most"].Value, unit, property.PropertyType);
        foreach (var (amount, allowed) in new[] { (least, true), (most, true), (least - 1, false), (most + 1, false) })
        {
            var thrown = Record.Exception(() => Set(holder, property, amount));
            Assert.True(allowed ? thrown is null : thrown is ArgumentOutOfRangeException, $"{key} = {amount}: {thrown?.Message ?? "allowed"}");
        }
    }

    private static (object Holder, PropertyInfo Property) Find(string key)
    {
        var parts = key.Split(':');
        var holder = typeof(PolicyNumbers).GetProperty(parts[1])!.GetValue(PolicyNumbers.Default)!;
        return (holder, holder.GetType().GetProperty(parts[2]) ?? throw new InvalidOperationException($"There is no {key}"));
    }

    /// <summary>Sets a number on a copy: in milliseconds where it is a time.</summary>
    private static void Set(object holder, PropertyInfo property, long amount)
    {
        var copy = holder.GetType().GetMethod("<Clone>$")!.Invoke(holder, null);
        try
        {
            property.SetValue(copy, property.PropertyType == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(amount) : (object)checked((int)amount));
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }
    }

    private static object ValueOf(string text, Type type)
    {
        var match = Single().Match(text);
        Assert.True(match.Success, $"\"{text}\" is no value");
        var amount = Amount(match.Groups["amount"].Value, match.Groups["unit"].Value, type);
        return type == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(amount) : (object)(int)amount;
    }

    private static long Amount(string number, string unit, Type type)
    {
        var amount = long.Parse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        return type != typeof(TimeSpan) ? amount : amount * unit.TrimEnd('s') switch
        {
            "second" => 1_000,
            "minute" => 60_000,
            "hour" => 3_600_000,
            "day" => 86_400_000,
            "" when amount == 0 => 0,
            _ => throw new InvalidOperationException($"\"{unit}\" is no unit of time"),
        };
    }

    private static Dictionary<string, (string Range, string Default)> Rows()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Actors.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        return File.ReadLines(Path.Combine(root, "docs", "operations.md")).Select(line => Row().Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups["key"].Value, match => (match.Groups["range"].Value, match.Groups["default"].Value));
    }

    [GeneratedRegex(@"^\| `(?<key>Policy:\w+:\w+)` \|[^|]*\| (?<range>[^|]*) \| (?<default>[^|]*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^(?<least>[\d,]+)( (?<leastUnit>[a-z]+))?( \(off\))? to (?<most>[\d,]+)( (?<unit>[a-z]+|%))?$")]
    private static partial Regex Range();

    [GeneratedRegex(@"^(?<amount>[\d,]+)( (?<unit>[a-z]+|%))?$")]
    private static partial Regex Single();

    [GeneratedRegex("`(?<word>[^`]+)`")]
    private static partial Regex Quoted();
}
