using VecSQL.Catalog.Functions;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Whether rows that pass a filter are sure to meet an index's predicate.</summary>
/// <remarks>
/// As PostgreSQL's predtest for the common cases: parts that are the same, comparisons of one expression with constants, lists, and tests
/// for null. Where in doubt the answer is no, and the index is not used.
/// </remarks>
internal sealed class Implication(PlannerContext context)
{
    internal bool Holds(ScalarExpression? filter, ScalarExpression predicate)
    {
        List<ScalarExpression> given = Conjunction.Parts(filter);
        return Conjunction.Parts(predicate).TrueForAll(wanted => IsImplied(given, wanted));
    }

    private bool IsImplied(List<ScalarExpression> given, ScalarExpression wanted)
    {
        if (given.Exists(part => Implies(part, wanted)))
            return true;
        return wanted is LogicalOperation either && (either.IsAnd
            ? either.Operands.All(operand => IsImplied(given, operand))
            : either.Operands.Any(operand => IsImplied(given, operand)));
    }

    private bool Implies(ScalarExpression part, ScalarExpression wanted)
    {
        part = Plain(part);
        wanted = Plain(wanted);
        if (part.Equals(wanted))
            return true;
        return part switch
        {
            LogicalOperation { IsAnd: true } all => all.Operands.Any(operand => Implies(operand, wanted)),
            LogicalOperation { IsAnd: false } any => any.Operands.All(operand => Implies(operand, wanted)),
            InListOperation { IsNegated: false } list => list.Items.All(item => Implies(item, wanted)),
            _ when wanted is NullTest { IsNegated: true, Operand: ColumnExpression column } => NullRejection.Rejects(part, [column.ColumnId]),
            _ => Compares(part, wanted),
        };
    }

    /// <summary>x = true, x IS TRUE and x say the same of a row that passes.</summary>
    private static ScalarExpression Plain(ScalarExpression condition) => condition switch
    {
        BooleanTest { Value: true, IsNegated: false } test => test.Operand,
        CallExpression when Comparison.Of(condition) is { IsEquality: true } equal => (equal.Left, equal.Right) switch
        {
            (var x, ConstantExpression { IsNull: false, Value: BoolColumn value }) => value[0] ? x : new NotOperation(x),
            (ConstantExpression { IsNull: false, Value: BoolColumn value }, var x) => value[0] ? x : new NotOperation(x),
            _ => condition,
        },
        _ => condition,
    };

    /// <summary>x op c implies x op d.</summary>
    private bool Compares(ScalarExpression part, ScalarExpression wanted)
    {
        if (Ordered(part) is not { } given || Ordered(wanted) is not { } asked || !given.Left.Equals(asked.Left))
            return false;
        string[] tests = (given.Operator.Name, asked.Operator.Name) switch
        {
            ("=", var any) => [any],
            (">" or ">=", ">=") or (">", ">") => [">="],
            (">=", ">") => [">"],
            ("<" or "<=", "<=") or ("<", "<") => ["<="],
            ("<=", "<") => ["<"],
            (">", "<>") => [">="],
            (">=", "<>") => [">"],
            ("<", "<>") => ["<="],
            ("<=", "<>") => ["<"],
            _ => [],
        };
        return tests.Length > 0 && IsTrue(given.Right, tests[0], asked.Right);
    }

    private bool IsTrue(ScalarExpression left, string name, ScalarExpression right)
    {
        if (FunctionRegistry.FindOperator(name, left.Type.Oid, right.Type.Oid) is not { } found)
            return false;
        if (FunctionRegistry.FindFunction(found.Function) is not { } function)
            return false;
        ScalarExpression test = new CallExpression(new Catalog.Types.SqlType(found.Result), function,
            new Core.Collections.ValueList<ScalarExpression>([left, right]));
        return Conjunction.IsTrue(new ConstantFolding(context).Apply(test));
    }

    /// <summary>A comparison with a constant, the constant on the right.</summary>
    private static Comparison? Ordered(ScalarExpression expression)
    {
        if (Comparison.Of(expression) is not { } found)
            return null;
        if (found.Right is ConstantExpression { IsNull: false })
            return found;
        string turned = Comparison.Turned(found.Operator.Name);
        return found.Left is ConstantExpression { IsNull: false }
            && FunctionRegistry.FindOperator(turned, found.Operator.Right, found.Operator.Left) is { } other
            ? new Comparison(other, found.Right, found.Left) : null;
    }
}
