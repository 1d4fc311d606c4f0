using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;

namespace VecSQL.Engine.Sessions;

/// <summary>A client's session as the doors (PostgreSQL wire, tests, Flight later) see it. Knows no protocol bytes.</summary>
/// <remarks>
/// Threads: one call at a time, except <see cref="Cancel"/>. A failed call throws <see cref="SqlException"/> and leaves the session usable;
/// inside a transaction block it leaves the transaction failed, as in PostgreSQL.
/// </remarks>
public interface ISqlSession : IAsyncDisposable
{
    int BackendId { get; }

    int SecretKey { get; }

    TransactionStatus Status { get; }

    FormatContext Format { get; }

    /// <summary>The settings reported to clients by ParameterStatus, with their values now.</summary>
    IReadOnlyList<KeyValuePair<string, string>> ReportedSettings { get; }

    /// <summary>A reported setting changed (also by a rollback): name, new value.</summary>
    event Action<string, string>? SettingChanged;

    /// <summary>A NOTICE, WARNING or the like for the client.</summary>
    event Action<SqlNotice>? NoticeRaised;

    event Action<SqlNotification>? Notified;

    /// <summary>The session was ended from outside (pg_terminate_backend, an idle timeout); raised once, on any thread. What is called
    /// after it fails with <see cref="EndReason"/>; the door tells the client and disposes the session.</summary>
    event Action? Ended;

    /// <summary>Why the session was ended from outside; null while it was not.</summary>
    SqlException? EndReason { get; }

    /// <summary>Parses a script for the simple protocol. The statements run one by one through <see cref="RunAsync"/>.</summary>
    /// <exception cref="SqlException">42601; also 25P02 where the transaction has failed and the statement does not end it.</exception>
    IReadOnlyList<ScriptStatement> ParseScript(string sql);

    /// <summary>Runs a statement of a script; those of one script share an implicit transaction that <see cref="EndScriptAsync"/> ends.</summary>
    ValueTask<IStatementResult> RunAsync(ScriptStatement statement, CancellationToken cancellation);

    /// <summary>Parses and analyses one statement for the extended protocol; a named one may be executed until deallocated.</summary>
    /// <param name="name">Empty for the unnamed statement, which is replaced silently.</param>
    /// <exception cref="SqlException">42P05: the name is taken. 42601: more than one statement.</exception>
    ValueTask<PreparedStatementInfo> PrepareAsync(
        string name, string sql, ImmutableArray<uint> parameterTypes, CancellationToken cancellation);

    /// <exception cref="SqlException">26000: no such statement.</exception>
    PreparedStatementInfo Describe(string statementName);

    /// <summary>Binds parameter values to a statement, making a portal.</summary>
    /// <param name="parameters">One constant column per parameter, of the parameter types' physical types.</param>
    ValueTask<IStatementResult> BindAsync(
        string portalName, string statementName, Column[] parameters, CancellationToken cancellation);

    /// <summary>The portal (protocol or DECLARE CURSOR); null where there is none.</summary>
    IStatementResult? FindPortal(string name);

    ValueTask ClosePortalAsync(string name);

    ValueTask CloseStatementAsync(string name);

    /// <summary>Opens a query that is a plain scan of one table (columns of it, and nothing else) for being read in parts.</summary>
    /// <returns>Null where the statement is no such query, or its rows would not be the same: run it then.</returns>
    /// <exception cref="SqlException">The statement is wrong, or may not be run.</exception>
    ValueTask<ITableExport?> ExportAsync(string sql, CancellationToken cancellation);

    /// <summary>Begins to put Arrow's rows into a table: a statement of its own, in the session's transaction.</summary>
    /// <param name="schema">What every batch has; its fields are columns by their names.</param>
    /// <exception cref="SqlException">The table or a column is not there, or may not be written to; or a field's type cannot become a column's.</exception>
    ValueTask<IArrowIngest> IngestAsync(ArrowIngestTarget target, ArrowSchema schema, CancellationToken cancellation);

    /// <summary>Ends the implicit transaction, if one is open and no block is: at Sync and at the end of a simple query.</summary>
    /// <param name="failed">Something failed since the last Sync: roll back.</param>
    ValueTask EndScriptAsync(bool failed, CancellationToken cancellation);

    /// <summary>Tells the session that a statement failed outside it (a bad parameter, a broken COPY), so that a block becomes failed.</summary>
    void Fail();

    /// <summary>Cancels the running statement (57014); any thread.</summary>
    void Cancel();
}

/// <summary>ReadyForQuery's status byte.</summary>
public enum TransactionStatus : byte
{
    Idle = (byte)'I',
    InTransaction = (byte)'T',
    Failed = (byte)'E',
}

/// <summary>A statement of a script, parsed.</summary>
public abstract class ScriptStatement;

/// <summary>What Describe answers for a statement.</summary>
/// <param name="Columns">Null where the statement returns no rows.</param>
public sealed record PreparedStatementInfo(
    string Name, ImmutableArray<SqlType> ParameterTypes, ImmutableArray<ResultColumnInfo>? Columns);

public sealed record ResultColumnInfo(string Name, SqlType Type, uint TableOid, short ColumnNumber);

/// <summary>A statement's result: rows, a COPY stream, or only a tag. Also a portal.</summary>
public interface IStatementResult : IAsyncDisposable
{
    /// <summary>Null where the statement returns no rows.</summary>
    ImmutableArray<ResultColumnInfo>? Columns { get; }

    /// <summary>The next rows, at most <paramref name="rowsMax"/> (0 for as many as come); null when done. Runs the statement as needed.</summary>
    /// <remarks>For a statement without rows the first call does the work and returns null.</remarks>
    ValueTask<ColumnBatch?> NextAsync(int rowsMax, CancellationToken cancellation);

    /// <summary>The command tag (<c>INSERT 0 1</c>), once <see cref="NextAsync"/> has returned null; for rows: how many so far.</summary>
    string CommandTag { get; }

    /// <summary>True for an empty query string.</summary>
    bool IsEmptyQuery { get; }

    /// <summary>COPY FROM STDIN: feed data to it; null otherwise.</summary>
    ICopySink? CopyIn { get; }

    /// <summary>COPY TO STDOUT: take data from it; null otherwise.</summary>
    ICopySource? CopyOut { get; }
}

/// <summary>Receives COPY data from the client.</summary>
public interface ICopySink
{
    bool IsBinary { get; }

    int ColumnCount { get; }

    /// <summary>Takes the next piece, cut anywhere; rows are stored as they complete. The bytes are not kept after the call.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>The client is done: stores the rest. The statement's tag is then set.</summary>
    ValueTask CompleteAsync(CancellationToken cancellation);

    /// <summary>The client gave up (CopyFail): always throws 57014 with the client's words.</summary>
    ValueTask FailAsync(string message);
}

/// <summary>Gives COPY data to the client.</summary>
public interface ICopySource
{
    bool IsBinary { get; }

    int ColumnCount { get; }

    /// <summary>The next piece: whole rows (one or more; cut at row ends); empty at the end. Valid until the next call.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation);

    /// <summary>Where rows end in the piece last read, as offsets behind each row: clients expect one row a message.</summary>
    ReadOnlyMemory<int> RowEnds { get; }
}

/// <param name="Severity">NOTICE, WARNING, INFO, LOG, DEBUG.</param>
public sealed record SqlNotice(string Severity, SqlState State, string Message, string? Detail = null, string? Hint = null);

public sealed record SqlNotification(int BackendId, string Channel, string Payload);
