using System.Globalization;
using System.Text;

namespace Actors.Ledger;

/// <summary>
/// Composes the statement that writes a batch. Users first: who wins there has its transaction id, and only winners leave other rows.
/// </summary>
/// <remarks>
/// New users before old ones, each in ascending order: so writers can't wait for each other in a circle. One that adds waits for others that add, in
/// order, or for those that change; one that changes waits only for others that change, in order: it doesn't see rows that others have added and not
/// committed.
/// Arrays are unfolded side by side in the list of columns: in FROM, each would first be copied as a whole (a tenth of all the work).
/// <c>(… IN (SELECT …)) IS TRUE</c> keeps the planner from making a join of it: the winners become a hash table, asked once a row.
/// The order of parameters is that of <see cref="PostgresBatch"/>.
/// </remarks>
internal sealed class PostgresWriteSql
{
    private const string Won = "(x.user_id IN (SELECT id FROM won)) IS TRUE";

    private static readonly string Stale = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        WHEN i.fence = ANY ((SELECT old_policies FROM stale)::bigint[]) THEN {(int)CommitOutcome.OldPolicy}
        WHEN i.fence = ANY ((SELECT places FROM stale)::bigint[]) THEN {(int)CommitOutcome.Stale}
        """);

    private readonly StringBuilder _sql = new("WITH ");
    private int _parameters;

    private PostgresWriteSql()
    {
    }

    /// <summary>The statement for batches that have these parts.</summary>
    public static string Compose(BatchParts parts)
    {
        var sql = new PostgresWriteSql();
        sql.Users(parts);
        if (parts.HasFlag(BatchParts.Messages))
        {
            sql.Insert(
                "messages", "user_id, number, business, phone_number, template, at, key, body, direction, category, explanation, callback, content, "
                + "expires_at");
        }

        if (parts.HasFlag(BatchParts.Steps))
        {
            sql.Append(
                $"""
                steps AS (
                    UPDATE ledger.messages m
                    SET status = x.status, feedback = x.feedback, delivered_at = x.delivered_at, read_at = x.read_at, ended_at = x.ended_at,
                        content = CASE WHEN x.drops THEN ''::bytea ELSE m.content END, devices = coalesce(x.devices, m.devices)
                    FROM {sql.Rows("user_id, number, status, feedback, delivered_at, read_at, ended_at, drops, devices")} AS x
                    WHERE m.user_id = x.user_id AND m.number = x.number AND {Won}),

                """);
        }

        if (parts.HasFlag(BatchParts.Consents))
        {
            sql.Insert("consents", "user_id, number, business, at, recorded_at, is_grant, categories, actor, source, wording, evidence, hash");
        }

        sql.Insert("events", "user_id, at, business, message, kind, body");
        return sql.Losers(parts.HasFlag(BatchParts.Fences));
    }

    private void Users(BatchParts parts)
    {
        // A commit names its fence by its place among the fences, from 1; 0 is none.
        var fenced = parts.HasFlag(BatchParts.Fences);
        var rows = Rows(fenced ? "id, expected, operation, record, fence" : "id, expected, operation, record");
        var current = "true";
        if (fenced)
        {
            current = "i.fence <> ALL ((SELECT places FROM stale)::bigint[])";
            Append(
                $"""
                stale AS MATERIALIZED (
                    SELECT coalesce(array_agg(f.place), ARRAY[]::bigint[]) AS places,
                        coalesce(array_agg(f.place) FILTER (WHERE f.old_policy), ARRAY[]::bigint[]) AS old_policies
                    FROM (
                        SELECT f.place, coalesce(e.epoch, 0) <> f.epoch AS moved,
                            f.policy >= 0 AND f.policy <> coalesce((SELECT epoch FROM ledger.epochs WHERE business = {Fence.OfPolicy}), 0) AS old_policy
                        FROM unnest({Next()}, {Next()}, {Next()}) WITH ORDINALITY AS f (business, epoch, policy, place)
                        LEFT JOIN ledger.epochs e ON e.business = f.business) AS f
                    WHERE f.moved OR f.old_policy),

                """);
        }

        var winners = new List<string>();
        if (parts.HasFlag(BatchParts.NewUsers))
        {
            winners.Add("added");
            Append(
                $"""
                added AS (
                    INSERT INTO ledger.users (id, version, operation, record)
                    SELECT i.id, 1, i.operation, i.record FROM {rows} AS i
                    WHERE i.expected = 0 AND {current}
                    ON CONFLICT (id) DO NOTHING
                    RETURNING id),

                """);
        }

        if (parts.HasFlag(BatchParts.OldUsers))
        {
            winners.Add("changed");
            Append(
                $"""
                changed AS (
                    UPDATE ledger.users u SET version = u.version + 1, operation = i.operation, record = i.record FROM {rows} AS i
                    WHERE u.id = i.id AND u.version = i.expected AND i.expected > 0 AND {current}
                    RETURNING u.id),

                """);
        }

        Append($"won AS (SELECT id FROM {string.Join(" UNION ALL SELECT id FROM ", winners)}),\n");
    }

    private void Insert(string table, string columns) => Append(
        $"""
        {table} AS (
            INSERT INTO ledger.{table} ({columns})
            SELECT {columns} FROM {Rows(columns)} AS x WHERE {Won}),

        """);

    /// <summary>The places, from 1, of the commits that lost, and their outcome's number; nothing where all won.</summary>
    private string Losers(bool fenced)
    {
        _sql.Length -= ",\n".Length;
        Append(
            $"""

            SELECT i.place, CASE {(fenced ? Stale : "")} WHEN true THEN {(int)CommitOutcome.Conflict} END
            FROM unnest($1{(fenced ? ", $5" : "")}) WITH ORDINALITY AS i (id{(fenced ? ", fence" : "")}, place)
            WHERE (SELECT count(*) FROM won) < cardinality($1) AND i.id NOT IN (SELECT id FROM won)
            """);
        return _sql.ToString();
    }

    /// <summary>The next parameters, unfolded, one for each column.</summary>
    private string Rows(string columns) => $"(SELECT {string.Join(", ", columns.Split(", ").Select(column => $"unnest({Next()}) AS {column}"))})";

    private string Next() => string.Create(CultureInfo.InvariantCulture, $"${++_parameters}");

    private void Append(string text) => _sql.Append(text);
}
