using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Sets outer values, making room for their slots.</summary>
internal static class OuterSlots
{
    internal static void Set(EvaluationContext context, int slot, Column value)
    {
        Column?[] values = context.OuterValues;
        if (slot >= values.Length)
        {
            Array.Resize(ref values, Math.Max(slot + 1, values.Length * 2));
            context.OuterValues = values;
        }
        values[slot] = value;
    }
}
