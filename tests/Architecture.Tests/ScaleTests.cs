using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>docs/scale.md calculates right: each of its results follows from the figures above it by the formula that stands beside it, and what was
/// measured stands where it is said to be from.</summary>
public sealed partial class ScaleTests
{
    /// <summary>Results are rounded to two digits.</summary>
    private const double Rounding = 0.05;

    [Fact]
    public void Every_result_follows_from_what_was_measured()
    {
        var known = new Dictionary<string, double>();
        var wrong = new List<string>();
        var results = 0;
        foreach (Match row in Row().Matches(Tree.Read("docs/scale.md").Text))
        {
            var (name, value) = (row.Groups["name"].Value, Number(row.Groups["value"].Value));
            Assert.True(known.TryAdd(name, value), $"{name} stands there twice");
            if (row.Groups["formula"] is not { Success: true, Value: var formula })
            {
                continue;
            }

            var right = Calculate(formula, known);
            results++;
            if (Math.Abs(value - right) > Rounding * Math.Abs(right))
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"docs/scale.md: {name} is {right:G4}, not {value}"));
            }
        }

        Assert.True(results > 10, "the tables of results aren't found");
        wrong.AddRange(Tree.Read("docs/scale.md").Lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal) && !Row().IsMatch(line))
            .Select(line => $"docs/scale.md: has no number where one belongs: {line}"));
        Tree.AssertNone(wrong);
    }

    [Fact]
    public void Every_measured_value_stands_in_the_result_that_it_is_said_to_be_from()
    {
        var text = Tree.Read("docs/scale.md").Text;
        var measured = text[text.IndexOf("## Measured", StringComparison.Ordinal)..text.IndexOf("## Assumed", StringComparison.Ordinal)];
        var rows = Source().Matches(measured);
        Assert.Equal(Row().Count(measured), rows.Count);
        Assert.True(rows.Count > 10, "the table of what was measured isn't found");
        var wrong = new List<string>();
        var from = "";
        foreach (Match row in rows)
        {
            from = row.Groups["link"] is { Success: true, Value: var link } ? link : from;
            string[] quoted = [.. Quoted().Matches(row.Groups["from"].Value).Select(quote => quote.Groups["words"].Value)];
            if (quoted.Length == 0 || !Tree.Read($"bench/results/{from}").Lines.Any(line => Has(line, row.Groups["value"].Value, quoted)))
            {
                wrong.Add($"docs/scale.md: {row.Groups["name"].Value} is said to be {row.Groups["value"].Value}: not by bench/results/{from}");
            }
        }

        Tree.AssertNone(wrong);

        static bool Has(string line, string value, string[] quoted) => quoted.All(words => line.Contains(words, StringComparison.Ordinal))
            && Numeral().Matches(line).Any(number => Number(number.Value) == Number(value));
    }

    [Fact]
    public void Users_stay_in_memory_for_as_long_as_the_programs_say()
    {
        var minutes = Minutes().Match(Tree.Read("src/Grains/UserGrain.cs").Text);
        var quantum = Quantum().Match(Tree.Read("src/Silo/GrainCalls.cs").Text);
        var said = Row().Matches(Tree.Read("docs/scale.md").Text).Single(row => row.Groups["name"].Value == "stays");
        Assert.Equal((60 * Number(minutes.Groups["n"].Value)) + Number(quantum.Groups["n"].Value), Number(said.Groups["value"].Value));
    }

    private static double Calculate(string formula, Dictionary<string, double> known)
    {
        var numbers = Name().Replace(formula, name => known[name.Value].ToString("0.0###########", CultureInfo.InvariantCulture));
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        return Convert.ToDouble(table.Compute(numbers, null), CultureInfo.InvariantCulture);
    }

    private static double Number(string text) => double.Parse(text.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    // | `name` | what | value | source |  or  | `name` | what | `formula` | value |
    [GeneratedRegex(@"^\| `(?<name>[a-z_]+)` \| [^|]+ \| (`(?<formula>[^`]+)` \| )?(?<value>[0-9][0-9.,]*) ", RegexOptions.Multiline)]
    private static partial Regex Row();

    // | `name` | what | value | [page](../bench/results/page.md), "words of its line" |  or  | … | the same, "words" |
    [GeneratedRegex(
        @"^\| `(?<name>[a-z_]+)` \| [^|]+ \| (?<value>[0-9][0-9.,]*) \| (?<from>(\[[^\]]+\]\(\.\./bench/results/(?<link>[^)]+)\)|the same)[^|]*) \|",
        RegexOptions.Multiline)]
    private static partial Regex Source();

    [GeneratedRegex("\"(?<words>[^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[0-9][0-9,]*(\.[0-9]+)?")]
    private static partial Regex Numeral();

    [GeneratedRegex(@"CollectionAgeLimit\(Minutes = (?<n>\d+)\)")]
    private static partial Regex Minutes();

    [GeneratedRegex(@"CollectionQuantum = TimeSpan\.FromSeconds\((?<n>\d+)\)")]
    private static partial Regex Quantum();

    [GeneratedRegex("[a-z_]+")]
    private static partial Regex Name();
}
