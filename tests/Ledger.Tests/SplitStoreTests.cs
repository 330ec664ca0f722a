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

    /// <summary>
    /// Takes batches of users of several parts apart, as the ledger's queues do. And lets the log say of users of different parts who came first, where a test
    /// writes one after the other: otherwise that is said only of users of one part, and of epochs.
    /// </summary>
    private sealed class ByPart(SplitLedgerStore inner) : ForwardingStore(inner)
    {
        private int _writing;

        public override async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken)
        {
            try
            {
                if (Interlocked.Increment(ref _writing) == 1)
                {
                    await Inner.ReadHorizonAsync(cancellationToken);
                    await Inner.ReadBusinessConsentsAsync(Given.Business, 0, 1, cancellationToken);
                }

                return await EachPartAsync(batch, part => base.WriteAsync(part, cancellationToken));
            }
            finally
            {
                Interlocked.Decrement(ref _writing);
            }
        }

        public override Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken) =>
            EachPartAsync(batch, part => base.ResolveAsync(part, backend, cancellationToken));

        private async Task<CommitOutcome[]> EachPartAsync(
            IReadOnlyList<EncodedCommit> batch, Func<IReadOnlyList<EncodedCommit>, Task<CommitOutcome[]>> write)
        {
            var outcomes = new CommitOutcome[batch.Count];
            foreach (var part in Enumerable.Range(0, batch.Count).GroupBy(i => Inner.PartOf(batch[i].User)))
            {
                var places = part.ToList();
                var written = await write([.. places.Select(i => batch[i])]);
                places.Zip(written).ToList().ForEach(one => outcomes[one.First] = one.Second);
            }

            return outcomes;
        }
    }
}
