using VecSQL.Core.Collections;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>Bound expressions to compiled ones.</summary>
public static class ExpressionCompiler
{
    /// <exception cref="Core.Errors.SqlException">0A000: a function has no implementation.</exception>
    public static VectorExpression Compile(ScalarExpression expression) => expression switch
    {
        ConstantExpression node => new ConstantColumn(node.Value),
        ParameterExpression node => new ParameterColumn(node.Index),
        InputExpression node => new InputColumn(node.Ordinal),
        OuterExpression node => new OuterColumn(node.Slot),
        CallExpression node => CompileCall(node),
        RelabelExpression node => Relabelled.Make(node),
        ArrayCastExpression node => new ArrayCast(node.Operand.Type, node.Type, Compile(node.Operand),
            Compile(node.ElementCast)),
        ArrayComparison node => ArrayComparisonExpression.Make(node),
        ArrayConstruction node => new ArrayConstructor(node),
        RowConstruction node => new RowConstructor(node),
        RowComparison node => RowComparisonExpression.Make(node),
        SubscriptOperation node => SubscriptExpression.Make(node),
        SampleTest node => new SampleExpression(node),
        SubscriptAssignment node => new SubscriptAssigner(node),
        FieldOperation node => new FieldExpression(node),
        TextCastExpression node => new TextCast(node.Operand.Type, node.Type, Compile(node.Operand)),
        LogicalOperation node => LogicalExpression.Make(node),
        NotOperation node => new NotExpression(Compile(node.Operand)),
        NullTest node => NullTestExpression.Make(node),
        BooleanTest node => new BooleanTestExpression(Compile(node.Operand), node.Value, node.IsNegated),
        DistinctTest node => new DistinctExpression(Compile(node.Left), Compile(node.Right),
            FunctionLibrary.Make(node.Equality, SiteOf(node.Left, node.Right)), node.IsNegated),
        CaseOperation node => new CaseExpression(node),
        CoalesceOperation node => new CoalesceExpression(node),
        NullIfOperation node => new NullIfExpression(node),
        MinMaxOperation node => new MinMaxExpression(node),
        InListOperation node => InListExpression.Make(node),
        SubplanExpression node => new SubplanColumn(node),
        NextValueExpression node => new NextValueColumn(node),
        _ => throw new InvalidOperationException($"no code for {expression.GetType().Name}"),
    };

    internal static VectorExpression[] CompileAll(ValueList<ScalarExpression> expressions)
    {
        var compiled = new VectorExpression[expressions.Count];
        for (int i = 0; i < compiled.Length; i++)
            compiled[i] = Compile(expressions[i]);
        return compiled;
    }

    internal static CallSite SiteOf(params ReadOnlySpan<ScalarExpression> arguments)
    {
        var types = new Catalog.Types.SqlType[arguments.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = arguments[i].Type;
        return new CallSite(types, Catalog.Types.SqlType.Bool);
    }

    private static VectorExpression CompileCall(CallExpression node)
    {
        CallSite site = SiteOf(node.Arguments.AsSpan()) with
        {
            Result = node.Type,
            IsVariadicArray = node.IsVariadicArray,
        };
        // A cast may go through the function of a type that is stored alike, as int2 becomes oid by int4's.
        var declared = new Catalog.Types.SqlType(node.Function.Result);
        bool isOwnType = Catalog.Types.BuiltinTypes.TryFind(declared.Oid, out Catalog.Types.TypeEntry? entry)
            && entry.IsPseudo;
        var call = new FunctionCall(node.Function, FunctionLibrary.Make(node.Function, site),
            CompileAll(node.Arguments),
            isOwnType ? node.Type : declared);
        return isOwnType ? call : Relabelled.Convert(call, declared, node.Type);
    }
}
