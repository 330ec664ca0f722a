using Actors.Policy;

namespace Actors.Ledger;

/// <summary>Versions of the policy, and its shadow.</summary>
public sealed partial class SqliteLedgerStore
{
    private const string SelectPolicies = "SELECT version, at, actor, reason, rolled_back_to, configured, numbers FROM policy_versions";

    private const string InsertPolicy = """
        INSERT INTO policy_versions (version, at, actor, reason, rolled_back_to, configured, numbers)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE ?1 = (SELECT coalesce(max(version) + 1, 0) FROM policy_versions)
        """;

    private const string PutEpoch = "INSERT INTO epochs (business, epoch) VALUES (?1, ?2) ON CONFLICT (business) DO UPDATE SET epoch = excluded.epoch";

    private const string PutShadow = """
        INSERT INTO policy_shadow (id, at, actor, numbers) VALUES (0, ?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, actor = excluded.actor, numbers = excluded.numbers
        """;

    /// <inheritdoc/>
    public Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken) => Writer.RunAsync(
        session =>
        {
            // Read again from the file after this: a failed end leaves in doubt which one holds.
            _epochs.Remove(Fence.OfPolicy);
            return session.Transact(() =>
            {
                session.Prepare(InsertPolicy)
                    .Bind(1, policy.Version).Bind(2, policy.At.Milliseconds).Bind(3, policy.Actor).Bind(4, policy.Reason).Bind(5, policy.RolledBackTo)
                    .Bind(6, policy.Configured).Bind(7, policy.Values).Run();
                if (session.Changes == 0)
                {
                    return false;
                }

                session.Prepare(PutEpoch).Bind(1, Fence.OfPolicy).Bind(2, policy.Version).Run();
                WriteAudit(session, audit);
                return true;
            });
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken) =>
        OneAsync(session => session.Prepare($"{SelectPolicies} ORDER BY version DESC LIMIT 1"), StoredPolicyOf, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare($"{SelectPolicies} WHERE version >= ?1 ORDER BY version LIMIT ?2").Bind(1, from).Bind(2, limit),
        StoredPolicyOf,
        cancellationToken);

    /// <inheritdoc/>
    public Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken) => Writer.RunAsync(
        session => session.Transact(() =>
        {
            session.Prepare(PutShadow).Bind(1, shadow.At.Milliseconds).Bind(2, shadow.Actor).Bind(3, shadow.Values).Run();
            WriteAudit(session, audit);
            return true;
        }),
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken) => OneAsync(
        session => session.Prepare("SELECT at, actor, numbers FROM policy_shadow"),
        row => new StoredShadow(new Instant(row.Int64(0)), row.Text(1), row.Text(2)),
        cancellationToken);

    private static StoredPolicy StoredPolicyOf(SqliteStatement row) => new(
        (uint)row.Int64(0),
        new Instant(row.Int64(1)),
        row.Text(2),
        row.Text(3),
        (uint?)row.OptionalInt64(4),
        row.Text(5),
        row.Text(6));

    private static void WriteAudit(SqliteSession session, AuditEntry line) =>
        session.Prepare("INSERT INTO audit (at, actor, action, business, target, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Bind(1, line.At.Milliseconds).Bind(2, line.Actor).Bind(3, line.Action).Bind(4, line.Business).Bind(5, line.Target).Bind(6, line.Note).Run();
}
