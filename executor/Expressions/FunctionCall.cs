using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;

namespace VecSQL.Executor.Expressions;

/// <summary>Calls a function: sees to nulls for strict ones and to constants, so that the code below sees only rows
/// that count.</summary>
internal sealed class FunctionCall : VectorExpression
{
    private readonly FunctionEntry _entry;
    private readonly VectorFunction _function;
    private readonly VectorExpression[] _arguments;
    private readonly PhysicalType _result;

    public FunctionCall(FunctionEntry entry, VectorFunction function, VectorExpression[] arguments, SqlType result)
    {
        _entry = entry;
        _function = function;
        _arguments = arguments;
        _result = Columns.PhysicalOf(result);
    }

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var arguments = new Column[_arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = _arguments[i].Evaluate(input, context);
        return Invoke(_function, _entry, arguments, _result, input.RowCount, context);
    }

    /// <summary>Calls a function over columns.</summary>
    public static Column Invoke(
        VectorFunction function, FunctionEntry entry, Column[] arguments, PhysicalType result, int rowCount,
            EvaluationContext context)
    {
        Bitmap validity = default;
        if (entry.IsStrict)
        {
            foreach (Column argument in arguments)
            {
                if (!argument.HasNulls)
                    continue;
                if (!argument.IsConstant)
                    validity = Bitmap.And(validity, argument.Validity);
                else if (argument.IsNull(0))
                    return Column.Nulls(result, rowCount);
            }
        }
        if (entry.Volatility == Volatility.Volatile)
            return function.Evaluate(arguments, rowCount, validity, context);
        if (!Columns.AreConstant(arguments))
        {
            return (entry.IsStrict ? TryByValue(function, entry, arguments, context) : null)
                ?? function.Evaluate(arguments, rowCount, validity, context);
        }
        var single = new Column[arguments.Length];
        for (int i = 0; i < single.Length; i++)
            single[i] = arguments[i].WithLength(1);
        return function.Evaluate(single, 1, default, context).Broadcast(0, rowCount);
    }

    /// <summary>Where all arguments but one are constant, and that one has few values: calls the function for these.</summary>
    private static Column? TryByValue(VectorFunction function, FunctionEntry entry, Column[] arguments, EvaluationContext context)
    {
        int place = -1;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].IsConstant)
                continue;
            if (place >= 0)
                return null;
            place = i;
        }
        return DictionaryEvaluation.Of(arguments[place]) is not { } known ? null
            : DictionaryEvaluation.Evaluate((BinaryColumn)arguments[place], known, FunctionLibrary.IsTotal(entry), (values, count) =>
            {
                var single = new Column[arguments.Length];
                for (int i = 0; i < single.Length; i++)
                    single[i] = i == place ? values : arguments[i].WithLength(count);
                return function.Evaluate(single, count, default, context);
            });
    }
}
