using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Actors.Policy.Businesses;

namespace Actors.Policy.Tests;

/// <summary>The tables of the policy's numbers in <c>docs/operations.md</c> and <c>docs/rules.md</c> tell each default, and its range, as they are.</summary>
public sealed partial class DocumentedNumbersTests
{
    private static readonly IReadOnlyDictionary<string, (string Range, string Default)> _rows = Lines("operations.md")
        .Select(line => Row().Match(line)).Where(match => match.Success)
        .ToDictionary(match => match.Groups["key"].Value, match => (match.Groups["range"].Value, match.Groups["default"].Value));

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

    [Fact]
    public void The_rules_tell_every_number_as_it_is()
    {
        var told = Lines("rules.md").Select(line => RulesRow().Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups["key"].Value, match => match.Groups["default"].Value);
        Assert.Equal(PolicyKeys.All.Select(key => "Policy:" + key.Name).Where(key => IsNumber(Find(key).Property)).Order(), told.Keys.Order());
        Assert.All(told, row => Assert.Equal(ValueOf(row.Value, Find(row.Key).Property.PropertyType), Find(row.Key).Property.GetValue(Find(row.Key).Holder)));

        static bool IsNumber(PropertyInfo property) => property.PropertyType == typeof(int) || property.PropertyType == typeof(TimeSpan);
    }

    [Fact]
    public void The_ladder_of_the_rules_runs_as_long_as_it_says()
    {
        var rows = Lines("rules.md").Select(line => LadderRow().Match(line)).Where(match => match.Success).ToArray();
        Assert.Equal(["1", "2", "3", "4", "5"], rows.Select(row => row.Groups["tier"].Value));
        foreach (var row in rows)
        {
            var (holder, property) = Find("Policy:Enforcement:" + row.Groups["name"].Value);
            Assert.Equal(ValueOf(row.Groups["length"].Value, typeof(TimeSpan)), property.GetValue(holder));
            var struck = Enumerable.Repeat(0, int.Parse(row.Groups["tier"].Value, CultureInfo.InvariantCulture))
                .Aggregate(new EnforcementState(), (state, _) => Enforcement.Strike(state, StrikeCause.Violation, "", Some.Now));
            Assert.Equal(Some.Now + (TimeSpan)property.GetValue(holder)!, Enforcement.At(struck, PolicyNumbers.Default.Enforcement, Some.Now).Until);
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

    private static IEnumerable<string> Lines(string document)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Actors.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        return File.ReadLines(Path.Combine(root, "docs", document));
    }

    [GeneratedRegex(@"^\| `(?<key>Policy:\w+:\w+)` \|[^|]*\| (?<range>[^|]*) \| (?<default>[^|]*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| `(?<key>Policy:\w+:\w+)` \| (?<default>[^|]*) \|[^|]*\|$")]
    private static partial Regex RulesRow();

    [GeneratedRegex(@"^\| (?<tier>[1-5]) \|[^|]*\| `(?<name>\w+)`, (?<length>[^|]*) \|$")]
    private static partial Regex LadderRow();

    [GeneratedRegex(@"^(?<least>[\d,]+)( (?<leastUnit>[a-z]+))?( \(off\))? to (?<most>[\d,]+)( (?<unit>[a-z]+|%))?$")]
    private static partial Regex Range();

    [GeneratedRegex(@"^(?<amount>[\d,]+)( (?<unit>[a-z]+|%))?$")]
    private static partial Regex Single();

    [GeneratedRegex("`(?<word>[^`]+)`")]
    private static partial Regex Quoted();
}
