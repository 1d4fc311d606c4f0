using VecSQL.Catalog.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>A comparison by one of the six operators, seen with its operands.</summary>
internal readonly record struct Comparison(OperatorEntry Operator, ScalarExpression Left, ScalarExpression Right)
{
    internal static Comparison? Of(ScalarExpression expression)
    {
        if (expression is not CallExpression { Arguments: [var left, var right] } call)
            return null;
        OperatorEntry? op = FunctionRegistry.FindOperatorOf(call.Function.Oid);
        return op is { Name: "=" or "<>" or "<" or "<=" or ">" or ">=" } ? new Comparison(op, left, right) : null;
    }

    internal bool IsEquality => Operator.Name == "=";

    /// <summary>The operator's name when the operands change places.</summary>
    internal static string Turned(string name) => name switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => name,
    };
}
