using VecSQL.Core.Errors;
using VecSQL.Ml.Models;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Sessions;

/// <summary>What each kind of failure is told to the client as: the one place where exceptions get their SQLSTATE.</summary>
internal static class ErrorTable
{
    internal static SqlException ToSql(Exception error, StatementClock clock) => error switch
    {
        SqlException sql => sql,
        OperationCanceledException => clock.Reason(),
        WriteConflictException => new SqlException(
            SqlState.SerializationFailure, "could not serialize access due to concurrent update", cause: error),
        FileFaultException fault => new SqlException(fault.State, fault.Message, cause: fault),
        CorruptFileException corrupt => new SqlException(corrupt.State, corrupt.Message, cause: corrupt),
        StorageException storage => new SqlException(SqlState.DataCorrupted, storage.Message, cause: storage),
        IOException io => new SqlException(SqlState.IoError, io.Message, cause: io),
        ModelException model => new SqlException(StateOf(model.Fault), model.Message, hint: model.Hint, cause: model),
        OutOfMemoryException => new SqlException(SqlState.OutOfMemory, "out of memory", cause: error),
        InsufficientExecutionStackException => new SqlException(
            SqlState.StatementTooComplex, "stack depth limit exceeded", cause: error),
        _ => new SqlException(SqlState.InternalError, $"internal error: {error.Message}", cause: error),
    };

    private static SqlState StateOf(ModelFault fault) => fault switch
    {
        ModelFault.RuntimeMissing or ModelFault.FileMissing => SqlState.UndefinedFile,
        ModelFault.FileChanged => SqlState.DataCorrupted,
        ModelFault.FileInvalid or ModelFault.Mismatch => SqlState.DataException,
        ModelFault.Unsupported => SqlState.FeatureNotSupported,
        _ => SqlState.SystemError,
    };
}
