using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>generate_series over int4 and int8: full batches, filled in a tight loop.</summary>
internal sealed class IntegerSeries(bool isLong) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        Int128 start = NumberSpan.Of<long>(arguments[0])[0], stop = NumberSpan.Of<long>(arguments[1])[0];
        Int128 step = arguments.Length > 2 ? NumberSpan.Of<long>(arguments[2])[0] : 1;
        if (step == 0)
            throw Series.StepIsZero();
        Int128 total = (step > 0 ? stop < start : stop > start) ? 0 : ((stop - start) / step) + 1;
        for (Int128 done = 0; done < total; done += ColumnBatch.RowsMax)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            int count = (int)Int128.Min(ColumnBatch.RowsMax, total - done);
            long first = (long)(start + (done * step)), stride = (long)step;
            yield return new ColumnBatch([isLong ? Longs(first, stride, count) : Ints(first, stride, count)], count);
        }
    }

    private static FixedColumn<long> Longs(long first, long step, int count)
    {
        var values = new long[count];
        for (int i = 0; i < count; i++)
            values[i] = unchecked(first + (i * step));
        return new FixedColumn<long>(values);
    }

    private static FixedColumn<int> Ints(long first, long step, int count)
    {
        var values = new int[count];
        for (int i = 0; i < count; i++)
            values[i] = (int)(first + (i * step));
        return new FixedColumn<int>(values);
    }
}

internal static class Series
{
    public static SqlException StepIsZero() => new(SqlState.InvalidParameterValue, "step size cannot equal zero");
}

/// <summary>generate_series over numeric.</summary>
internal sealed class NumericSeries : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        SqlNumeric value = Read(arguments[0], "start value"), stop = Read(arguments[1], "stop value");
        SqlNumeric step = arguments.Length > 2 ? Read(arguments[2], "step size") : SqlNumeric.One;
        if (step.IsZero)
            throw Series.StepIsZero();
        var builder = new BinaryColumnBuilder(ColumnBatch.RowsMax);
        for (; step.Sign > 0 ? value <= stop : value >= stop; value += step)
        {
            builder.Append(value);
            if (builder.Length < ColumnBatch.RowsMax)
                continue;
            context.Cancellation.ThrowIfCancellationRequested();
            yield return new ColumnBatch([builder.Build()], ColumnBatch.RowsMax);
        }
        int rest = builder.Length;
        if (rest > 0)
            yield return new ColumnBatch([builder.Build()], rest);
    }

    private static SqlNumeric Read(Column column, string what)
    {
        SqlNumeric value = SqlNumeric.Read(((BinaryColumn)column)[0]);
        return value.IsFinite
            ? value
            : throw new SqlException(SqlState.InvalidParameterValue,
                $"{what} cannot be {(value.IsNaN ? "NaN" : "infinity")}");
    }
}

/// <summary>generate_series over timestamps: months and days step through the calendar (in the session's zone, with a
/// zone).</summary>
internal sealed class TimestampSeries(bool hasZone) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        long value = ((FixedColumn<long>)arguments[0])[0], stop = ((FixedColumn<long>)arguments[1])[0];
        Interval step = Interval.From(((FixedColumn<Fixed16>)arguments[2])[0]);
        if (step.Sign == 0)
            throw Series.StepIsZero();
        var values = new List<long>();
        while (step.Sign > 0 ? value <= stop : value >= stop)
        {
            values.Add(value);
            if (!Timestamps.IsFinite(value))
                throw new SqlException(SqlState.DatetimeFieldOverflow, "timestamp out of range");
            value = hasZone ? Timestamps.Add(value, step, context.Format.TimeZone) : Timestamps.Add(value, step);
            if (values.Count < ColumnBatch.RowsMax)
                continue;
            context.Cancellation.ThrowIfCancellationRequested();
            yield return new ColumnBatch([new FixedColumn<long>([.. values])], values.Count);
            values.Clear();
        }
        if (values.Count > 0)
            yield return new ColumnBatch([new FixedColumn<long>([.. values])], values.Count);
    }
}
