using Actors.Policy;
using Npgsql;
using NpgsqlTypes;

namespace Actors.Ledger;

/// <summary>Versions of the policy, and its shadow.</summary>
public sealed partial class PostgresLedgerStore
{
    private const string SelectPolicies = "SELECT version, at, actor, reason, rolled_back_to, configured, numbers FROM ledger.policy_versions";

    /// <inheritdoc/>
    public async Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken)
    {
        var committing = false;
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

            // Waits for the batches in flight, which hold this lock shared; those behind see the new version. Others who change it wait, too.
            await ExecuteAsync(
                connection, $"SELECT pg_advisory_xact_lock({PostgresWriter.LockSpace}, {PostgresWriter.PolicySlot})", cancellationToken);
            var isNext = await ExecuteAsync(
                connection,
                """
                INSERT INTO ledger.policy_versions (version, at, actor, reason, rolled_back_to, configured, numbers)
                SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $1 = (SELECT coalesce(max(version) + 1, 0) FROM ledger.policy_versions)
                """,
                cancellationToken,
                Long(policy.Version),
                Long(policy.At.Milliseconds),
                Text(policy.Actor),
                Text(policy.Reason),
                new NpgsqlParameter { Value = policy.RolledBackTo is { } to ? (long)to : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                Text(policy.Configured),
                Text(policy.Values)) == 1;
            if (!isNext)
            {
                return false;
            }

            await ExecuteAsync(
                connection,
                "INSERT INTO ledger.epochs (business, epoch) VALUES ($1, $2) ON CONFLICT (business) DO UPDATE SET epoch = excluded.epoch",
                cancellationToken,
                Long(Fence.OfPolicy),
                Long(policy.Version));
            await AddRowsAsync(connection, Audited(audit), cancellationToken);
            committing = true;
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw committing && e is not PostgresException { InvariantSeverity: "ERROR" } ? new UnknownOutcomeException(null, e) : Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken) =>
        (await QueryAsync($"{SelectPolicies} ORDER BY version DESC LIMIT 1", ReadPolicy, cancellationToken)).FirstOrDefault();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken) => await QueryAsync(
        $"{SelectPolicies} WHERE version >= $1 ORDER BY version LIMIT $2", ReadPolicy, cancellationToken, Long(from), Long(limit));

    /// <inheritdoc/>
    public async Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(
                connection,
                """
                INSERT INTO ledger.policy_shadow (id, at, actor, numbers) VALUES (0, $1, $2, $3)
                ON CONFLICT (id) DO UPDATE SET (at, actor, numbers) = (excluded.at, excluded.actor, excluded.numbers)
                """,
                cancellationToken,
                Long(shadow.At.Milliseconds),
                Text(shadow.Actor),
                Text(shadow.Values));
            await AddRowsAsync(connection, Audited(audit), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            // Whether it was committed doesn't matter much: setting it again is harmless.
            throw Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken) => (await QueryAsync(
        "SELECT at, actor, numbers FROM ledger.policy_shadow",
        reader => new StoredShadow(new Instant(reader.GetInt64(0)), reader.GetString(1), reader.GetString(2)),
        cancellationToken)).FirstOrDefault();

    private static GrainChange Audited(AuditEntry audit) => new("policy", 0, 0, MovesEpoch: false) { Audit = [audit] };

    private static StoredPolicy ReadPolicy(NpgsqlDataReader reader) => new(
        (uint)reader.GetInt64(0),
        new Instant(reader.GetInt64(1)),
        reader.GetString(2),
        reader.GetString(3),
        reader.IsDBNull(4) ? null : (uint)reader.GetInt64(4),
        reader.GetString(5),
        reader.GetString(6));
}
