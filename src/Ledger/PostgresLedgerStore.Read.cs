using System.Globalization;
using System.Text;
using Actors.Policy;
using Actors.Policy.Users;
using Npgsql;
using NpgsqlTypes;

namespace Actors.Ledger;

/// <summary>Reads of users, messages, consents, the directory, the audit and secrets.</summary>
public sealed partial class PostgresLedgerStore
{
    private const string MessageColumns =
        "number, direction, business, phone_number, template, category, at, status, delivered_at, read_at, ended_at, feedback, content, key, body, "
        + "callback, explanation, expires_at, devices";

    private static readonly string SelectMany = $"""
        SELECT {MessageColumns.Replace(" content,", " CASE direction WHEN 1 THEN content ELSE '' END,", StringComparison.Ordinal)}, user_id
        FROM unnest($1, $2) AS asked (asked_user, asked_number) JOIN ledger.messages ON user_id = asked_user AND number = asked_number
        """;

    private const string ConsentColumns =
        "user_id, seq, number, business, is_grant, categories, actor, source, at, recorded_at, wording, evidence, hash";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            return await ReadUsersAsync(connection, users, cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken) =>
        (await QueryAsync(
            $"SELECT {MessageColumns} FROM ledger.messages WHERE user_id = $1 AND number = $2", ReadMessage, cancellationToken, Long(user), Long(number)))
        .FirstOrDefault();

