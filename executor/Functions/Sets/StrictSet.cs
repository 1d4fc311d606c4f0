using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>A set function that gives no rows for a null argument where it is strict.</summary>
internal sealed class StrictSet(SetFunction inner, bool isStrict) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        foreach (Column argument in arguments)
        {
            if (isStrict && argument.IsNull(0))
                return [];
        }
        return inner.Rows(arguments, context);
    }
}
