using Actors.Ledger.Tests.Conformance;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger.Tests;

/// <summary>What every store promises, by two PostgreSQL databases that users are split over.</summary>
public sealed class SplitStoreTests : LedgerStoreConformance
{
    private readonly TestPostgres _home = new();
    private readonly TestPostgres _other = new();

    public override async ValueTask InitializeAsync()
    {
        await _home.InitializeAsync();
        await _other.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _other.DisposeAsync();
        await _home.DisposeAsync();
    }

    protected override async Task<IReadOnlyList<string>> DumpAsync() =>
        [.. await PostgresDump.ReadAsync(_home.ConnectionString, Cancel), .. await PostgresDump.ReadAsync(_other.ConnectionString, Cancel)];

    protected override Task<ILedgerStore> OpenAsync() => Task.FromResult<ILedgerStore>(
        new ByPart(new SplitLedgerStore(_home.ConnectionString, [_other.ConnectionString], TimeProvider.System, NullLogger.Instance)));

    /// <summary>Takes batches of users of several parts apart, as the ledger's queues do.</summary>
    private sealed class ByPart(ILedgerStore inner) : ForwardingStore(inner)
    {
        public override async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken)
        {
            var outcomes = new CommitOutcome[batch.Count];
            foreach (var part in Enumerable.Range(0, batch.Count).GroupBy(i => Inner.PartOf(batch[i].User)))
            {
                var places = part.ToList();
                var written = await base.WriteAsync([.. places.Select(i => batch[i])], cancellationToken);
                places.Zip(written).ToList().ForEach(one => outcomes[one.First] = one.Second);
            }

            return outcomes;
        }

        public override async Task<CommitOutcome[]> ResolveAsync(
            IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken)
        {
            var outcomes = new CommitOutcome[batch.Count];
            foreach (var part in Enumerable.Range(0, batch.Count).GroupBy(i => Inner.PartOf(batch[i].User)))
            {
                var places = part.ToList();
                var found = await base.ResolveAsync([.. places.Select(i => batch[i])], backend, cancellationToken);
                places.Zip(found).ToList().ForEach(one => outcomes[one.First] = one.Second);
            }

            return outcomes;
        }
    }
}
