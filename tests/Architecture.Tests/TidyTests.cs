namespace Actors.Architecture.Tests;

/// <summary>Style that nobody has to remember.</summary>
public sealed class TidyTests
{
    public static TheoryData<string> Checks => [.. TidyChecks.All.Keys];

    [Theory]
    [MemberData(nameof(Checks))]
    public void The_tree_is_tidy(string check) => Tree.AssertNone(Tree.Files.SelectMany(TidyChecks.All[check]));

    [Fact]
    public void Long_files_only_get_shorter() =>
        Tree.AssertNone(TidyChecks.LongFiles(Tree.Files, Tree.Read("tests/Architecture.Tests/long-files.txt").Lines));

    [Fact]
    public void Each_log_line_of_the_product_has_an_id_of_its_own() => Tree.AssertNone(TidyChecks.SharedLogIds(Tree.Files));

    [Fact]
    public void The_tree_was_really_read()
    {
        Assert.Contains(Tree.Files, file => file.Path == "src/Policy/Sends/Reason.cs");
        Assert.Contains(Tree.Files, file => file.Path == "Directory.Build.props");
        Assert.DoesNotContain(Tree.Files, file => file.Path.Contains("/obj/", StringComparison.Ordinal));
    }
}
