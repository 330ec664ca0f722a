using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>Documents and code, side by side, as texts.</summary>
public static partial class DocsChecks
{
    /// <summary>The names of an enum's values, in order, but for the one that only a bug produces.</summary>
    public static IReadOnlyList<string> ValuesOf(string code, string name)
    {
        var body = Regex.Match(code, $@"\benum {name}\b[^{{]*\{{(?<body>[^}}]*)\}}").Groups["body"].Value;
        return [.. EnumValue().Matches(body).Select(match => match.Groups["name"].Value).Where(value => value != "Undecided")];
    }

    /// <summary>Names that a document doesn't hold in code font.</summary>
    public static IEnumerable<string> NotMentioned(IEnumerable<string> names, SourceFile document) => names
        .Where(name => !document.Text.Contains($"`{name}`", StringComparison.Ordinal))
        .Select(name => $"{document.Path}: nothing about {name}");

    /// <summary>Rows of tables that don't stand in the code's order.</summary>
    public static IEnumerable<string> OutOfOrder(IReadOnlyList<string> names, SourceFile document)
    {
        var rows = FirstCells(document).Where(names.Contains).Distinct().ToList();
        return rows.SequenceEqual(names.Where(rows.Contains)) ? [] : [$"{document.Path}: not in the code's order: {string.Join(", ", rows)}"];
    }

    /// <summary>Configuration keys as the tables of a document name them: the first cells with a colon in code font.</summary>
    public static IReadOnlySet<string> DocumentedKeys(SourceFile document) =>
        FirstCells(document).Where(cell => ConfigurationKey().IsMatch(cell)).ToHashSet();

    /// <summary>Configuration keys that a text gives to a program by its environment.</summary>
    public static IReadOnlySet<string> EnvironmentKeys(string text) =>
        EnvironmentKey().Matches(text).Select(match => match.Value.Replace("__", ":", StringComparison.Ordinal)).ToHashSet();

    /// <summary>The node's keys, from the list that it checks its configuration against.</summary>
    public static IReadOnlySet<string> NodeKeys(string nodeSettings)
    {
        var list = KeyList().Match(nodeSettings).Groups["list"].Value;
        return Quoted().Matches(list).Select(match => match.Groups["text"].Value).ToHashSet();
    }

    /// <summary>The policy's keys, from the table that reads them.</summary>
    public static IReadOnlySet<string> PolicyKeys(string policyConfiguration) =>
        Setter().Matches(policyConfiguration).Select(match => "Policy:" + match.Groups["key"].Value).ToHashSet();

    /// <summary>The policy's numbers: the properties of the records that say which section they are.</summary>
    public static IReadOnlySet<string> PolicyNumbers(string code)
    {
        var keys = new HashSet<string>();
        foreach (Match section in Section().Matches(code))
        {
            var body = code[section.Index..];
            var end = body.IndexOf("\n}", StringComparison.Ordinal);
            keys.UnionWith(Property().Matches(end < 0 ? body : body[..end]).Select(match => $"{section.Groups["section"].Value}:{match.Groups["name"].Value}"));
        }

        return keys;
    }

    /// <summary>What one side has and the other doesn't.</summary>
    public static IEnumerable<string> Differences(string left, IEnumerable<string> leftKeys, string right, IEnumerable<string> rightKeys) =>
        leftKeys.Except(rightKeys).Select(key => $"{key}: in {left}, not in {right}")
            .Concat(rightKeys.Except(leftKeys).Select(key => $"{key}: in {right}, not in {left}"));

    /// <summary>Test classes and tests that a document names in code font.</summary>
    public static IReadOnlySet<string> NamedTests(SourceFile document) =>
        NamedTest().Matches(document.Text).Select(match => match.Groups["name"].Value).ToHashSet();

    /// <summary>Named tests that are neither a class nor a method of the tests.</summary>
    public static IEnumerable<string> NotInTests(IEnumerable<string> names, IEnumerable<SourceFile> tests)
    {
        var declared = tests.SelectMany(file => Declared().Matches(file.Text).Select(match => match.Groups["name"].Value)).ToHashSet();
        return names.Where(name => !declared.Contains(name)).Select(name => $"{name}: named, but there is no such test");
    }

