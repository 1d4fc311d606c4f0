using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators;

/// <summary>Compiles each expression of a plan once, however often the plan runs.</summary>
/// <remarks>Memory: a compiled expression goes when the plan that holds its source goes. Threads: any.</remarks>
internal static class CompiledExpressions
{
    /// <summary>What expressions that read no input are evaluated over.</summary>
    internal static readonly ColumnBatch OneRow = new([], 1);

    internal static VectorExpression Compile(ScalarExpression expression)
    {
        if (expression.FindCode() is VectorExpression known)
            return known;
        VectorExpression code = ExpressionCompiler.Compile(expression);
        PlanTraits traits = PlanTraits.Find(expression);
        code.IsRepeatable = !traits.IsVolatile;
        code.SequenceCalls = (traits.SequenceCalls, traits.OwnSequenceCalls);
        expression.KeepCode(code); // two that compile at once make the same code twice
        return code;
    }

    internal static VectorExpression? CompileOptional(ScalarExpression? expression) =>
        expression is null ? null : Compile(expression);

    internal static VectorExpression[] Compile(ImmutableArray<ScalarExpression> expressions)
    {
        var compiled = new VectorExpression[expressions.Length];
        for (int i = 0; i < compiled.Length; i++)
            compiled[i] = Compile(expressions[i]);
        return compiled;
    }

    /// <summary>Puts compiled code in place of what the compiler would make: tests of operators bring their own.</summary>
    internal static void Register(ScalarExpression expression, VectorExpression code) =>
        expression.KeepCode(code);

    internal static Column Evaluate(VectorExpression expression, ColumnBatch input, EvaluationContext context) =>
        Evaluate([expression], input, context)[0];

    /// <summary>The values for all rows, computed a few rows at a time where what lies between is large.</summary>
    internal static Column[] Evaluate(VectorExpression[] expressions, ColumnBatch input, EvaluationContext context)
    {
        if (expressions.Length == 0)
            return [];
        using var slices = new SlicedEvaluation(expressions, context);
        slices.Begin(input);
        if (slices.Next() is not { } first)
            return EvaluateWhole(expressions, input, context);
        if (first.RowCount == input.RowCount)
            return first.Columns;
        var builders = new ColumnBuilder[expressions.Length];
        using var kept = context.Memory is null ? null : new ValueMemory(context.Memory);
        for (int i = 0; i < builders.Length; i++)
        {
            builders[i] = first.Columns[i] is BinaryColumn
                ? new BinaryColumnBuilder(input.RowCount) { Growth = kept }
                : ColumnBuilder.Create(first.Columns[i].Type, input.RowCount);
        }
        for (ColumnBatch? slice = first; slice is not null; slice = slices.Next())
        {
            for (int i = 0; i < builders.Length; i++)
                builders[i].AppendAll(slice.Columns[i]);
        }
        return Array.ConvertAll(builders, static builder => builder.Build());
    }

    internal static Column[] EvaluateWhole(VectorExpression[] expressions, ColumnBatch input, EvaluationContext context)
    {
        var columns = new Column[expressions.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = expressions[i].Evaluate(input, context);
        return columns;
    }

    /// <summary>The value of an expression that reads no input: a constant column of one row.</summary>
    internal static Column EvaluateConstant(ScalarExpression expression, EvaluationContext context) =>
        expression switch
        {
            ConstantExpression constant => constant.Value,
            ParameterExpression parameter => context.Parameters[parameter.Index],
            _ => Evaluate(Compile(expression), OneRow, context),
        };

    /// <summary>The value of an int8 expression that reads no input; null for SQL NULL.</summary>
    internal static long? EvaluateInt64(ScalarExpression? expression, EvaluationContext context)
    {
        if (expression is null)
            return null;
        Column value = EvaluateConstant(expression, context);
        return value.IsNull(0) ? null : ((FixedColumn<long>)value)[0];
    }
}
