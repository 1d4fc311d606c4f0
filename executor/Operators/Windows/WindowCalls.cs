using VecSQL.Catalog.Functions;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Aggregation;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Computes a window's calls over chunks.</summary>
/// <remarks>The chunk's rows have the input's columns, then the values of <see cref="Expressions"/>.</remarks>
internal sealed class WindowCalls
{
    private readonly WindowPlan _plan;
    private readonly int _inputCount;
    private readonly (int Argument, int Filter)[] _places;
    private readonly int _orderKey = -1;

    internal WindowCalls(WindowPlan plan)
    {
        _plan = plan;
        _inputCount = plan.Input.Output.Length;
        var expressions = new List<ScalarExpression>();
        _places = new (int, int)[plan.Calls.Length];
        for (int i = 0; i < _places.Length; i++)
        {
            int argument = _inputCount + expressions.Count, filter = -1;
            ScalarExpression? kept = plan.Calls[i].Filter;
            expressions.AddRange(plan.Calls[i].Arguments.Select(value => FilteredValue.Of(value, kept)));
            if (plan.Calls[i].Filter is { } condition)
            {
                filter = _inputCount + expressions.Count;
                expressions.Add(condition);
            }
            _places[i] = (argument, filter);
        }
        if (plan.OrderBy.Length == 1)
        {
            _orderKey = _inputCount + expressions.Count;
            expressions.Add(plan.OrderBy[0].Key);
        }
        Expressions = [.. expressions];
    }

    /// <summary>What the calls read, over the input.</summary>
    internal ScalarExpression[] Expressions { get; }

    /// <summary>The input's columns and one for each call.</summary>
    internal ColumnBatch Compute(WindowChunk chunk, EvaluationContext context, CancellationToken cancellation)
    {
        var columns = new Column[_inputCount + _plan.Calls.Length];
        chunk.Rows.Columns.AsSpan(0, _inputCount).CopyTo(columns);
        for (int i = 0; i < _plan.Calls.Length; i++)
            columns[_inputCount + i] = Compute(i, chunk, context, cancellation);
        return new ColumnBatch(columns, chunk.RowCount);
    }

    private Column Compute(int at, WindowChunk chunk, EvaluationContext context, CancellationToken cancellation)
    {
        WindowCall call = _plan.Calls[at];
        Column[] arguments = chunk.Rows.Columns[_places[at].Argument..(_places[at].Argument + call.Arguments.Length)];
        if (call.Function.Kind == FunctionKind.Aggregate)
        {
            Column? filter = _places[at].Filter < 0 ? null : chunk.Rows.Columns[_places[at].Filter];
            WindowFrames? frames = IsWholePartition(call.Frame) ? null : Frames(call, chunk, context);
            return new WindowAggregates(call, chunk, frames, arguments, filter, context).Compute(cancellation);
        }
        return call.Function.Name switch
        {
            "row_number" => RankingFunctions.RowNumber(chunk),
            "rank" => RankingFunctions.Rank(chunk),
            "dense_rank" => RankingFunctions.DenseRank(chunk),
            "percent_rank" => RankingFunctions.PercentRank(chunk),
            "cume_dist" => RankingFunctions.CumulativeDistribution(chunk),
            "ntile" => RankingFunctions.Ntile(chunk, arguments[0]),
            "lag" => NavigationFunctions.Shift(chunk, arguments, direction: -1),
            "lead" => NavigationFunctions.Shift(chunk, arguments, direction: 1),
            "first_value" => NavigationFunctions.First(chunk, Frames(call, chunk, context), arguments[0]),
            "last_value" => NavigationFunctions.Last(chunk, Frames(call, chunk, context), arguments[0]),
            "nth_value" => NavigationFunctions.Nth(chunk, Frames(call, chunk, context), arguments[0], arguments[1]),
            _ => throw new SqlException(
                SqlState.FeatureNotSupported, $"window function {call.Function.Name} is not supported"),
        };
    }

    private WindowFrames Frames(WindowCall call, WindowChunk chunk, EvaluationContext context) =>
        WindowFrames.Compute(call.Frame, chunk, _orderKey < 0 ? null : chunk.Rows.Columns[_orderKey],
            _plan.OrderBy.Length == 1 ? _plan.OrderBy[0] : null, context);

    // Without ORDER BY all rows of a partition are peers.
    private bool IsWholePartition(WindowFramePlan frame) =>
        frame.Exclusion == WindowFrameExclusion.NoOthers
        && frame.StartKind == WindowFrameBound.UnboundedPreceding
        && (frame.EndKind == WindowFrameBound.UnboundedFollowing
            || (frame.EndKind == WindowFrameBound.CurrentRow && frame.Unit == WindowFrameUnit.Range
                && _plan.OrderBy.IsEmpty));
}
