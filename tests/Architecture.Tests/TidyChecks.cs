using System.Globalization;
using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>What a tidy file is. Each check is a function of one file and gives a line per offence.</summary>
public static partial class TidyChecks
{
    /// <summary>A file this long holds more than one thing.</summary>
    public const int LinesMax = 300;

    /// <summary>The editor's limit is lower (.editorconfig); up to here a line may stand out.</summary>
    public const int ColumnsMax = 160;

    /// <summary>All checks by name.</summary>
    public static IReadOnlyDictionary<string, Func<SourceFile, IEnumerable<string>>> All { get; } =
        new Dictionary<string, Func<SourceFile, IEnumerable<string>>>
        {
            [nameof(LongLines)] = LongLines,
            [nameof(Tabs)] = Tabs,
            [nameof(Regions)] = Regions,
            [nameof(DebtWithoutIssue)] = DebtWithoutIssue,
            [nameof(BlanksInName)] = BlanksInName,
            [nameof(ExcludedFromBuild)] = ExcludedFromBuild,
            [nameof(BlockingWaits)] = BlockingWaits,
            [nameof(CatchAllFolders)] = CatchAllFolders,
            [nameof(SwallowedExceptions)] = SwallowedExceptions,
            [nameof(AsyncVoid)] = AsyncVoid,
            [nameof(MachinePaths)] = MachinePaths,
            [nameof(RegistryHosts)] = RegistryHosts,
            [nameof(SuppressedWarnings)] = SuppressedWarnings,
        };

    /// <summary>Log lines of the product that share an id with another one: whoever watches for an id hears of something else.</summary>
    public static IEnumerable<string> SharedLogIds(IEnumerable<SourceFile> files) => files
        .Where(file => file.IsCode && file.IsProduct)
        .SelectMany(file => LogId().Matches(file.Text).Select(match => (Id: match.Groups["id"].Value, file.Path)))
        .GroupBy(line => line.Id, line => line.Path)
        .Where(lines => lines.Count() > 1)
        .Select(lines => $"log id {lines.Key}: in {string.Join(" and ", lines)}");

    public static IEnumerable<string> LongLines(SourceFile file) => file.IsCode
        ? Where(file, line => line.Length > ColumnsMax, $"is longer than {ColumnsMax} columns")
        : [];

    public static IEnumerable<string> Tabs(SourceFile file) => file.Path.EndsWith(".sln", StringComparison.Ordinal)
        ? []
        : Where(file, line => line.Contains('\t', StringComparison.Ordinal), "has a tab");

    public static IEnumerable<string> Regions(SourceFile file) => file.IsCode ? Where(file, RegionLine().IsMatch, "opens a region") : [];

    public static IEnumerable<string> DebtWithoutIssue(SourceFile file) =>
        Where(file, line => DebtMark().IsMatch(line) && !IssueNumber().IsMatch(line), "marks debt without an issue's number");

    public static IEnumerable<string> BlanksInName(SourceFile file) =>
        file.Path.Any(char.IsWhiteSpace) ? [$"{file.Path}: a blank in the name"] : [];

    public static IEnumerable<string> ExcludedFromBuild(SourceFile file) => IsProjectFile(file)
        ? Where(file, line => line.Contains("<Compile Remove", StringComparison.Ordinal), "takes code out of the build")
        : [];

    public static IEnumerable<string> BlockingWaits(SourceFile file) => file.IsCode && file.IsProduct
        ? Where(file, line => BlockingWait().IsMatch(CodeOf(line)), "waits for a task by blocking a thread")
        : [];

    public static IEnumerable<string> CatchAllFolders(SourceFile file) => CatchAllFolder().IsMatch(file.Path)
        ? [$"{file.Path}: a folder for anything; name it after what is in it"]
        : [];

    public static IEnumerable<string> SwallowedExceptions(SourceFile file) => file.IsCode
        ? EmptyCatch().Matches(file.Text).Select(match => At(file, match.Index, "swallows an exception"))
        : [];

    public static IEnumerable<string> AsyncVoid(SourceFile file) => file.IsCode
        ? Where(file, line => AsyncVoidMethod().IsMatch(CodeOf(line)), "starts work that nobody can await")
        : [];

    public static IEnumerable<string> MachinePaths(SourceFile file) => Where(file, MachinePath().IsMatch, "names a path of one machine");