    /// <inheritdoc/>
    public async Task<StoredMessage?> FindMessageAsync(long user, ulong key, CancellationToken cancellationToken) =>
        (await QueryAsync(
            $"SELECT {MessageColumns} FROM ledger.messages WHERE user_id = $1 AND key = $2 ORDER BY number DESC LIMIT 1",
            ReadMessage,
            cancellationToken,
            Long(user),
            Long(unchecked((long)key))))
        .FirstOrDefault();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(
        long user, long after, Direction? direction, int limit, CancellationToken cancellationToken) =>
        await QueryAsync(
            $"""
            SELECT {MessageColumns} FROM ledger.messages
            WHERE user_id = $1 AND number > $2 AND ($3 IS NULL OR direction = $3) AND octet_length(content) > 0 ORDER BY number LIMIT $4
            """,
            ReadMessage,
            cancellationToken,
            Long(user),
            Long(after),
            new NpgsqlParameter { Value = direction is { } way ? (short)way : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Smallint },
            Long(limit));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken) =>
        await QueryAsync(
            SelectMany,
            reader => (reader.GetInt64(reader.FieldCount - 1), ReadMessage(reader)),
            cancellationToken,
            new NpgsqlParameter<long[]> { TypedValue = [.. messages.Select(message => message.User)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. messages.Select(message => message.Number)] });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(long user, CancellationToken cancellationToken) =>
        await QueryAsync(
            $"SELECT {ConsentColumns} FROM ledger.consents WHERE user_id = $1 ORDER BY number", ReadConsent, cancellationToken, Long(user));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(long business, long after, int limit, CancellationToken cancellationToken) =>
        await ReadBusinessConsentsAsync(business, after, await HorizonAsync(LedgerLog.Consents, cancellationToken), limit, cancellationToken);

    /// <summary>The same, up to a place that is final.</summary>
    internal async Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(
        long business, long after, long upTo, int limit, CancellationToken cancellationToken) => await QueryAsync(
            $"SELECT {ConsentColumns} FROM ledger.consents WHERE business = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4",
            ReadConsent,
            cancellationToken,
            Long(business),
            Long(after),
            Long(upTo),
            Long(limit));

    /// <inheritdoc/>
    public async Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken) =>
        (await QueryAsync(
            """
            SELECT coalesce((SELECT epoch FROM ledger.epochs WHERE business = $1), 0),
                   coalesce((SELECT max(version) FROM ledger.grain_changes WHERE source = 'business/' || $1), 0),
                   coalesce((SELECT epoch FROM ledger.epochs WHERE business = $2), 0)
            """,
            reader => new BusinessFence(reader.GetInt64(0), reader.GetInt64(1), (uint)reader.GetInt64(2)),
            cancellationToken,
            Long(business),
            Long(Fence.OfPolicy)))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken)
    {
        // What isn't asked for isn't in the question: so the plan of each kind of question can use the index that fits it.
        var sql = new StringBuilder("SELECT kind, id, business, name, language, status, at FROM ledger.directory WHERE id > $1 AND kind = $2");
        var parameters = new List<NpgsqlParameter> { Long(query.After), Short((short)query.Kind) };
        if (query.Business is { } business)
        {
            Where("business =", Long(business));
        }

        Where(query.Status is null ? "status <>" : "status =", Text(query.Status ?? "DELETED"));
        if (query.Name is { } name)
        {
            Where("name =", Text(name));
        }

        if (query.Search is { Length: > 0 } search)
        {
            Where("0 < strpos(folded,", Text(Fold(search)), ")");
        }

        parameters.Add(Long(query.Limit));
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY id LIMIT ${parameters.Count}");
        return await QueryAsync(sql.ToString(), ReadDirectory, cancellationToken, [.. parameters]);

        void Where(string condition, NpgsqlParameter value, string end = "")
        {
            parameters.Add(value);
            sql.Append(CultureInfo.InvariantCulture, $" AND {condition} ${parameters.Count}{end}");
        }
    }

    /// <inheritdoc/>
    public async Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken) =>
        (await QueryAsync(
            "SELECT kind, id, business, name, language, status, at FROM ledger.directory WHERE id = $1", ReadDirectory, cancellationToken, Long(id)))
        .FirstOrDefault();

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken) =>
        ReadAuditAsync(after, long.MaxValue, limit, cancellationToken);

    /// <summary>The same, up to a place.</summary>
    internal async Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, long upTo, int limit, CancellationToken cancellationToken) =>
        await QueryAsync(
            "SELECT seq, at, actor, action, business, target, note FROM ledger.audit WHERE seq > $1 AND seq <= $3 ORDER BY seq LIMIT $2",
            reader => new StoredAudit(
                reader.GetInt64(0),
                new AuditEntry(
                    new Instant(reader.GetInt64(1)),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetInt64(4),
                    reader.GetString(5),
                    reader.GetString(6))),
            cancellationToken,
            Long(after),
            Long(limit),
            Long(upTo));

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    /// <summary>PostgreSQL keeps no NUL in a text.</summary>
    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value?.Replace('\0', '\uFFFD') ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>Folded here, not by the server, whose rules hang on the locale that the database was made with.</summary>
    private static string Fold(string text) => text.ToLowerInvariant();

    private static async Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(
        NpgsqlConnection connection, IReadOnlyList<long> users, CancellationToken cancellationToken)
    {
        var records = new List<EncodedRecord>(users.Count);
        await using var command = new NpgsqlCommand("SELECT id, version, operation, record FROM ledger.users WHERE id = ANY ($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. users] } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            records.Add(ReadRecord(reader));
        }

        return records;
    }

    private static EncodedRecord ReadRecord(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3));

    private static StoredMessage ReadMessage(NpgsqlDataReader reader) => new()
    {
        Number = reader.GetInt64(0),
        Direction = (Direction)reader.GetInt16(1),
        Business = reader.GetInt64(2),
        PhoneNumber = reader.GetInt64(3),
        Template = reader.GetInt64(4),
        Category = (Category)reader.GetInt16(5),
        At = new Instant(reader.GetInt64(6)),
        Status = (MessageStatus)reader.GetInt16(7),
        DeliveredAt = NullableInstant(reader, 8),
        ReadAt = NullableInstant(reader, 9),
        EndedAt = NullableInstant(reader, 10),
        Feedback = (Feedback)reader.GetInt16(11),
        Content = reader.GetFieldValue<byte[]>(12),
        Key = reader.IsDBNull(13) ? null : unchecked((ulong)reader.GetInt64(13)),
        Body = unchecked((ulong)reader.GetInt64(14)),
        CallbackData = NullableText(reader, 15),
        Explanation = reader.GetFieldValue<byte[]>(16),
        ExpiresAt = NullableInstant(reader, 17),
        Devices = reader.IsDBNull(18) ? [] : DeviceMarksCodec.Decode(reader.GetFieldValue<byte[]>(18)),
    };

    private static StoredConsent ReadConsent(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetInt64(1),
        new ConsentEntry(
            (uint)reader.GetInt32(2),
            reader.GetInt64(3),
            reader.GetBoolean(4),
            (Categories)reader.GetInt16(5),
            (ConsentActor)reader.GetInt16(6),
            (ConsentSource)reader.GetInt16(7),
            new Instant(reader.GetInt64(8)),
            new Instant(reader.GetInt64(9)),
            NullableText(reader, 10),
            NullableText(reader, 11)),
        reader.GetFieldValue<byte[]>(12));

    private static DirectoryEntry ReadDirectory(NpgsqlDataReader reader) => new(
        (DirectoryKind)reader.GetInt16(0),
        reader.GetInt64(1),
        reader.GetInt64(2),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetString(5),
        new Instant(reader.GetInt64(6)));

    private static Instant? NullableInstant(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : new Instant(reader.GetInt64(ordinal));

    private static string? NullableText(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(ordinal));

    private async Task<List<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }

    private Task<long> HorizonAsync(LedgerLog log, CancellationToken cancellationToken) =>
        OutageAsync(() => _horizons[(int)log].ReadAsync(cancellationToken));
}
