using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>The statistics of pairs (y, x): covariance, correlation and the line of least squares.</summary>
internal sealed class RegressionAccumulator(string name)
    : StatefulAccumulator<RegressionAccumulator.State>(name == "regr_count" ? PhysicalType.Int64 : PhysicalType.Float64)
{
    internal sealed class State
    {
        public double Count, SumX, SquaresX, SumY, SquaresY, Products;
    }

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        if (name == "regr_count")
        {
            state.Count++; // needs no sums, which could overflow
            return 0;
        }
        double y = ((FixedColumn<double>)arguments[0])[row], x = ((FixedColumn<double>)arguments[1])[row];
        double before = state.Count, oldSumX = state.SumX, oldSumY = state.SumY;
        state.Count++;
        state.SumX += x;
        state.SumY += y;
        if (before == 0)
        {
            if (!double.IsFinite(x))
                state.SquaresX = state.Products = double.NaN;
            if (!double.IsFinite(y))
                state.SquaresY = state.Products = double.NaN;
            return 0;
        }
        double differenceX = (x * state.Count) - state.SumX, differenceY = (y * state.Count) - state.SumY;
        double scale = 1 / (state.Count * before);
        state.SquaresX += differenceX * differenceX * scale;
        state.SquaresY += differenceY * differenceY * scale;
        state.Products += differenceX * differenceY * scale;
        CheckInfinities(state, oldSumX, x, oldSumY, y);
        return 0;
    }

    protected override void MergeState(State state, State added)
    {
        double count = state.Count + added.Count;
        if (name == "regr_count")
        {
            state.Count = count;
            return;
        }
        double differenceX = (state.SumX / state.Count) - (added.SumX / added.Count);
        double differenceY = (state.SumY / state.Count) - (added.SumY / added.Count),
            scale = state.Count * added.Count / count;
        state.SquaresX += added.SquaresX + (scale * differenceX * differenceX);
        state.SquaresY += added.SquaresY + (scale * differenceY * differenceY);
        state.Products += added.Products + (scale * differenceX * differenceY);
        state.SumX += added.SumX;
        state.SumY += added.SumY;
        state.Count = count;
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context)
    {
        if (target is FixedColumnBuilder<long> counts)
            counts.Append((long)state.Count);
        else if (Compute(state) is { } result)
            ((FixedColumnBuilder<double>)target).Append(result);
        else
            target.AppendNull();
    }

    protected override void AppendEmpty(ColumnBuilder target)
    {
        if (target is FixedColumnBuilder<long> counts)
            counts.Append(0);
        else
            target.AppendNull();
    }

    private double? Compute(State state) => name switch
    {
        "regr_sxx" => state.SquaresX,
        "regr_syy" => state.SquaresY,
        "regr_sxy" => state.Products,
        "regr_avgx" => state.SumX / state.Count,
        "regr_avgy" => state.SumY / state.Count,
        "covar_pop" => state.Products / state.Count,
        "covar_samp" => state.Count < 2 ? null : state.Products / (state.Count - 1),
        "corr" => state.SquaresX == 0 || state.SquaresY == 0 ? null
            : state.Products / Math.Sqrt(state.SquaresX * state.SquaresY),
        "regr_r2" => state.SquaresX == 0 ? null : state.SquaresY == 0
            ? 1
            : state.Products * state.Products / (state.SquaresX * state.SquaresY),
        "regr_slope" => state.SquaresX == 0 ? null : state.Products / state.SquaresX,
        "regr_intercept" => state.SquaresX == 0 ? null
            : (state.SumY - (state.SumX * state.Products / state.SquaresX)) / state.Count,
        _ => throw new InvalidOperationException($"no statistic {name}"),
    };

    private static void CheckInfinities(State state, double oldSumX, double x, double oldSumY, double y)
    {
        if (double.IsFinite(state.SquaresX) && double.IsFinite(state.SquaresY) && double.IsFinite(state.Products)
            && !double.IsInfinity(state.SumX) && !double.IsInfinity(state.SumY))
        {
            return;
        }
        bool isGivenX = double.IsInfinity(oldSumX) || !double.IsFinite(x), isGivenY = double.IsInfinity(oldSumY)
            || !double.IsFinite(y);
        if ((double.IsInfinity(state.SquaresX) || double.IsInfinity(state.SumX)) && !isGivenX)
            throw NumberErrors.FloatOverflow();
        if ((double.IsInfinity(state.SquaresY) || double.IsInfinity(state.SumY)) && !isGivenY)
            throw NumberErrors.FloatOverflow();
        if (double.IsInfinity(state.Products) && !isGivenX && !isGivenY)
            throw NumberErrors.FloatOverflow();
        if (double.IsInfinity(state.SquaresX))
            state.SquaresX = double.NaN;
        if (double.IsInfinity(state.SquaresY))
            state.SquaresY = double.NaN;
        if (double.IsInfinity(state.Products))
            state.Products = double.NaN;
    }
}
