using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>docs/scale.md calculates right: each of its results follows from the figures above it by the formula that stands beside it.</summary>
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

    [GeneratedRegex("[a-z_]+")]
    private static partial Regex Name();
}
