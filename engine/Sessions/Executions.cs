using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Engine.Settings;
using VecSQL.Executor.Expressions;
using VecSQL.Parser;

namespace VecSQL.Engine.Sessions;

/// <summary>What one run of a plan is given to work with.</summary>
internal static class Executions
{
    // Some two million tokens: rows beyond that are for COPY, values for parameters and arrays.
    private const long StatementBytesMax = 512 << 20;

    internal static MemoryBudget Memory(SessionState session) =>
        new("this query", session.Database.QueryMemory.LimitBytes, session.Database.QueryMemory);

    /// <summary>For the syntax trees of one text, which must not take all the memory that queries have.</summary>
    internal static SyntaxMemory SyntaxMemory(Database database) => new(new MemoryBudget(
        "a statement's syntax tree", Math.Min(StatementBytesMax, database.QueryMemory.LimitBytes), database.QueryMemory));

    internal static Executor.ExecutionContext Context(
        SessionState session, MemoryBudget memory, Column[] parameters, CancellationToken cancellation,
        bool collectsActuals = false, bool measuresRecall = false, IAsyncEnumerable<ColumnBatch>? bulkInput = null,
        SettingOverlay? settings = null, bool isOneFragment = false)
    {
        settings ??= SettingOverlay.None;
        return new Executor.ExecutionContext
        {
            Transaction = session.Transaction.Storage,
            Evaluation = new EvaluationContext
            {
                Format = session.Format,
                Parameters = parameters,
                Session = settings.IsEmpty ? session.Services : new SessionServices(session, settings),
                Cancellation = cancellation,
            },
            Memory = memory,
            ColumnKeys = session.Database.ColumnKeys,
            WorkMemoryBytes = settings.Of(SettingCatalog.WorkMemory, session.Settings).Integer << 10,
            ParallelismMax = Math.Min(
                Environment.ProcessorCount, 1 + (int)settings.Of(SettingCatalog.ParallelWorkers, session.Settings).Integer),
            SystemViews = session.SystemRows,
            CollectsActuals = collectsActuals,
            MeasuresRecall = measuresRecall,
            BulkInput = bulkInput,
            IsOneFragment = isOneFragment,
            SpillDirectory = session.Database.SpillDirectory,
        };
    }
}
