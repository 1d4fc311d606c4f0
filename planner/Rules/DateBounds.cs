using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Compares a date with a constant date where the query says a timestamp: date plus interval is one, and no timestamp has
/// statistics and zones of a column of dates.</summary>
internal static class DateBounds
{
    internal static ScalarExpression Apply(CallExpression call)
    {
        if (Comparison.Of(call) is not { } comparison)
            return call;
        if (IsDate(comparison.Left) && TimestampOf(comparison.Right) is { } right)
            return Compared(comparison.Operator.Name, comparison.Left, right) ?? call;
        return IsDate(comparison.Right) && TimestampOf(comparison.Left) is { } left
            ? Compared(Comparison.Turned(comparison.Operator.Name), comparison.Right, left) ?? call
            : call;
    }

    private static bool IsDate(ScalarExpression operand) => operand.Type.Oid == TypeOid.Date && operand is not ConstantExpression;

    private static long? TimestampOf(ScalarExpression operand) =>
        operand is ConstantExpression { IsNull: false, Type.Oid: TypeOid.Timestamp, Value: FixedColumn<long> value }
        && Timestamps.IsFinite(value[0]) ? value[0] : null;

    private static CallExpression? Compared(string name, ScalarExpression date, long timestamp)
    {
        int day = Timestamps.ToDate(timestamp);
        bool isMidnight = Timestamps.FromDate(day) == timestamp;
        string? onDays = (name, isMidnight) switch
        {
            (_, true) => name,
            ("<" or "<=", _) => "<=",
            (">" or ">=", _) => ">",
            _ => null, // = and <> of no date
        };
        return onDays is not null
            && FunctionRegistry.FindOperator(onDays, TypeOid.Date, TypeOid.Date) is { } found
            && FunctionRegistry.FindFunction(found.Function) is { } function
            ? new CallExpression(SqlType.Bool, function,
                new ValueList<ScalarExpression>([date, new ConstantExpression(new SqlType(TypeOid.Date), FixedColumn<int>.Constant(day, 1))]))
            : null;
    }
}
