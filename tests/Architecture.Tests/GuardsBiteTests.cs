namespace Actors.Architecture.Tests;

/// <summary>A guard that was never seen to fail is no guard: each one is shown a wrong sample and a right one.</summary>
public sealed class GuardsBiteTests
{
    private static readonly Dictionary<string, (SourceFile[] Wrong, SourceFile[] Right)> _tidy = new()
    {
        [nameof(TidyChecks.LongLines)] = ([Code(new string('x', 161))], [Code(new string('x', 160))]),
        [nameof(TidyChecks.Tabs)] = ([Code("\tvar a = 1;"), new("docs/a.md", "a\tb")], [Code("    var a = 1;")]),
        [nameof(TidyChecks.Regions)] = ([Code("    #region Fields"), Code("# region x")], [Code("// a region of Spain")]),
        [nameof(TidyChecks.DebtWithoutIssue)] = ([Code("// TODO later"), new("docs/a.md", "<!-- FIXME -->")], [Code("// TODO #12: later"), Code("string word = \"BAJA TODO\";")]),
        [nameof(TidyChecks.BlanksInName)] = ([new("docs/a b.md", "")], [new("docs/a-b.md", "")]),
        [nameof(TidyChecks.ExcludedFromBuild)] = (
            [new("src/Api/Api.csproj", "<Compile Remove=\"Old.cs\" />"), new("Directory.Build.props", "<Compile Remove=\"**/*.cs\" />")],
            [new("src/Api/Api.csproj", "<Compile Include=\"New.cs\" />")]),
        [nameof(TidyChecks.BlockingWaits)] = (
            [Code("var a = task.Result;"), Code("task.Wait();"), Code("task.Wait(5);"), Code("var a = M().GetAwaiter().GetResult();")],
            [Code("var a = await task;"), Code("var a = reply.Results[0];"), Code("return Finding.Wait(until);"), Code("// never .Result"), new("tests/X.Tests/A.cs", "var a = task.Result;")]),
        [nameof(TidyChecks.CatchAllFolders)] = (
            [new("src/Api/Common/A.cs", ""), new("src/Helpers/A.cs", ""), new("tests/X.Tests/Utils/A.cs", ""), new("src/Api/Services/A.cs", "")],
            [new("src/Api/Errors/A.cs", "")]),
        [nameof(TidyChecks.SwallowedExceptions)] = (
            [
                Code("try { M(); } catch { }"),
                Code("try { M(); }\ncatch (Exception)\n{\n}"),
                Code("try { M(); }\ncatch (Exception e)\n{\n    // it happens\n}"),
                Code("try { M(); }\ncatch (IOException)\n{\n}"),
                Code("catch (Exception e) when (Sentence(e) is { } sentence)\n{\n}"),
            ],
            [
                Code("try { M(); } catch (Exception e) { LogFailed(e); throw; }"),
                Code("catch (Exception e) when (Sentence(e) is { } sentence)\n{\n    Say(sentence);\n}"),
                Code("catch (OperationCanceledException) when (stop.IsCancellationRequested)\n{\n    // the caller stopped us\n}"),
            ]),
        [nameof(TidyChecks.AsyncVoid)] = ([Code("private async void Start() { }")], [Code("private async Task StartAsync() { }")]),
        [nameof(TidyChecks.MachinePaths)] = (
            [Code("var a = \"/home/me/a\";"), new("docs/a.md", "see /work/a"), new("a.yml", "C:\\Users")],
            [new("docs/a.md", "GET /v1/users/home and ./work/a and https://x.example/home/a")]),
        [nameof(TidyChecks.RegistryHosts)] = (
            [new("tests/a/package-lock.json", "https://registry.npmjs.org/ky")], [new("docs/a.md", "the package registry")]),
        [nameof(TidyChecks.SuppressedWarnings)] = (
            [Code("#pragma warning disable CA1822")], [Code("#pragma warning disable CA1822 // the serializer wants an instance")]),
    };

    public static TheoryData<string> TidyNames => [.. TidyChecks.All.Keys];

    [Theory]
    [MemberData(nameof(TidyNames))]
    public void Each_tidy_check_bites(string check)
    {
        Assert.All(_tidy[check].Wrong, sample => Assert.NotEmpty(TidyChecks.All[check](sample)));
        Assert.All(_tidy[check].Right, sample => Assert.Empty(TidyChecks.All[check](sample)));
    }

    [Fact]
    public void The_ratchet_turns_one_way()
    {
        SourceFile[] tree = [new("src/A.cs", Lines(310)), new("src/B.cs", Lines(300))];
        Assert.Empty(TidyChecks.LongFiles(tree, ["# a remark", "src/A.cs 310"]));
        Assert.NotEmpty(TidyChecks.LongFiles(tree, []));
        Assert.NotEmpty(TidyChecks.LongFiles(tree, ["src/A.cs 309"]));
        Assert.NotEmpty(TidyChecks.LongFiles(tree, ["src/A.cs 311"]));
        Assert.NotEmpty(TidyChecks.LongFiles(tree, ["src/A.cs 310", "src/B.cs 305"]));
        Assert.NotEmpty(TidyChecks.LongFiles(tree, ["src/A.cs 310", "src/Gone.cs 400"]));
    }

