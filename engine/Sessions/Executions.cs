using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Engine.Settings;
using VecSQL.Executor.Expressions;

namespace VecSQL.Engine.Sessions;

/// <summary>What one run of a plan is given to work with.</summary>
internal static class Executions
{
    internal static MemoryBudget Memory(SessionState session) =>
        new("this query", session.Database.QueryMemory.LimitBytes, session.Database.QueryMemory);

    internal static Executor.ExecutionContext Context(
        SessionState session, MemoryBudget memory, Column[] parameters, CancellationToken cancellation,
        bool collectsActuals = false, IAsyncEnumerable<ColumnBatch>? bulkInput = null) => new()
        {
            Transaction = session.Transaction.Storage,
            Evaluation = new EvaluationContext
            {
                Format = session.Format,
                Parameters = parameters,
                Session = session.Services,
                Cancellation = cancellation,
            },
            Memory = memory,
            WorkMemoryBytes = session.Settings[SettingCatalog.WorkMemory].Integer << 10,
            ParallelismMax = Math.Min(
                Environment.ProcessorCount, 1 + (int)session.Settings[SettingCatalog.ParallelWorkers].Integer),
            SystemViews = session.SystemRows,
            CollectsActuals = collectsActuals,
            BulkInput = bulkInput,
            SpillDirectory = session.Database.SpillDirectory,
        };
}
