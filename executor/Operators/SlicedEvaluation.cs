using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Operators;

/// <summary>
/// Computes expressions over batches: over all rows at once, a few at a time where their values are large, or one at a time where one value
/// of a sequence depends on the one before.
/// </summary>
/// <remarks>
/// Memory: the values made are reserved from the query's budget until the next call.
/// Threads: one at a time.
/// </remarks>
internal sealed class SlicedEvaluation(VectorExpression[] expressions, EvaluationContext context) : IDisposable
{
    private readonly ValueMemory? _memory = context.Memory is null ? null : new ValueMemory(context.Memory);
    private readonly bool _isRepeatable = Array.TrueForAll(expressions, static expression => expression.IsRepeatable);
    private readonly int _sliceMax = SliceMax(expressions);
    private ColumnBatch? _input;
    private int _sliceRows = SliceMax(expressions);
    private int _next;

    /// <summary>Begins with another batch; the one before must be at its end.</summary>
    internal void Begin(ColumnBatch input) => (_input, _next) = (input, 0);

    /// <summary>The values for the next rows; null at the batch's end.</summary>
    internal ColumnBatch? Next()
    {
        _memory?.Clear();
        if (_input is not { } input || _next >= input.RowCount)
            return null;
        while (true)
        {
            int count = Math.Min(_sliceRows, input.RowCount - _next);
            if (TryEvaluate(input.Slice(_next, count)) is { } columns)
            {
                _next += count;
                if (_memory is not { IsHalfSlice: true })
                    _sliceRows = Math.Min(_sliceMax, _sliceRows * 2);
                return new ColumnBatch(columns, count);
            }
            _memory?.Clear();
            _sliceRows = Math.Max(1, count / 4);
        }
    }

    public void Dispose() => _memory?.Dispose();

    // Defaults draw from sequences of their own; what a statement calls itself may be of any.
    private static int SliceMax(VectorExpression[] expressions)
    {
        int all = 0, own = 0;
        foreach (VectorExpression expression in expressions)
        {
            all += expression.SequenceCalls.All;
            own += expression.SequenceCalls.Own;
        }
        return own > 0 && all > 1 ? 1 : ColumnBatch.RowsMax;
    }

    // Null where the rows' values are too large to be computed together.
    private Column[]? TryEvaluate(ColumnBatch rows)
    {
        if (_memory is null)
            return CompiledExpressions.EvaluateWhole(expressions, rows, context);
        ValueMemory? outer = context.Values;
        _memory.MayStop = _isRepeatable && rows.RowCount > 1;
        context.Values = _memory;
        try
        {
            return CompiledExpressions.EvaluateWhole(expressions, rows, context);
        }
        catch (ValuesTooLargeException) when (_memory.MayStop)
        {
            return null;
        }
        finally
        {
            context.Values = outer;
        }
    }
}