    [Fact]
    public void A_log_id_that_is_used_twice_is_found()
    {
        SourceFile a = new("src/A.cs", "[LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = \"x\")]\n[LoggerMessage(\n    EventId = 2,");
        Assert.Empty(TidyChecks.SharedLogIds([a, new("tests/B.cs", a.Text)]));
        Assert.Single(TidyChecks.SharedLogIds([a, new("src/B.cs", "[LoggerMessage(EventId = 2, Level")]));
        Assert.Single(TidyChecks.SharedLogIds([new("src/A.cs", a.Text + a.Text.Replace("= 1", "= 3", StringComparison.Ordinal))]));
    }

    [Theory]
    [InlineData("Policy", "Contracts")]
    [InlineData("Contracts", "Ledger")]
    [InlineData("Ledger", "Contracts")]
    [InlineData("Api", "Grains")]
    [InlineData("Api", "Ledger")]
    [InlineData("Grains", "Api")]
    [InlineData("Anything", "Policy")]
    public void References_against_the_arrows_are_found(string from, string to) =>
        Assert.NotEmpty(DependencyChecks.ForbiddenReferences(Project(from, $"<ProjectReference Include=\"../{to}/{to}.csproj\" />")));

    [Fact]
    public void References_with_backslashes_are_read() =>
        Assert.NotEmpty(DependencyChecks.ForbiddenReferences(Project("Api", "<ProjectReference Include=\"..\\Grains\\Grains.csproj\" />")));

    [Fact]
    public void References_along_the_arrows_pass() =>
        Assert.Empty(DependencyChecks.ForbiddenReferences(Project("Api", "<ProjectReference Include=\"../Contracts/Contracts.csproj\" />")));

    [Fact]
    public void A_package_in_Policy_is_found()
    {
        Assert.NotEmpty(DependencyChecks.Packages(Project("Policy", "<PackageReference Include=\"NodaTime\" />")));
        Assert.NotEmpty(DependencyChecks.Packages(Project("Policy", "<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />")));
        Assert.NotEmpty(DependencyChecks.FatSdk(new("src/Policy/Policy.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\" />")));
    }

    [Theory]
    [InlineData("using Orleans;")]
    [InlineData("using Orleans.Runtime;")]
    [InlineData("using Npgsql;")]
    [InlineData("using Microsoft.Extensions.Logging;")]
    [InlineData("using System.IO;")]
    [InlineData("using System.Net.Http;")]
    [InlineData("using System.Threading.Tasks;")]
    [InlineData("using static System.Threading.Interlocked;")]
    [InlineData("global using Actors.Contracts;")]
    [InlineData("    private Orleans.Grain? _grain;")]
    [InlineData("    System.Threading.Monitor.Enter(this);")]
    public void Impure_namespaces_in_Policy_are_found(string line) => Assert.NotEmpty(DependencyChecks.ImpureNamespaces(Code(line)));

    [Theory]
    [InlineData("using System;")]
    [InlineData("using System.Collections.Immutable;")]
    [InlineData("using Actors.Policy.Users;")]
    [InlineData("// Orleans.Grain is no business of ours")]
    public void Pure_namespaces_pass(string line) => Assert.Empty(DependencyChecks.ImpureNamespaces(Code(line)));

    [Theory]
    [InlineData("using var http = new HttpClient();")]
    [InlineData("services.AddHttpClient(\"media\");")]
    [InlineData("private readonly IHttpClientFactory _clients;")]
    [InlineData("var handler = new SocketsHttpHandler();")]
    [InlineData("using HttpMessageInvoker invoker = new(handler);")]
    [InlineData("var request = System.Net.WebRequest.Create(url);")]
    [InlineData("using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);")]
    public void Another_way_out_is_found(string line)
    {
        Assert.NotEmpty(DependencyChecks.OtherWaysOut(new("src/Api/A.cs", line)));
        Assert.Empty(DependencyChecks.OtherWaysOut(new("src/Grains/Webhooks/WebhookClient.cs", line)));
        Assert.Empty(DependencyChecks.OtherWaysOut(new("src/Api/A.cs", "// " + line)));
    }

    [Fact]
    public void A_file_outside_every_project_is_found()
    {
        Assert.NotEmpty(DependencyChecks.Homeless(new("src/A.cs", "")));
        Assert.NotEmpty(DependencyChecks.Homeless(new("src/New/A.cs", "")));
        Assert.Empty(DependencyChecks.Homeless(new("src/Policy/Sends/A.cs", "")));
    }

