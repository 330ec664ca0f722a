namespace Actors.Bench.Load;

/// <summary>Where things are in the work tree.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A program's release build.</summary>
    public static string Program(string project) => Path.Combine(Root, "artifacts", "bin", project, "release", $"Actors.{project}.dll");

    public static async Task BuildAsync()
    {
        foreach (var project in (string[])["bench/Floor", "bench/Peer", "bench/Receiver", "src/Silo"])
        {
            await Child.RunAsync("dotnet", "build", Path.Combine(Root, project), "-c", "Release", "-v", "q", "-nologo");
        }
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Actors.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("This program measures the work tree that it was built in; Actors.sln is not above it.");
    }
}
