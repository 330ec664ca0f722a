namespace Actors.Ledger.Tests;

/// <summary>A new directory, gone afterwards.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ledger-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
