using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>Conditions as lists of parts that must all hold.</summary>
internal static class Conjunction
{
    internal static List<ScalarExpression> Parts(ScalarExpression? condition)
    {
        List<ScalarExpression> parts = [];
        Add(condition, parts);
        return parts;
    }

    /// <summary>The parts as one condition; null for none.</summary>
    internal static ScalarExpression? Of(IReadOnlyCollection<ScalarExpression> parts) => parts.Count switch
    {
        0 => null,
        1 => parts.First(),
        _ => new LogicalOperation(IsAnd: true, new ValueList<ScalarExpression>([.. parts])),
    };

    internal static ScalarExpression? And(ScalarExpression? x, ScalarExpression? y) => Of([.. Parts(x), .. Parts(y)]);

    private static void Add(ScalarExpression? condition, List<ScalarExpression> parts)
    {
        if (condition is LogicalOperation { IsAnd: true } both)
        {
            foreach (ScalarExpression part in both.Operands)
                Add(part, parts);
        }
        else if (condition is not null && !IsTrue(condition))
        {
            parts.Add(condition);
        }
    }

    internal static bool IsTrue(ScalarExpression condition) =>
        condition is ConstantExpression { IsNull: false, Value: BoolColumn value } && value[0];
}