    [Fact]
    public void An_unexplained_or_misplaced_value_is_found()
    {
        const string Code = "public enum Reason : byte\n{\n    Undecided = 0,\n\n    /// <summary>x</summary>\n    Locked = 1,\n    Capped = 2,\n}\n";
        var values = DocsChecks.ValuesOf(Code, "Reason");
        Assert.Equal(["Locked", "Capped"], values);
        Assert.Empty(DocsChecks.ValuesOf(Code, "Rule"));
        Assert.Empty(DocsChecks.NotMentioned(values, Document("`Locked` and `Capped`")));
        Assert.NotEmpty(DocsChecks.NotMentioned(values, Document("`Locked` and Capped")));
        Assert.Empty(DocsChecks.OutOfOrder(values, Document("| `Locked` | x |\n| `Capped` | x |")));
        Assert.NotEmpty(DocsChecks.OutOfOrder(values, Document("| `Capped` | x |\n| `Locked` | x |")));
    }

    [Fact]
    public void A_setting_on_one_side_only_is_found()
    {
        var documented = DocsChecks.DocumentedKeys(Document("| key | what |\n| `Auth:Key` | x |\n| `urls` | x |\n| `Policy:Window:Length` | x |"));
        Assert.Equal(["Auth:Key", "Policy:Window:Length"], documented.Order());
        Assert.Equal(["Auth:Key", "Data:Directory"], DocsChecks.NodeKeys("Keys { get; } =\n[\n \"Auth:Key\", \"Data:Directory\",\n];").Order());
        Assert.Equal(["Auth:Key", "Data:Directory"], DocsChecks.EnvironmentKeys("x: { Auth__Key: y }\nENV A=b Data__Directory=/data").Order());
        Assert.Equal(["Policy:Window:Length"], DocsChecks.PolicyKeys("[\"Window:Length\"] = (n, v) => n,"));
        Assert.Equal(
            ["Policy:Window:Length", "Policy:Window:Words"],
            DocsChecks.PolicyNumbers(
                "/// <summary>Section <c>Policy:Window</c>.</summary>\npublic sealed record W\n{\n    public static W Default { get; }\n"
                + "    public TimeSpan Length { get; init => field = Checked(value); } = X;\n    public ImmutableArray<string> Words { get; init; }\n}\n").Order());
        Assert.Equal(2, DocsChecks.Differences("left", ["a", "b"], "right", ["b", "c"]).Count());
        Assert.Empty(DocsChecks.Differences("left", ["a", "b"], "right", ["b", "a"]));
    }

    [Fact]
    public void A_named_test_that_is_none_and_a_rule_without_tests_are_found()
    {
        var named = DocsChecks.NamedTests(Document("(`CapTests`, `A_cap_holds`, `PerDay`)"));
        Assert.Equal(["A_cap_holds", "CapTests"], named.Order(StringComparer.Ordinal));
        Assert.Empty(DocsChecks.NotInTests(named, [Code("public sealed class CapTests { public async Task A_cap_holds() { } }")]));
        Assert.Single(DocsChecks.NotInTests(named, [Code("public sealed class CapTests { }")]));
        Assert.Empty(DocsChecks.RowsWithoutTests(["Cap"], Document("| `Cap` | asks | `Capped` | no | `CapTests` |")));
        Assert.NotEmpty(DocsChecks.RowsWithoutTests(["Cap"], Document("| `Cap` | asks, see `CapTests` | `Capped` | no | none |")));
        Assert.NotEmpty(DocsChecks.RowsWithoutTests(["Cap"], Document("`CapTests`")));
    }

    [Fact]
    public void An_alert_without_an_entry_or_a_test_is_found()
    {
        Assert.Equal(["Late", "Lost"], DocsChecks.Alerts("rules:\n  - alert: Late\n    expr: a\n  - alert: Lost\n").Order());
        var document = Document("| `Before` |\n## Alerts\n| alert |\n| `Late`, `Lost` | see `more` |\n## Next\n| `After` |");
        Assert.Equal(["Late", "Lost"], DocsChecks.DocumentedAlerts(document).Order());
        const string Tests = "- { eval_time: 1m, alertname: Late }\n- eval_time: 2m\n  alertname: Late\n  exp_alerts:\n";
        Assert.Empty(DocsChecks.UntriedAlerts(["Late"], Tests));
        Assert.Equal(2, DocsChecks.UntriedAlerts(["Lost"], Tests).Count());
    }

    [Fact]
    public void A_dead_link_is_found()
    {
        Assert.NotEmpty(DocsChecks.DeadLinks(Document("[rules](rules.md#cap)"), _ => false));
        Assert.Empty(DocsChecks.DeadLinks(Document("[rules](rules.md#cap), [there](https://example.org/a), [here](#cap)"), path => path == "docs/rules.md"));
    }

    private static SourceFile Document(string text) => new("docs/sample.md", text);

    private static SourceFile Code(string text) => new("src/Policy/Sample.cs", text);

    private static SourceFile Project(string name, string items) =>
        new($"src/{name}/{name}.csproj", $"<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{items}</ItemGroup></Project>");

    private static string Lines(int count) => string.Join('\n', Enumerable.Repeat("x", count)) + "\n";
}
