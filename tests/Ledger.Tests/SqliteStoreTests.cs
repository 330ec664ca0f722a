using Actors.Ledger.Tests.Conformance;

namespace Actors.Ledger.Tests;

/// <summary>What every store promises, by SQLite.</summary>
public sealed class SqliteStoreTests : LedgerStoreConformance
{
    private readonly TestDirectory _directory = new();

    protected override Task<ILedgerStore> OpenAsync() => Task.FromResult<ILedgerStore>(new SqliteLedgerStore(_directory.Path, TimeProvider.System));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}
