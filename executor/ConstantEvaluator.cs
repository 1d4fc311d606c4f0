using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor;

/// <summary>Computes constant expressions for the planner with the code that computes them at run time.</summary>
/// <param name="session">What stable functions may ask, such as the names that reg* types resolve; null where none is there.</param>
public sealed class ConstantEvaluator(ISessionServices? session = null) : IConstantEvaluator
{
    private const long LargeBytes = 1 << 20;

    private static readonly ColumnBatch OneRow = new([], 1);

    public Column Evaluate(ScalarExpression expression, FormatContext format)
    {
        // A value that large is not worth keeping in a plan: it is made when the plan runs, and counted there.
        using var values = new ValueMemory(new MemoryBudget("constant folding", LargeBytes));
        var context = new EvaluationContext
        {
            Format = format,
            Session = session ?? NoSession.Instance,
            Values = values,
        };
        return ExpressionCompiler.Compile(expression).Evaluate(OneRow, context).Broadcast(0, 1);
    }
}
