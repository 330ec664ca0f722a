namespace Actors.Architecture.Tests;

/// <summary>One text file of the tree.</summary>
/// <param name="Path">Relative to the root, with slashes.</param>
/// <param name="Text">All of it.</param>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>The lines, without their ends.</summary>
    public string[] Lines => field ??= Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    /// <summary>Whether it is C#.</summary>
    public bool IsCode => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>Whether it is part of the product, not of its tests or benchmarks.</summary>
    public bool IsProduct => Path.StartsWith("src/", StringComparison.Ordinal);
}

/// <summary>The tree as it would be committed: no build output, no installed packages, no data.</summary>
public static class Tree
{
    private static readonly string[] _notOurs =
        [".git", ".dev", ".vs", ".idea", "artifacts", "bin", "obj", "data", "node_modules", "StrykerOutput", "TestResults"];

    private static readonly string[] _binary = [".bin", ".png", ".db", ".gz", ".ico"];

    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every text file, but for the one whose strings are the offences.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } =
    [
        .. Walk(Root).Where(path => !_binary.Contains(Path.GetExtension(path)) && Path.GetFileName(path) != nameof(GuardsBiteTests) + ".cs")
            .Select(path => Read(Path.GetRelativePath(Root, path))),
    ];

    /// <summary>Whether a file is there.</summary>
    public static bool Has(string path) => File.Exists(Path.Combine(Root, path));

    /// <summary>One file.</summary>
    public static SourceFile Read(string path) => new(path.Replace('\\', '/'), File.ReadAllText(Path.Combine(Root, path)));

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder)
        .Where(path => !_notOurs.Contains(Path.GetFileName(path))).Concat(
        Directory.EnumerateDirectories(folder).Where(inner => !_notOurs.Contains(Path.GetFileName(inner))).SelectMany(Walk));

    /// <summary>Fails with every offence in full.</summary>
    public static void AssertNone(IEnumerable<string> offences)
    {
        var all = string.Join('\n', offences);
        Assert.True(all.Length == 0, all);
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Actors.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("Actors.sln is in no folder above the tests");
    }
}