    public static IEnumerable<string> RegistryHosts(SourceFile file) => Where(file, RegistryHost().IsMatch, "names a package registry's host");

    public static IEnumerable<string> SuppressedWarnings(SourceFile file) => file.IsCode && file.IsProduct
        ? Where(file, line => PragmaWithoutReason().IsMatch(line), "turns a warning off without saying why (// …)")
        : [];

    /// <summary>Files over <see cref="LinesMax"/> must be on the list, and the list may only shrink.</summary>
    /// <param name="files">The tree.</param>
    /// <param name="ratchet">Lines of <c>path lines</c>.</param>
    public static IEnumerable<string> LongFiles(IEnumerable<SourceFile> files, IEnumerable<string> ratchet)
    {
        var allowed = ratchet.Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture));
        var lengths = files.Where(file => file.IsCode).ToDictionary(file => file.Path, file => file.Lines.Length);
        foreach (var (path, length) in lengths.Where(entry => entry.Value > LinesMax && !allowed.ContainsKey(entry.Key)))
        {
            yield return $"{path}: {length} lines; split it (at most {LinesMax})";
        }

        foreach (var (path, limit) in allowed)
        {
            var length = lengths.GetValueOrDefault(path);
            if (length > limit)
            {
                yield return $"{path}: grew from {limit} to {length} lines; it may only shrink";
            }
            else if (length <= LinesMax)
            {
                yield return $"{path}: {length} lines; take it off long-files.txt";
            }
            else if (length < limit)
            {
                yield return $"{path}: shrank to {length} lines; say so in long-files.txt";
            }
        }
    }

    private static IEnumerable<string> Where(SourceFile file, Func<string, bool> offends, string what) => file.Lines
        .Select((line, index) => (line, number: index + 1))
        .Where(entry => offends(entry.line))
        .Select(entry => $"{file.Path}:{entry.number}: {what}");

    private static string At(SourceFile file, int index, string what) =>
        $"{file.Path}:{file.Text.AsSpan(0, index).Count('\n') + 1}: {what}";

    private static bool IsProjectFile(SourceFile file) => Path.GetExtension(file.Path) is ".csproj" or ".props" or ".targets";

    /// <summary>A line without its comment; good enough for the patterns here, which no string of ours holds.</summary>
    private static string CodeOf(string line) => line.Split("//")[0];

    [GeneratedRegex(@"^\s*#\s*region\b")]
    private static partial Regex RegionLine();

    [GeneratedRegex(@"(//|/\*|<!--|#|--).*\b(TOD[O]|FIXM[E]|HAC[K]|XX[X])\b")]
    private static partial Regex DebtMark();

    [GeneratedRegex(@"#\d+")]
    private static partial Regex IssueNumber();

    // A receiver in capitals is a type, which has nothing to wait for.
    [GeneratedRegex(@"\.Result\b(?!\s*[({])|(\b[a-z_]\w*|\))\.Wait\(|\.GetAwaiter\(\)\.GetResult\(\)")]
    private static partial Regex BlockingWait();

    [GeneratedRegex(@"(^|/)(Commons?|Helpers?|Util(s|ities)?|Services|Misc)/", RegexOptions.IgnoreCase)]
    private static partial Regex CatchAllFolder();

    // Also one that holds nothing but a comment: the comment says why, but nobody is told.
    [GeneratedRegex(@"\bcatch\b(\s*\(\s*(System\.)?Exception\b[^)]*\))?\s*\{(\s|//[^\n]*\n)*\}|\bcatch\b[^;{}]*(\{ \}[^;{}]*)?\)\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\basync\s+void\b")]
    private static partial Regex AsyncVoidMethod();

    [GeneratedRegex(@"(?<![\w.}])/(home|Users|root|work|mnt)/\w|\b[A-Z]:\\\w")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"registry\.(npmjs|yarnpkg)\.|\w\.nuget\.org|pkgs\.dev\.azure|npm\.pkg\.github|artifactor[y]|deb\.debian\.org", RegexOptions.IgnoreCase)]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"^\s*#pragma warning disable\b(?!.*//)")]
    private static partial Regex PragmaWithoutReason();

    [GeneratedRegex(@"\bLoggerMessage\(\s*EventId = (?<id>\d+)")]
    private static partial Regex LogId();
}
