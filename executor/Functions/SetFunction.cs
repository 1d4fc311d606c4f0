using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>A set-returning function: from one row of arguments to many rows.</summary>
public abstract class SetFunction
{
    /// <summary>The rows for one set of arguments (constant columns of one row, possibly null), in batches,
    /// lazily.</summary>
    public abstract IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context);
}
