using Actors.Policy.Users;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Actors.Ledger;

public sealed partial class SqliteLedgerStore
{
    /// <inheritdoc/>
    public Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken) =>
        Writer.RunAsync(session => Write(session, batch), cancellationToken);

    /// <inheritdoc/>
    public Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken) =>
        Writer.RunAsync(
            session => session.Transact(() =>
            {
                // A transaction whose end failed may stand in the log and come back to life after a crash. The next durable one is written over it.
                session.Execute("UPDATE marks SET value = value + 1 WHERE name = 'probe'");
                var outcomes = new CommitOutcome[batch.Count];
                for (var i = 0; i < outcomes.Length; i++)
                {
                    outcomes[i] = OutcomeOf(session, batch[i]);
                }

                return outcomes;
            }),
            cancellationToken);

    /// <inheritdoc/>
    public Task AppendAsync(GrainChange change, CancellationToken cancellationToken) =>
        Writer.RunAsync(session => Append(session, change), cancellationToken);

    /// <inheritdoc/>
    public Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken) =>
        Writer.RunAsync(
            session => session.Transact(() =>
            {
                session.Prepare(PutPosition).Bind(1, reader).Bind(2, position).Run();
                return true;
            }),
            cancellationToken);

    private CommitOutcome[] Write(SqliteSession session, IReadOnlyList<EncodedCommit> batch)
    {
        if (!batch.Any(commit => commit.Change.Steps.Any(step => step.DropsContent)))
        {
            return WriteBatch(session, batch);
        }

        // What is dropped is overwritten, also where that costs a page.
        session.Execute("PRAGMA secure_delete = ON");
        try
        {
            return WriteBatch(session, batch);
        }
        finally
        {
            session.Execute("PRAGMA secure_delete = FAST");
        }
    }

    private CommitOutcome[] WriteBatch(SqliteSession session, IReadOnlyList<EncodedCommit> batch)
    {
        var outcomes = new CommitOutcome[batch.Count];
        var seq = _seq;
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            for (var i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = WriteOne(session, batch[i], ref seq);
            }
        }
        catch (Exception exception) when (exception is not SqliteException sqlite || IsAboutTheRow(sqlite))
        {
            session.Rollback();
            throw new BatchRejectedException("SQLite refuses a row of the batch.", exception);
        }

        try
        {
            session.Execute("COMMIT");
        }
        catch (SqliteException exception) when (!session.InTransaction)
        {
            throw new UnknownOutcomeException(null, exception);
        }

        Volatile.Write(ref _seq, seq);
        return outcomes;
    }

    private static bool IsAboutTheRow(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_TOOBIG or raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH;

    private CommitOutcome WriteOne(SqliteSession session, EncodedCommit commit, ref long seq)
    {
        if (commit.Policy is { } policy && policy != EpochOf(session, Fence.OfPolicy))
        {
            return CommitOutcome.OldPolicy;
        }

        if (commit.Fence is { } fence && fence.Epoch != EpochOf(session, fence.Business))
        {
            return CommitOutcome.Stale;
        }

        session.Prepare(commit.ExpectedVersion == 0 ? InsertUser : UpdateUser)
            .Bind(1, commit.User).Bind(2, commit.ExpectedVersion).Bind(3, commit.Operation).Bind(4, commit.Record.Span).Run();
        if (session.Changes == 0)
        {
            return CommitOutcome.Conflict;
        }

        var change = commit.Change;
        if (change.Message is { } message)
        {
            session.Prepare(InsertMessage)
                .Bind(1, commit.User).Bind(2, message.Number).Bind(3, (long)message.Direction).Bind(4, message.Business).Bind(5, message.PhoneNumber)
                .Bind(6, message.Template).Bind(7, (long)message.Category).Bind(8, message.At.Milliseconds).Bind(9, (long?)message.Key)
                .Bind(10, (long)message.Body).Bind(11, message.CallbackData).Bind(12, message.Explanation.Span).Bind(13, message.Content.Span)
                .Bind(14, message.ExpiresAt?.Milliseconds).Run();
        }

        foreach (var step in change.Steps)
        {
            session.Prepare(step.DropsContent ? UpdateAndEmptyMessage : UpdateMessage)
                .Bind(1, commit.User).Bind(2, step.Number).Bind(3, (long)step.Status).Bind(4, step.DeliveredAt?.Milliseconds)
                .Bind(5, step.ReadAt?.Milliseconds).Bind(6, step.EndedAt?.Milliseconds).Bind(7, (long)step.Feedback)
                .BindOrNull(8, step.Devices.IsDefault ? null : DeviceMarksCodec.Encode(step.Devices)).Run();
        }

        for (var i = 0; i < change.Consents.Length; i++)
        {
            var entry = change.Consents[i];
            session.Prepare(InsertConsent)
                .Bind(1, commit.User).Bind(2, entry.Number).Bind(3, entry.Business).Bind(4, entry.Grant ? 1 : 0).Bind(5, (long)entry.Categories)
                .Bind(6, (long)entry.By).Bind(7, (long)entry.Source).Bind(8, entry.At.Milliseconds).Bind(9, entry.RecordedAt.Milliseconds)
                .Bind(10, entry.Wording).Bind(11, entry.Evidence).Bind(12, commit.ConsentHashes[i].Span).Run();
        }

        for (var i = 0; i < change.Events.Length; i++)
        {
            WriteEvent(session, ++seq, commit.User, change.Events[i], commit.EventBodies[i]);
        }

        return CommitOutcome.Committed;
    }

    private static void WriteEvent(SqliteSession session, long seq, long user, in UserEvent @event, byte[] body) =>
        session.Prepare(InsertEvent)
            .Bind(1, seq).Bind(2, @event.At.Milliseconds).Bind(3, user).Bind(4, @event.Business).Bind(5, @event.Message).Bind(6, (long)@event.Kind)
            .Bind(7, body).Run();

    private static CommitOutcome OutcomeOf(SqliteSession session, EncodedCommit commit)
    {
        var (version, operation) = (0L, 0L);
        var select = session.Prepare("SELECT version, operation FROM users WHERE id = ?1").Bind(1, commit.User);
        if (select.Step())
        {
            (version, operation) = (select.Int64(0), select.Int64(1));
        }

        select.Reset();
        return CommitOutcomes.Of(commit, version, operation);
    }

    private long EpochOf(SqliteSession session, long business)
    {
        if (!_epochs.TryGetValue(business, out var epoch))
        {
            epoch = ReadEpoch(session, business);
            _epochs.Add(business, epoch);
        }

        return epoch;
    }

    private static long ReadEpoch(SqliteSession session, long business)
    {
        var select = session.Prepare("SELECT epoch FROM epochs WHERE business = ?1").Bind(1, business);
        var epoch = select.Step() ? select.Int64(0) : 0;
        select.Reset();
        return epoch;
    }

    private bool Append(SqliteSession session, GrainChange change)
    {
        var seq = _seq;

        // Read again from the file after this: a failed end leaves in doubt which one holds.
        _epochs.Remove(change.Business);
        var taken = session.Transact(() =>
        {
            session.Prepare(TakeSource).Bind(1, change.Source).Bind(2, change.Version).Run();
            if (session.Changes == 0)
            {
                return false;
            }

            if (change.MovesEpoch)
            {
                session.Prepare("INSERT INTO epochs (business, epoch) VALUES (?1, 1) ON CONFLICT (business) DO UPDATE SET epoch = epoch + 1")
                    .Bind(1, change.Business).Run();
            }

            foreach (var line in change.Events)
            {
                var @event = new UserEvent(line.Kind, line.At, change.Business, Template: line.Template);
                WriteEvent(session, ++seq, 0, @event, EventCodec.Encode(@event, line.Text));
            }

            foreach (var line in change.Audit)
            {
                WriteAudit(session, line);
            }

            foreach (var entry in change.Directory)
            {
                session.Prepare(PutDirectory)
                    .Bind(1, entry.Id).Bind(2, (long)entry.Kind).Bind(3, entry.Business).Bind(4, entry.Name).Bind(5, Fold(entry.Name))
                    .Bind(6, entry.Language).Bind(7, entry.Status).Bind(8, entry.At.Milliseconds).Run();
            }

            return true;
        });
        Volatile.Write(ref _seq, seq);
        return taken;
    }

    /// <summary>Letters compared whatever their case.</summary>
    private static string Fold(string text) => text.ToUpperInvariant();

    private const string InsertUser = "INSERT INTO users (id, version, operation, record) VALUES (?1, ?2 + 1, ?3, ?4) ON CONFLICT DO NOTHING";

    private const string UpdateUser = "UPDATE users SET version = ?2 + 1, operation = ?3, record = ?4 WHERE id = ?1 AND version = ?2";

    private const string InsertMessage = """
        INSERT INTO messages (user, number, direction, business, phone_number, template, category, at, status, feedback, idempotency, body, callback_data,
            explanation, content, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, ?9, ?10, ?11, ?12, ?13, ?14)
        """;

    private const string UpdateMessage = """
        UPDATE messages SET status = ?3, delivered_at = ?4, read_at = ?5, ended_at = ?6, feedback = ?7, devices = coalesce(?8, devices)
        WHERE user = ?1 AND number = ?2
        """;

    private const string UpdateAndEmptyMessage = """
        UPDATE messages SET status = ?3, delivered_at = ?4, read_at = ?5, ended_at = ?6, feedback = ?7, devices = coalesce(?8, devices),
            content = zeroblob(0)
        WHERE user = ?1 AND number = ?2
        """;

    private const string InsertConsent = """
        INSERT INTO consents (user, number, business, granted, categories, actor, source, at, recorded_at, wording, evidence, hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """;

    private const string InsertEvent = "INSERT INTO events (seq, at, user, business, message, kind, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    private const string TakeSource = """
        INSERT INTO sources (source, version) VALUES (?1, ?2)
        ON CONFLICT (source) DO UPDATE SET version = excluded.version WHERE version < excluded.version
        """;

    private const string PutPosition = """
        INSERT INTO readers (name, position) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE position < excluded.position
        """;

    private const string PutDirectory = """
        INSERT INTO directory (id, kind, business, name, folded, language, status, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (id) DO UPDATE SET kind = ?2, business = ?3, name = ?4, folded = ?5, language = ?6, status = ?7, at = ?8
        """;
}
