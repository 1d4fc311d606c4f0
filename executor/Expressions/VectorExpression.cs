using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Expressions;

/// <summary>A compiled expression: computes a column from a batch, all rows at once.</summary>
/// <remarks>Threads: compiled expressions hold no state of a run; what a run needs is in the context.</remarks>
public abstract class VectorExpression
{
    /// <summary>Whether it may be computed again over the same rows: it has no effect and calls nothing volatile.</summary>
    /// <remarks>Set on whole expressions only.</remarks>
    internal bool IsRepeatable { get; set; }

    /// <summary>Calls that give or tell a sequence's value, and of these, the ones that a statement wrote itself.</summary>
    internal (int All, int Own) SequenceCalls { get; set; }

    /// <summary>A column as long as the batch; constant where the expression reads no input.</summary>
    public abstract Column Evaluate(ColumnBatch input, EvaluationContext context);
}
