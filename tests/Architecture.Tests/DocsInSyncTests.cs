namespace Actors.Architecture.Tests;

/// <summary>The documents say what the code does.</summary>
public sealed class DocsInSyncTests
{
    private static readonly string _gate = Tree.Read("src/Policy/Sends/Reason.cs").Text;

    [Theory]
    [InlineData("Reason", "docs/rules.md")]
    [InlineData("Rule", "docs/rules.md")]
    [InlineData("Reason", "docs/errors.md")]
    public void Every_value_is_explained(string name, string document)
    {
        Assert.SkipUnless(Tree.Has(document), $"{document} isn't written yet");
        var values = DocsChecks.ValuesOf(_gate, name);
        Assert.NotEmpty(values);
        Tree.AssertNone(DocsChecks.NotMentioned(values, Tree.Read(document)));
        Tree.AssertNone(DocsChecks.OutOfOrder(values, Tree.Read(document)));
    }

    [Fact]
    public void Every_setting_is_documented_and_every_documented_setting_exists()
    {
        var policy = DocsChecks.PolicyKeys(Tree.Read("src/Policy/PolicyKeys.cs").Text);
        var node = DocsChecks.NodeKeys(Tree.Read("src/Silo/NodeSettings.cs").Text)
            .Union(DocsChecks.NodeKeys(Tree.Read("src/Api/Hosting/ClusterSettings.cs").Text))
            .Union(DocsChecks.NodeKeys(Tree.Read("src/Api/Hosting/ApiConfiguration.cs").Text));
        Assert.NotEmpty(policy);
        Assert.NotEmpty(node);
        var documented = DocsChecks.DocumentedKeys(Tree.Read("docs/operations.md"));
        Tree.AssertNone(DocsChecks.Differences("the code", policy.Concat(node), "docs/operations.md", documented));
    }

    [Theory]
    [InlineData("docker-compose.yml")]
    [InlineData("Dockerfile")]
    [InlineData("deploy/local-cluster")]
    public void Every_setting_that_a_program_is_started_with_is_one(string file)
    {
        var given = DocsChecks.EnvironmentKeys(Tree.Read(file).Text);
        Assert.NotEmpty(given);
        Assert.Empty(given.Except(DocsChecks.DocumentedKeys(Tree.Read("docs/operations.md"))));
    }

    [Fact]
    public void Every_number_of_the_policy_can_be_configured()
    {
        var numbers = Tree.Files.Where(file => file.IsCode && file.Path.StartsWith("src/Policy/", StringComparison.Ordinal))
            .SelectMany(file => DocsChecks.PolicyNumbers(file.Text)).ToHashSet();
        Assert.NotEmpty(numbers);
        var keys = DocsChecks.PolicyKeys(Tree.Read("src/Policy/PolicyKeys.cs").Text);
        Tree.AssertNone(DocsChecks.Differences("src/Policy", numbers, "src/Policy/PolicyKeys.cs", keys));
    }

    [Fact]
    public void Every_alert_has_an_entry_for_whoever_it_wakes_and_a_test_that_it_fires_and_that_it_does_not()
    {
        var alerts = DocsChecks.Alerts(Tree.Read("deploy/prometheus/alerts.yml").Text);
        Assert.NotEmpty(alerts);
        var documented = DocsChecks.DocumentedAlerts(Tree.Read("docs/operations.md"));
        Tree.AssertNone(DocsChecks.Differences("deploy/prometheus/alerts.yml", alerts, "docs/operations.md", documented));
        Tree.AssertNone(DocsChecks.UntriedAlerts(alerts, Tree.Read("deploy/prometheus/alerts.test.yml").Text));   // .ci/deploy runs them
    }

    [Fact]
    public void Every_test_that_the_rules_name_exists()
    {
        var named = DocsChecks.NamedTests(Tree.Read("docs/rules.md"));
        Assert.NotEmpty(named);
        Tree.AssertNone(DocsChecks.NotInTests(named, Tree.Files.Where(file => file.IsCode && file.Path.StartsWith("tests/", StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_rule_of_the_gate_names_its_reasons_and_its_test_class() => Tree.AssertNone(
        DocsChecks.RowsWithoutTests(DocsChecks.ValuesOf(_gate, "Rule"), Tree.Read("docs/rules.md")));

    [Fact]
    public void Links_lead_somewhere() => Tree.AssertNone(Tree.Files
        .Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal))
        .SelectMany(file => DocsChecks.DeadLinks(file, path => Tree.Has(path) || Directory.Exists(Path.Combine(Tree.Root, path)))));
}
