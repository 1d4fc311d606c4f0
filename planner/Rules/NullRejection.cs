using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Tells whether a condition cannot be true when certain columns are all null.</summary>
internal static class NullRejection
{
    internal static bool Rejects(ScalarExpression condition, HashSet<int> columns) => condition switch
    {
        LogicalOperation { IsAnd: true } all => all.Operands.Any(part => Rejects(part, columns)),
        LogicalOperation any => any.Operands.All(part => Rejects(part, columns)),
        NotOperation { Operand: NullTest { IsNegated: false } test } => IsNullWith(test.Operand, columns),
        NotOperation not => IsNullWith(not.Operand, columns),
        NullTest { IsNegated: true } test => IsNullWith(test.Operand, columns),
        BooleanTest { Value: not null, IsNegated: false } test => IsNullWith(test.Operand, columns),
        InListOperation list => IsNullWith(list.Operand, columns),
        ArrayComparison { IsAll: false } comparison => IsNullWith(comparison.Operand, columns),
        _ => IsNullWith(condition, columns),
    };

    /// <summary>Whether the value is null whenever the columns are.</summary>
    internal static bool IsNullWith(ScalarExpression value, HashSet<int> columns) => value switch
    {
        ColumnExpression column => columns.Contains(column.ColumnId),
        CallExpression { Function.IsStrict: true } call =>
            call.Arguments.Any(argument => IsNullWith(argument, columns)),
        RelabelExpression relabel => IsNullWith(relabel.Operand, columns),
        TextCastExpression cast => IsNullWith(cast.Operand, columns),
        ArrayCastExpression cast => IsNullWith(cast.Operand, columns),
        NotOperation not => IsNullWith(not.Operand, columns),
        _ => false,
    };
}
