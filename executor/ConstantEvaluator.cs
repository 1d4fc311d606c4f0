using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor;

/// <summary>Computes constant expressions for the planner with the code that computes them at run time.</summary>
public sealed class ConstantEvaluator : IConstantEvaluator
{
    public Column Evaluate(ScalarExpression expression, FormatContext format) => throw new NotImplementedException();
}
