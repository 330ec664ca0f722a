using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Actors.Ledger;

/// <summary>One connection and its prepared statements, for one thread.</summary>
/// <remarks>
/// Statements go to SQLite directly: a command object with its parameters and reader costs more than the insert that it stands for, and a batch has thousands.
/// </remarks>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    public SqliteSession(string path)
    {
        var options = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        _connection = new SqliteConnection(options.ConnectionString);
        _connection.Open();
        Database = _connection.Handle!;
        Execute("PRAGMA busy_timeout = 5000");
    }

    public sqlite3 Database { get; }

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Database) == 0;

    /// <summary>Rows that the statement before changed.</summary>
    public int Changes => raw.sqlite3_changes(Database);

    /// <summary>A statement, prepared on first use, without row or binding of an earlier one.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(Database, sql);
            _statements.Add(sql, statement);
        }

        return statement.Reset();
    }

    /// <summary>Runs statements that need no binding, one after the other.</summary>
    public void Execute(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(Database, sql), Database);

    /// <summary>The only number of a statement without bindings.</summary>
    public long Number(string sql)
    {
        var statement = Prepare(sql);
        var value = statement.Step() ? statement.Int64(0) : throw new InvalidDataException("A row is missing in the ledger's file.");
        statement.Reset();
        return value;
    }

    /// <summary>The only text of a statement without bindings.</summary>
    public string Text(string sql)
    {
        var statement = Prepare(sql);
        var value = statement.Step() ? statement.Text(0) : "";
        statement.Reset();
        return value;
    }

    /// <summary>Runs <paramref name="work"/> in a transaction of its own, durable when this returns; rolled back when it throws.</summary>
    public T Transact<T>(Func<T> work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work();
            Execute("COMMIT");
            return result;
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Rolls back what is open, if anything is.</summary>
    public void Rollback()
    {
        // A statement that failed in the middle would keep the transaction busy.
        foreach (var statement in _statements.Values)
        {
            statement.Reset();
        }

        if (InTransaction)
        {
            // Should it fail, too, the next transaction can't begin, and says so.
            _ = raw.sqlite3_exec(Database, "ROLLBACK");
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }
}

/// <summary>A prepared statement. Bindings are numbered from 1, columns from 0.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public SqliteStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, index, number) : raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, index, 0) : raw.sqlite3_bind_blob(_statement, index, value));
        return this;
    }

    public SqliteStatement BindOrNull(int index, byte[]? value)
    {
        if (value is not null)
        {
            return Bind(index, value.AsSpan());
        }

        Check(raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    public SqliteStatement Bind(int index, string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(_statement, index) : raw.sqlite3_bind_text(_statement, index, value));
        return this;
    }

    /// <summary>Goes on to the next row; false when there is none.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is raw.SQLITE_ROW)
        {
            return true;
        }

        if (code is not raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }

        return false;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? OptionalInt64(int column) => IsNull(column) ? null : Int64(column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    public string? OptionalText(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Span(int column) => raw.sqlite3_column_blob(_statement, column);

    public byte[] Bytes(int column) => Span(column).ToArray();

    public SqliteStatement Reset()
    {
        // Its code repeats that of the step before, which was already told.
        raw.sqlite3_reset(_statement);
        return this;
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}
