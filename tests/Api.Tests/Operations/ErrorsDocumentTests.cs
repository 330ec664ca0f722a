using System.Globalization;
using System.Text.RegularExpressions;
using Actors.Api.Graph.Messages;
using Actors.Api.Sends;
using Actors.Policy.Sends;
using Actors.Policy.Templates;

namespace Actors.Api.Tests.Operations;

/// <summary>docs/errors.md says what the code says.</summary>
public sealed partial class ErrorsDocumentTests
{
    /// <summary>The tree's root.</summary>
    internal static readonly string Root = FindRoot();
    private static readonly string[] Document = File.ReadAllLines(Path.Combine(Root, "docs", "errors.md"));

    [Fact]
    public void Every_problem_code_is_documented_with_its_status_and_no_other_is()
    {
        var inCode = Sources().SelectMany(s => ProblemInCode().Matches(s)).Select(m => $"{m.Groups["code"].Value} {m.Groups["status"].Value}").Distinct();
        var inDocument = Document.Select(l => ProblemInDocument().Match(l)).Where(m => m.Success)
            .Select(m => $"{m.Groups["code"].Value} {m.Groups["status"].Value}");

        // The one whose status the server gives.
        Assert.Equal(inCode.Append("bad_request 400").Distinct().Order(StringComparer.Ordinal), inDocument);
    }

    [Fact]
    public void Every_Cloud_API_code_is_documented_and_no_other_is()
    {
        var inCode = Sources().SelectMany(s => GraphInCode().Matches(s)).Select(m => m.Groups["code"].Value)
            .Concat(["132000", "132005", "132012", "132018"]).Distinct();
        var inDocument = Document.Select(l => Row(l)).Where(c => c.Length >= 3)
            .SelectMany(c => Number().IsMatch(c[0]) ? [c[0]] : c[1].Split(',', StringSplitOptions.TrimEntries).Where(code => Number().IsMatch(code)))
            .Where(c => c.Length != 3 || c is "100" or "190" or "368").Distinct();

        Assert.Equal(inCode.Order(StringComparer.Ordinal), inDocument.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reason_is_documented_with_what_the_Cloud_API_says()
    {
        foreach (var reason in Enum.GetValues<Reason>().Where(r => r != Reason.Undecided))
        {
            var facts = new AdmissionFacts { TemplateMismatch = new TemplateMismatch(132000, "x") };
            var error = Refusals.From(new SendResult(SendEnd.RefusedHere, facts, reason));
            var row = Assert.Single(Document.Select(Row), c => c.Length == 5 && c[0] == $"`{reason}`");

            Assert.Contains(error.Code.ToString(CultureInfo.InvariantCulture), row[1].Split(", "));
            Assert.Equal(error.Status.ToString(CultureInfo.InvariantCulture), row[2]);
            Assert.Equal(ToldAs(reason), row[3].Trim('`'));
        }
    }

    /// <summary>What a business sees of the reason in a trace.</summary>
    private static string ToldAs(Reason reason)
    {
        var rule = reason is Reason.NoRelation or Reason.BlockedByUser or Reason.BusinessesOff or Reason.BlockedByBusiness or Reason.TooManyUndelivered
            ? Rule.Reach
            : reason == Reason.MarketingRests ? Rule.MarketingRest : Rule.Consent;
        var trace = SendGate.PublicView(
            [new Finding(rule, RuleOutcome.Refuse, reason, null, true, []), new Finding(Rule.MarketingCap, RuleOutcome.Pass, null, null, true, [])]);
        Assert.Equal(SendGate.PublicReason(reason, []), trace[^1].Reason);
        return TraceJson.Name(trace[^1].Reason!.Value.ToString());
    }

    private static string[] Row(string line) => line.StartsWith('|') ? [.. line.Trim('|').Split('|').Select(c => c.Trim())] : [];

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src", "Api"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Actors.sln")))
        {
            directory = directory.Parent;
        }

        return directory.FullName;
    }

    [GeneratedRegex("""\(\s*(?<status>\d{3}), "(?<code>[a-z_]+)",""")]
    private static partial Regex ProblemInCode();

    [GeneratedRegex("""^\| `(?<code>[a-z_]+)` \| (?<status>\d{3}) \|""")]
    private static partial Regex ProblemInDocument();

    [GeneratedRegex("""\(\s*(?<code>\d+), \d{3}, "[A-Z(]""")]
    private static partial Regex GraphInCode();

    [GeneratedRegex(@"^\d+$")]
    private static partial Regex Number();
}
