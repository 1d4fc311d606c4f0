using VecSQL.Cluster.Protocol;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Errors between nodes: what a user is told crosses whole.</summary>
internal static class ErrorBytes
{
    private const int Sql = 1, WriteConflict = 2, Cancelled = 3, Internal = 4;

    /// <summary>The record of an error that a call has ended with.</summary>
    public static ErrorRecord Of(Exception error)
    {
        if (error is not SqlException told)
        {
            int kind = error switch
            {
                WriteConflictException => WriteConflict,
                OperationCanceledException => Cancelled,
                _ => Internal,
            };
            return new ErrorRecord { Kind = kind, Message = error.Message };
        }
        ErrorRecord record = new() { Kind = Sql, State = told.State.Code, Message = told.Message, Position = told.Position, IsPassing = told.IsPassing };
        // What is absent stays so: the record takes no null.
        if (told.Detail is { } detail)
            record.Detail = detail;
        if (told.Hint is { } hint)
            record.Hint = hint;
        if (told.Where is { } where)
            record.Where = where;
        if (told.SchemaName is { } schema)
            record.Schema = schema;
        if (told.TableName is { } table)
            record.Table = table;
        if (told.ColumnName is { } column)
            record.Column = column;
        if (told.DataTypeName is { } type)
            record.DataType = type;
        if (told.ConstraintName is { } constraint)
            record.Constraint = constraint;
        if (told.Routine is { } routine)
            record.Routine = routine;
        if (told.Row is { } row)
            record.Row = row;
        return record;
    }

    /// <summary>The error that a record tells of.</summary>
    public static Exception Read(ErrorRecord record, CancellationToken cancellation) => record.Kind switch
    {
        Sql when record.State.Length == 5 && record.State.All(char.IsAsciiLetterOrDigit) =>
            new SqlException(new SqlState(record.State), record.Message, Math.Max(record.Position, 0), record.HasHint ? record.Hint : null)
            {
                Detail = record.HasDetail ? record.Detail : null,
                Where = record.HasWhere ? record.Where : null,
                SchemaName = record.HasSchema ? record.Schema : null,
                TableName = record.HasTable ? record.Table : null,
                ColumnName = record.HasColumn ? record.Column : null,
                DataTypeName = record.HasDataType ? record.DataType : null,
                ConstraintName = record.HasConstraint ? record.Constraint : null,
                Routine = record.HasRoutine ? record.Routine : null,
                Row = record.HasRow && record.Row >= 0 ? record.Row : null,
                IsPassing = record.IsPassing,
            },
        WriteConflict => new WriteConflictException(record.Message),
        Cancelled => new OperationCanceledException(record.Message, cancellation),
        _ => new SqlException(SqlState.InternalError, $"a shard's node has failed: {record.Message}"),
    };

    /// <summary>What a transaction is told that cannot reach a shard any more.</summary>
    public static SqlException Lost(Exception cause) => new(
        SqlState.SerializationFailure, "the shard's primary cannot be reached, or has moved", hint: "The transaction might succeed if retried.", cause: cause)
    {
        Detail = cause.Message, IsPassing = true,
    };

    /// <summary>What a client is told of whose node nothing can be reached.</summary>
    public static SqlException CutOff() => new(SqlState.CannotConnectNow, "this node is cut off from its cluster", hint: "Other nodes may not be.");

    /// <summary>What it is told where that happens as it commits.</summary>
    public static SqlException Unknown(Exception cause) => new(
        SqlState.TransactionResolutionUnknown, "whether the transaction has committed is not known: the shard's primary cannot be reached, or has moved",
        cause: cause)
    {
        Detail = cause.Message,
    };
}
