using System.Data.Common;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Data.Sqlite;

namespace Actors.Grains;

/// <summary>What nobody needs any more in the tables of the slow-changing grains.</summary>
internal sealed partial class GrainSchema
{
    private const int RemainsPage = 500;

    private static readonly GrainStateSerializer _serializer = new();

    /// <summary>
    /// Removes the rows of numbers that no code was asked for in the <see cref="Enrolment.Day"/> before an instant. One that is written meanwhile stays; an
    /// activation that still holds a removed one writes it anew.
    /// </summary>
    public async Task ForgetEnrolmentsAsync(Instant now, CancellationToken cancellationToken)
    {
        await using var connection = Connect();
        await connection.OpenAsync(cancellationToken);
        for (var (n1, n0, isMore) = (long.MinValue, long.MinValue, true); isMore;)
        {
            var (old, read) = (new List<(long N1, long N0, int Version)>(), 0);
            await using (var select = Command(
                connection,
                $"""
                SELECT n1, n0, version, payload FROM grain_state
                WHERE grain_type = 'enrolment' AND (n1, n0) > (@n1, @n0) ORDER BY n1, n0 LIMIT {RemainsPage}
                """,
                ("n1", n1),
                ("n0", n0)))
            await using (var row = await select.ExecuteReaderAsync(cancellationToken))
            {
                for (; await row.ReadAsync(cancellationToken); read++)
                {
                    (n1, n0) = (row.GetInt64(0), row.GetInt64(1));
                    var payload = await row.IsDBNullAsync(3, cancellationToken) ? null : await row.GetFieldValueAsync<byte[]>(3, cancellationToken);
                    var asked = payload is null ? [] : _serializer.Deserialize<EnrolmentState>(new BinaryData(payload)).Asked;
                    if (asked is not [.., var last] || last + Enrolment.Day <= now)
                    {
                        old.Add((n1, n0, row.GetInt32(2)));
                    }
                }
            }

            foreach (var (oldN1, oldN0, version) in old)
            {
                await using var delete = Command(
                    connection,
                    "DELETE FROM grain_state WHERE grain_type = 'enrolment' AND n1 = @n1 AND n0 = @n0 AND version = @version",
                    ("n1", oldN1),
                    ("n0", oldN0),
                    ("version", version));
                await delete.ExecuteNonQueryAsync(cancellationToken);
            }

            isMore = read == RemainsPage;
        }
    }

    /// <summary>
    /// Writes SQLite's file anew without what was in it before, and empties its log; false where somebody reads it just now. Orleans' storage opens the file
    /// without <c>secure_delete</c>. On PostgreSQL that is left to vacuum.
    /// </summary>
    public async Task<bool> OverwriteAsync(CancellationToken cancellationToken)
    {
        if (_file is null)
        {
            return true;
        }

        await using var connection = Connect();
        await connection.OpenAsync(cancellationToken);
        await using var vacuum = Command(connection, "VACUUM");
        await vacuum.ExecuteNonQueryAsync(cancellationToken);
        await using var checkpoint = Command(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        return await checkpoint.ExecuteScalarAsync(cancellationToken) is 0L;
    }

    private DbConnection Connect() => _postgres is null ? new SqliteConnection(_file) : _postgres.CreateConnection();

    private static DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