    /// <summary>Rules whose row in the gate's table doesn't end with a test class.</summary>
    public static IEnumerable<string> RowsWithoutTests(IEnumerable<string> rules, SourceFile document) => rules
        .Where(rule => !document.Lines.Any(line => line.StartsWith($"| `{rule}` |", StringComparison.Ordinal) && EndsWithTests().IsMatch(line)))
        .Select(rule => $"{document.Path}: the row of {rule} names no test class");

    /// <summary>The alerts of a file of rules, by name.</summary>
    public static IReadOnlySet<string> Alerts(string rules) => Alert().Matches(rules).Select(match => match.Groups["name"].Value).ToHashSet();

    /// <summary>The alerts that a document says something about: the names in the first cells of the table below its heading.</summary>
    public static IReadOnlySet<string> DocumentedAlerts(SourceFile document) => document.Lines.SkipWhile(line => line != "## Alerts").Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .SelectMany(line => InCode().Matches(line.Split('|')[1])).Select(match => match.Groups["name"].Value).ToHashSet();

    /// <summary>Alerts that no test of the rules sees fire, and those that none sees quiet.</summary>
    public static IEnumerable<string> UntriedAlerts(IEnumerable<string> alerts, string tests) => alerts.SelectMany(alert => new[]
    {
        Regex.IsMatch(tests, $@"alertname: {alert}\s+exp_alerts:") ? null : $"{alert}: no test sees it fire",
        Regex.IsMatch(tests, $@"alertname: {alert} \}}") ? null : $"{alert}: no test sees it quiet",
    }).OfType<string>();

    /// <summary>Links to files of the tree that aren't there.</summary>
    public static IEnumerable<string> DeadLinks(SourceFile document, Func<string, bool> exists)
    {
        var folder = Path.GetDirectoryName(document.Path) ?? "";
        return Link().Matches(document.Text).Select(match => match.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !exists(Path.Combine(folder, target)))
            .Select(target => $"{document.Path}: {target} isn't there");
    }

    private static IEnumerable<string> FirstCells(SourceFile document) =>
        document.Lines.Select(line => FirstCell().Match(line)).Where(match => match.Success).Select(match => match.Groups["text"].Value);

    [GeneratedRegex(@"^\s*(?<name>[A-Z]\w*)\s*(=\s*[^,]+)?,", RegexOptions.Multiline)]
    private static partial Regex EnumValue();

    [GeneratedRegex(@"^\|\s*`(?<text>[^`]+)`\s*\|")]
    private static partial Regex FirstCell();

    [GeneratedRegex(@"^\w+(:\w+)+$")]
    private static partial Regex ConfigurationKey();

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+(__\w+)+")]
    private static partial Regex EnvironmentKey();

    [GeneratedRegex(@"\bKeys\b[^=]*=\s*\[(?<list>[^\]]*)\]")]
    private static partial Regex KeyList();

    [GeneratedRegex("\"(?<text>[^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("""\["(?<key>\w+:\w+)"\]\s*=""")]
    private static partial Regex Setter();

    [GeneratedRegex(@"Section <c>(?<section>Policy:\w+)</c>[^\n]*\n(\s*///[^\n]*\n)*\s*public sealed record")]
    private static partial Regex Section();

    [GeneratedRegex(@"^    public (?!static|const)[\w<>]+ (?<name>\w+)\s*\{", RegexOptions.Multiline)]
    private static partial Regex Property();

    [GeneratedRegex(@"`(?<name>[A-Z]\w*Tests|[A-Z]\w*_\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\b(class|void|Task) (?<name>[A-Z]\w+)")]
    private static partial Regex Declared();

    [GeneratedRegex(@"`\w+Tests`[^|]*\|$")]
    private static partial Regex EndsWithTests();

    [GeneratedRegex(@"^\s*- alert: (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"`(?<name>\w+)`")]
    private static partial Regex InCode();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
