using System.Text;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

public sealed partial class SqliteLedgerStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken) =>
        ReaderPool.RunAsync<IReadOnlyList<EncodedRecord>>(
            session =>
            {
                var records = new List<EncodedRecord>(users.Count);

                // In one transaction: each of its own would lock and unlock the log's index.
                session.Execute("BEGIN");
                foreach (var user in users)
                {
                    var select = session.Prepare("SELECT version, operation, record FROM users WHERE id = ?1").Bind(1, user);
                    if (select.Step())
                    {
                        records.Add(new EncodedRecord(user, select.Int64(0), select.Int64(1), select.Bytes(2)));
                    }

                    select.Reset();
                }

                session.Execute("COMMIT");
                return records;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken) => OneAsync(
        session => session.Prepare(SelectOne).Bind(1, user).Bind(2, number), Message, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredMessage?> FindMessageAsync(long user, ulong key, CancellationToken cancellationToken) => OneAsync(
        session => session.Prepare($"{SelectMessage} AND idempotency = ?2 ORDER BY number DESC LIMIT 1").Bind(1, user).Bind(2, (long)key),
        Message,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(
        long user, long after, Direction? direction, int limit, CancellationToken cancellationToken) => AllAsync(
            session => session.Prepare($"{SelectMessage} AND number > ?2 AND (?3 IS NULL OR direction = ?3) AND length(content) > 0 ORDER BY number LIMIT ?4")
                .Bind(1, user).Bind(2, after).Bind(3, (long?)direction).Bind(4, limit),
            Message,
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken) =>
        ReaderPool.RunAsync<IReadOnlyList<(long, StoredMessage)>>(
            session =>
            {
                var found = new List<(long, StoredMessage)>(messages.Count);

                // In one transaction: each of its own would lock and unlock the log's index.
                session.Execute("BEGIN");
                foreach (var (user, number) in messages)
                {
                    var select = session.Prepare(SelectOne).Bind(1, user).Bind(2, number);
                    if (select.Step())
                    {
                        found.Add((user, Message(select, withContent: (Direction)select.Int64(1) == Direction.FromUser)));
                    }

                    select.Reset();
                }

                session.Execute("COMMIT");
                return found;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(long user, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare($"{SelectConsents} WHERE user = ?1 ORDER BY number").Bind(1, user), Consent, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(long business, long after, int limit, CancellationToken cancellationToken) =>
        AllAsync(
            session => session.Prepare($"{SelectConsents} WHERE business = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")
                .Bind(1, business).Bind(2, after).Bind(3, limit),
            Consent,
            cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One writer gives the places in the order in which it commits: what is durable is final.</remarks>
    public Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => Task.FromResult(Volatile.Read(ref _seq));

    /// <inheritdoc/>
    public Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(long? business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        AllAsync(
            session => business is { } one
                ? session.Prepare($"{SelectEvents} WHERE business = ?4 AND seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3")
                    .Bind(1, after).Bind(2, upTo).Bind(3, limit).Bind(4, one)
                : session.Prepare($"{SelectEvents} WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3").Bind(1, after).Bind(2, upTo).Bind(3, limit),
            Event,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken)
    {
        var rows = await AllAsync(
            session => session.Prepare(
                $"""
                SELECT e.seq, m.user, m.number
                FROM (SELECT seq, user, message, kind FROM events WHERE business = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4) e
                LEFT JOIN messages m ON e.kind = {(int)EventKind.Accepted} AND m.user = e.user AND m.number = e.message
                    AND m.status = {(int)MessageStatus.Accepted}
                ORDER BY e.seq
                """)
                .Bind(1, business).Bind(2, after).Bind(3, upTo).Bind(4, limit),
            row => (Seq: row.Int64(0), User: row.OptionalInt64(1) ?? 0, Number: row.OptionalInt64(2) ?? 0),
            cancellationToken);
        return new UndeliveredPage([.. rows.Where(row => row.Number > 0).Select(row => (row.User, row.Number))], rows.Count == limit ? rows[^1].Seq : upTo);
    }

    /// <inheritdoc/>
    public Task<long> ReadEarliestAsync(CancellationToken cancellationToken) => Task.FromResult(Volatile.Read(ref _dropped));

    /// <inheritdoc/>
    public Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) => ReaderPool.RunAsync(
        session =>
        {
            var select = session.Prepare("SELECT position FROM readers WHERE name = ?1").Bind(1, reader);
            var position = select.Step() ? select.Int64(0) : 0;
            select.Reset();
            return position;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken) => ReaderPool.RunAsync(
        session =>
        {
            var select = session.Prepare(
                """
                SELECT coalesce((SELECT epoch FROM epochs WHERE business = ?1), 0), coalesce((SELECT version FROM sources WHERE source = ?2), 0),
                    coalesce((SELECT epoch FROM epochs WHERE business = ?3), 0)
                """)
                .Bind(1, business).Bind(2, GrainChange.BusinessSource(business)).Bind(3, Fence.OfPolicy);
            select.Step();
            var fence = new BusinessFence(select.Int64(0), select.Int64(1), (uint)select.Int64(2));
            select.Reset();
            return fence;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder(SelectDirectory).Append(" WHERE kind = ?1 AND id > ?2");
        sql.Append(query.Business is null ? "" : " AND business = ?4");
        sql.Append(string.IsNullOrEmpty(query.Status) ? " AND status <> 'DELETED'" : " AND status = ?5");
        sql.Append(string.IsNullOrEmpty(query.Name) ? "" : " AND name = ?6");
        sql.Append(string.IsNullOrEmpty(query.Search) ? "" : " AND instr(folded, ?7) > 0");
        sql.Append(" ORDER BY id LIMIT ?3");
        return AllAsync(
            session =>
            {
                var select = session.Prepare(sql.ToString()).Bind(1, (long)query.Kind).Bind(2, query.After).Bind(3, query.Limit);
                _ = query.Business is { } business ? select.Bind(4, business) : select;
                _ = string.IsNullOrEmpty(query.Status) ? select : select.Bind(5, query.Status);
                _ = string.IsNullOrEmpty(query.Name) ? select : select.Bind(6, query.Name);
                return string.IsNullOrEmpty(query.Search) ? select : select.Bind(7, Fold(query.Search));
            },
            Entry,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken) => OneAsync(
        session => session.Prepare($"{SelectDirectory} WHERE id = ?1").Bind(1, id), Entry, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare("SELECT seq, at, actor, action, business, target, note FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2")
            .Bind(1, after).Bind(2, limit),
        Audit,
        cancellationToken);

    private Task<T?> OneAsync<T>(Func<SqliteSession, SqliteStatement> ask, Func<SqliteStatement, T> map, CancellationToken cancellationToken) where T : class =>
        ReaderPool.RunAsync(
            session =>
            {
                var select = ask(session);
                var row = select.Step() ? map(select) : null;
                select.Reset();
                return row;
            },
            cancellationToken);

    private Task<IReadOnlyList<T>> AllAsync<T>(Func<SqliteSession, SqliteStatement> ask, Func<SqliteStatement, T> map, CancellationToken cancellationToken) =>
        ReaderPool.RunAsync<IReadOnlyList<T>>(
            session =>
            {
                var select = ask(session);
                var rows = new List<T>();
                while (select.Step())
                {
                    rows.Add(map(select));
                }

                select.Reset();
                return rows;
            },
            cancellationToken);

    private static Instant? OptionalInstant(SqliteStatement row, int column) => row.OptionalInt64(column) is { } at ? new Instant(at) : null;

    private static StoredMessage Message(SqliteStatement row) => Message(row, withContent: true);

    private static StoredMessage Message(SqliteStatement row, bool withContent) => new()
    {
        Number = row.Int64(0),
        Direction = (Direction)row.Int64(1),
        Business = row.Int64(2),
        PhoneNumber = row.Int64(3),
        Template = row.Int64(4),
        Category = (Category)row.Int64(5),
        At = new Instant(row.Int64(6)),
        Status = (MessageStatus)row.Int64(7),
        DeliveredAt = OptionalInstant(row, 8),
        ReadAt = OptionalInstant(row, 9),
        EndedAt = OptionalInstant(row, 10),
        Feedback = (Feedback)row.Int64(11),
        Key = (ulong?)row.OptionalInt64(12),
        Body = (ulong)row.Int64(13),
        CallbackData = row.OptionalText(14),
        Explanation = row.Bytes(15),
        Content = withContent ? row.Bytes(16) : default,
        ExpiresAt = OptionalInstant(row, 17),
        Devices = DeviceMarksCodec.Decode(row.Span(18)),
    };

    private static StoredConsent Consent(SqliteStatement row) => new(
        row.Int64(1),
        row.Int64(0),
        new ConsentEntry(
            (uint)row.Int64(2),
            row.Int64(3),
            row.Int64(4) != 0,
            (Categories)row.Int64(5),
            (ConsentActor)row.Int64(6),
            (ConsentSource)row.Int64(7),
            new Instant(row.Int64(8)),
            new Instant(row.Int64(9)),
            row.OptionalText(10),
            row.OptionalText(11)),
        row.Bytes(12));

    private static LedgerEvent Event(SqliteStatement row) => EventCodec.Decode(
        row.Int64(0), (byte)row.Int64(5), new Instant(row.Int64(1)), row.Int64(2), row.Int64(3), row.Int64(4), row.Span(6));

    private static DirectoryEntry Entry(SqliteStatement row) => new(
        (DirectoryKind)row.Int64(1), row.Int64(0), row.Int64(2), row.Text(3), row.Text(4), row.Text(5), new Instant(row.Int64(6)));

    private static StoredAudit Audit(SqliteStatement row) => new(
        row.Int64(0), new AuditEntry(new Instant(row.Int64(1)), row.Text(2), row.Text(3), row.Int64(4), row.Text(5), row.Text(6)));

    private const string SelectMessage = """
        SELECT number, direction, business, phone_number, template, category, at, status, delivered_at, read_at, ended_at, feedback, idempotency, body,
            callback_data, explanation, content, expires_at, devices
        FROM messages WHERE user = ?1
        """;

    private const string SelectOne = $"{SelectMessage} AND number = ?2";

    private const string SelectConsents = """
        SELECT seq, user, number, business, granted, categories, actor, source, at, recorded_at, wording, evidence, hash FROM consents
        """;

    private const string SelectEvents = "SELECT seq, at, user, business, message, kind, body FROM events";

    private const string SelectDirectory = "SELECT id, kind, business, name, language, status, at FROM directory";
}
