using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Actors.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public static partial class DependencyChecks
{
    /// <summary>The arrows of ARCHITECTURE.md. What isn't drawn isn't allowed.</summary>
    public static IReadOnlyDictionary<string, string[]> Arrows { get; } = new Dictionary<string, string[]>
    {
        ["Policy"] = [],
        ["Contracts"] = ["Policy"],
        ["Ledger"] = ["Policy"],
        ["Grains"] = ["Contracts", "Ledger"],
        ["Api"] = ["Contracts"],
        ["Silo"] = ["Grains", "Api"],
    };

    /// <summary>The parts of the base library that are values and algorithms.</summary>
    private static readonly string[] _pure =
    [
        "Actors.Policy", "System", "System.Buffers", "System.Collections", "System.Diagnostics.CodeAnalysis", "System.Globalization", "System.Linq",
        "System.Numerics", "System.Runtime.CompilerServices", "System.Runtime.InteropServices", "System.Security.Cryptography",
        "System.Text",
    ];

    /// <summary>Project references that no arrow stands for.</summary>
    public static IEnumerable<string> ForbiddenReferences(SourceFile project)
    {
        var name = Path.GetFileNameWithoutExtension(project.Path);
        if (!Arrows.TryGetValue(name, out var allowed))
        {
            return [$"{project.Path}: not in ARCHITECTURE.md; give it its place in the arrows"];
        }

        return Elements(project, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/')))
            .Where(reference => !allowed.Contains(reference))
            .Select(reference => $"{project.Path}: {name} must not reference {reference}");
    }

    /// <summary>Packages of a project that must have none.</summary>
    public static IEnumerable<string> Packages(SourceFile project) => Elements(project, "PackageReference")
        .Concat(Elements(project, "FrameworkReference")).Concat(Elements(project, "Reference"))
        .Select(package => $"{project.Path}: references {package}; Policy needs nothing but the language");

    /// <summary>A project file's <c>Sdk</c> that brings more than the base library.</summary>
    public static IEnumerable<string> FatSdk(SourceFile project) => XDocument.Parse(project.Text).Root?.Attribute("Sdk")?.Value is "Microsoft.NET.Sdk"
        ? []
        : [$"{project.Path}: its SDK brings more than the base library"];

    /// <summary>Namespaces in a rule that a pure function has no use for.</summary>
    public static IEnumerable<string> ImpureNamespaces(SourceFile code) => code.Lines
        .Select((line, index) => (line: line.Split("//")[0], number: index + 1))
        .Where(entry => UsingDirective().Match(entry.line) is { Success: true } match
            ? !_pure.Any(pure => IsWithin(match.Groups["name"].Value, pure))
            : QualifiedOutside().IsMatch(entry.line))
        .Select(entry => $"{code.Path}:{entry.number}: Policy uses what reads a clock, waits, or talks to the outside");

    /// <summary>
    /// Requests out are made here and nowhere else: to webhooks, to the gateway of enrolment codes, and to the OpenID Connect authority; what a link leads to
    /// is never fetched. The two commands ask this node itself.
    /// </summary>
    public static IReadOnlyCollection<string> WaysOut { get; } =
    [
        "src/Grains/Webhooks/WebhookClient.cs", "src/Api/Enrolments/HttpChannel.cs", "src/Api/Auth/TokenReader.cs", "src/Silo/TokenCommand.cs",
        "src/Silo/HealthCommand.cs",
    ];

    /// <summary>What could fetch something, outside of <see cref="WaysOut"/>.</summary>
    public static IEnumerable<string> OtherWaysOut(SourceFile code) => WaysOut.Contains(code.Path)
        ? []
        : code.Lines.Select((line, index) => (line: line.Split("//")[0], number: index + 1)).Where(entry => Fetching().IsMatch(entry.line))
            .Select(entry => $"{code.Path}:{entry.number}: makes a request out; only what DependencyChecks.WaysOut lists may");

    /// <summary>Every C# file lies under a project of <see cref="Arrows"/>.</summary>
    public static IEnumerable<string> Homeless(SourceFile code) =>
        code.Path.Split('/') is ["src", var project, _, ..] && Arrows.ContainsKey(project) ? [] : [$"{code.Path}: belongs to no project"];

    private static IEnumerable<string> Elements(SourceFile project, string name) => XDocument.Parse(project.Text)
        .Descendants().Where(element => element.Name.LocalName == name).Select(element => element.Attribute("Include")?.Value ?? "")
        .Where(include => include.Length > 0);

    private static bool IsWithin(string name, string parent) =>
        name == parent || (parent != "System" && name.StartsWith(parent + ".", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s*(global\s+)?using\s+(static\s+)?(\w+\s*=\s*)?(?<name>[\w.]+)\s*;")]
    private static partial Regex UsingDirective();

    [GeneratedRegex(
        @"\b(HttpClient|IHttpClientFactory|AddHttpClient\w*|HttpMessageInvoker|SocketsHttpHandler|HttpClientHandler|HttpDocumentRetriever|WebClient|TcpClient"
        + @"|(Http)?WebRequest(?!\w)|ClientWebSocket)\b|\bnew Socket\(")]
    private static partial Regex Fetching();

    [GeneratedRegex(@"\b(Orleans|Npgsql|Microsoft|System\.(IO|Net|Data|Threading|Timers))\.\w")]
    private static partial Regex QualifiedOutside();
}
