using Actors.Ledger.Tests.Conformance;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger.Tests;

/// <summary>What every store promises, by PostgreSQL.</summary>
public sealed class PostgresStoreTests : LedgerStoreConformance
{
    private readonly TestPostgres _postgres = new();

    public override async ValueTask InitializeAsync()
    {
        await _postgres.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    protected override Task<IReadOnlyList<string>> DumpAsync() => PostgresDump.ReadAsync(_postgres.ConnectionString, Cancel);

    protected override Task<ILedgerStore> OpenAsync() =>
        Task.FromResult<ILedgerStore>(new PostgresLedgerStore(_postgres.ConnectionString, TimeProvider.System, NullLogger.Instance));
}
