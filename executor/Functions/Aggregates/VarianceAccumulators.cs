using System.Numerics;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>Which of the four: over the population or a sample, and whether its root is taken.</summary>
internal readonly record struct VarianceKind(bool IsSample, bool IsRoot);

/// <summary>Variance and standard deviation of floats, by sums of squared differences that are kept up to
/// date.</summary>
/// <remarks>Source: Youngs and Cramer, "Some results relevant to choice of sum and sum-of-product algorithms",
/// 1971.</remarks>
internal sealed class FloatVarianceAccumulator<T>(
    VarianceKind kind) : StatefulAccumulator<FloatVarianceAccumulator<T>.State>(PhysicalType.Float64)
    where T : unmanaged, INumber<T>
{
    internal sealed class State
    {
        public double Count, Sum, Squares;
    }

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        double value = double.CreateTruncating(((FixedColumn<T>)arguments[0])[row]), before = state.Count,
            oldSum = state.Sum;
        state.Count++;
        state.Sum += value;
        if (before == 0)
        {
            if (!double.IsFinite(value))
                state.Squares = double.NaN;
            return 0;
        }
        double difference = (value * state.Count) - state.Sum;
        state.Squares += difference * difference / (state.Count * before);
        if (double.IsInfinity(state.Sum) || double.IsInfinity(state.Squares))
        {
            if (!double.IsInfinity(oldSum) && !double.IsInfinity(value))
                throw NumberErrors.FloatOverflow();
            state.Squares = double.NaN;
        }
        return 0;
    }

    protected override void MergeState(State state, State added)
    {
        double count = state.Count + added.Count, difference = (state.Sum / state.Count) - (added.Sum / added.Count);
        state.Squares += added.Squares + (state.Count * added.Count * difference * difference / count);
        state.Sum += added.Sum;
        state.Count = count;
        if (double.IsInfinity(state.Squares))
            throw NumberErrors.FloatOverflow();
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context)
    {
        double divisor = kind.IsSample ? state.Count - 1 : state.Count;
        if (divisor <= 0)
        {
            target.AppendNull();
            return;
        }
        double variance = state.Squares / divisor;
        ((FixedColumnBuilder<double>)target).Append(kind.IsRoot ? Math.Sqrt(variance) : variance);
    }
}

/// <summary>Variance and standard deviation of integers and numeric, exactly until the final division.</summary>
internal sealed class NumericVarianceAccumulator(VarianceKind kind, Func<Column, int, SqlNumeric> read)
    : StatefulAccumulator<NumericVarianceAccumulator.State>(PhysicalType.Binary)
{
    internal sealed class State
    {
        public long Count;
        public SqlNumeric Sum = SqlNumeric.Zero, Squares = SqlNumeric.Zero;
    }

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        SqlNumeric value = read(arguments[0], row);
        state.Count++;
        state.Sum += value;
        state.Squares += value * value;
        return 0;
    }

    protected override void MergeState(State state, State added)
    {
        state.Count += added.Count;
        state.Sum += added.Sum;
        state.Squares += added.Squares;
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context)
    {
        var builder = (BinaryColumnBuilder)target;
        if (kind.IsSample && state.Count <= 1)
        {
            target.AppendNull();
            return;
        }
        if (!state.Sum.IsFinite || !state.Squares.IsFinite)
        {
            builder.Append(SqlNumeric.NaN);
            return;
        }
        SqlNumeric numerator = (state.Squares * state.Count) - (state.Sum * state.Sum);
        if (numerator.Sign <= 0)
        {
            builder.Append(SqlNumeric.Zero);
            return;
        }
        SqlNumeric count = state.Count, divisor = count * (kind.IsSample ? state.Count - 1 : state.Count);
        SqlNumeric variance = numerator / divisor;
        builder.Append(kind.IsRoot ? Root(variance) : variance);
    }

    /// <summary>The root, rounded to the variance's own scale.</summary>
    private static SqlNumeric Root(SqlNumeric variance)
    {
        BigInteger square = variance.Coefficient * BigInteger.Pow(10, variance.Scale + 2); // a digit more, to round by
        BigInteger root = square;
        if (!square.IsZero)
        {
            root = BigInteger.One << (int)((square.GetBitLength() + 1) / 2);
            for (BigInteger next = (root + (square / root)) >> 1; next < root; next = (root + (square / root)) >> 1)
                root = next;
        }
        return SqlNumeric.Create((root + 5) / 10, variance.Scale);
    }
}
