namespace Actors.Architecture.Tests;

/// <summary>The arrows of ARCHITECTURE.md hold.</summary>
public sealed class DependencyRuleTests
{
    private static readonly SourceFile[] _projects =
        [.. Tree.Files.Where(file => file.IsProduct && file.Path.EndsWith(".csproj", StringComparison.Ordinal))];

    private static readonly SourceFile[] _rules =
        [.. Tree.Files.Where(file => file.IsCode && file.Path.StartsWith("src/Policy/", StringComparison.Ordinal))];

    private static SourceFile Policy => Tree.Read("src/Policy/Policy.csproj");

    [Fact]
    public void Every_project_of_the_product_has_its_place() =>
        Assert.Equal(DependencyChecks.Arrows.Keys.Order(), _projects.Select(project => Path.GetFileNameWithoutExtension(project.Path)).Order());

    [Fact]
    public void References_follow_the_arrows() => Tree.AssertNone(_projects.SelectMany(DependencyChecks.ForbiddenReferences));

    [Fact]
    public void Policy_references_nothing()
    {
        Tree.AssertNone(DependencyChecks.Packages(Policy));
        Tree.AssertNone(DependencyChecks.ForbiddenReferences(Policy));
        Tree.AssertNone(DependencyChecks.FatSdk(Policy));
    }

    [Fact]
    public void Rules_use_values_and_algorithms_only()
    {
        Assert.NotEmpty(_rules);
        Tree.AssertNone(_rules.SelectMany(DependencyChecks.ImpureNamespaces));
    }

    [Fact]
    public void Nothing_is_fetched_but_by_those_who_may()
    {
        Tree.AssertNone(Tree.Files.Where(file => file.IsCode && file.IsProduct).SelectMany(DependencyChecks.OtherWaysOut));
        Assert.All(DependencyChecks.WaysOut, path => Assert.True(Tree.Has(path), path));
    }

    [Fact]
    public void Every_source_file_belongs_to_a_project() =>
        Tree.AssertNone(Tree.Files.Where(file => file.IsCode && file.IsProduct).SelectMany(DependencyChecks.Homeless));
}
