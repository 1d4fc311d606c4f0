using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>Base of ordered-set aggregates: keeps the values, which come in WITHIN GROUP's order.</summary>
internal abstract class OrderedSetAccumulator(
    PhysicalType value, PhysicalType result) : StatefulAccumulator<ColumnBuilder>(result)
{
    private const int BytesPerValueGuess = 16;

    protected override bool Counts(ReadOnlySpan<Column> arguments, int row) => !arguments[0].IsNull(row);

    protected override ColumnBuilder NewState() => ColumnBuilder.Create(value);

    protected override long AddRow(
        ColumnBuilder state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        state.AppendFrom(arguments[0], row);
        return BytesPerValueGuess;
    }

    protected override void MergeState(ColumnBuilder state, ColumnBuilder added) => state.AppendAll(added.Build());

    protected override void AppendResult(ColumnBuilder state, ColumnBuilder target, EvaluationContext context)
    {
        Column values = state.Build();
        AppendResult(values, target);
        state.AppendAll(values); // a window may ask again
    }

    protected abstract void AppendResult(Column values, ColumnBuilder target);
}

/// <summary>mode(): the most frequent value, the first in order where several are.</summary>
internal sealed class ModeAccumulator(SqlType type)
    : OrderedSetAccumulator(Columns.PhysicalOf(type), Columns.PhysicalOf(type))
{
    private readonly ValueOrder _order = ValueOrder.Of(type);

    protected override void AppendResult(Column values, ColumnBuilder target)
    {
        int best = 0, bestCount = 0;
        for (int start = 0; start < values.Length;)
        {
            int end = start + 1;
            while (end < values.Length && _order.Compare(values, start, values, end) == 0)
                end++;
            if (end - start > bestCount)
                (best, bestCount) = (start, end - start);
            start = end;
        }
        target.AppendFrom(values, best);
    }
}

/// <summary>percentile_disc and percentile_cont, of one fraction or an array of them.</summary>
internal sealed class PercentileAccumulator(SqlType type, SqlType result, Column fraction, bool isContinuous)
    : OrderedSetAccumulator(Columns.PhysicalOf(type), Columns.PhysicalOf(result))
{
    // Asked of the fraction, not of the result: one fraction of arrays gives an array too.
    private readonly bool _isArray = fraction is BinaryColumn;

    protected override void AppendResult(Column values, ColumnBuilder target)
    {
        if (fraction.IsNull(0))
        {
            target.AppendNull();
            return;
        }
        if (!_isArray)
        {
            AppendAt(values, ((FixedColumn<double>)fraction)[0], target);
            return;
        }
        var fractions = new ArrayValue(((BinaryColumn)fraction)[0]);
        var array = new ArrayBuilder(BuiltinTypes.ElementOf(result.Oid));
        Column wanted = fractions.ToColumn();
        for (int i = 0; i < fractions.Count; i++)
        {
            if (wanted.IsNull(i))
                array.Elements.AppendNull();
            else
                AppendAt(values, ((FixedColumn<double>)wanted)[i], array.Elements);
        }
        array.AppendTo((BinaryColumnBuilder)target, ArrayShape.LengthsOf(fractions),
            ArrayShape.LowerBoundsOf(fractions));
    }

    private void AppendAt(Column values, double share, ColumnBuilder target)
    {
        if (!(share >= 0 && share <= 1))
            throw new SqlException(SqlState.NumericValueOutOfRange,
                $"percentile value {share:G6} is not between 0 and 1");
        if (!isContinuous)
        {
            target.AppendFrom(values, Math.Max(0, (int)Math.Ceiling(share * values.Length) - 1));
            return;
        }
        double place = share * (values.Length - 1);
        int low = (int)Math.Floor(place), high = (int)Math.Ceiling(place);
        if (low == high)
            target.AppendFrom(values, low);
        else if (values is FixedColumn<double> numbers)
            ((FixedColumnBuilder<double>)target).Append(
                numbers[low] + ((place - low) * (numbers[high] - numbers[low])));
        else
            AppendBetween((FixedColumn<Fixed16>)values, low, high, place - low, (FixedColumnBuilder<Fixed16>)target);
    }

    private static void AppendBetween(
        FixedColumn<Fixed16> values, int low, int high, double share, FixedColumnBuilder<Fixed16> target)
    {
        Interval from = Interval.From(values[low]), to = Interval.From(values[high]);
        target.Append((from + ((to - from) * share)).ToFixed16());
    }
}

/// <summary>rank, dense_rank, percent_rank and cume_dist of a row that is not there.</summary>
/// <remarks>The arguments are the ordering's columns; the hypothetical row is among the direct arguments.</remarks>
internal sealed class HypotheticalRankAccumulator(
    string name, IReadOnlyList<SqlType> types, IReadOnlyList<Column> row, ImmutableArray<SortKey> order)
    : StatefulAccumulator<HypotheticalRankAccumulator.State>(
        name is "percent_rank" or "cume_dist" ? PhysicalType.Float64 : PhysicalType.Int64)
{
    private readonly ValueOrder[] _orders = [.. types.Select(ValueOrder.Of)];

    internal sealed class State
    {
        public long Count, Before, Equal, DistinctBefore;
        public Column[]? Last;
        public bool IsPast;
    }

    protected override bool Counts(ReadOnlySpan<Column> arguments, int row) => true;

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int index, EvaluationContext context)
    {
        state.Count++;
        bool isEqual = true;
        for (int i = 0; i < _orders.Length && isEqual; i++)
            isEqual = ValueOrder.CompareNullable(_orders[i], arguments[i], index, row[i], 0) == 0;
        if (isEqual)
        {
            state.Equal++;
            state.IsPast = true; // rows come in order: whatever follows is not before the hypothetical row
            return 0;
        }
        if (state.IsPast || !IsBefore(arguments, index))
        {
            state.IsPast = true;
            return 0;
        }
        state.Before++;
        if (state.Last is null || !SameAs(state.Last, arguments, index))
            state.DistinctBefore++;
        var last = new Column[_orders.Length];
        for (int i = 0; i < last.Length; i++)
            last[i] = arguments[i].Broadcast(index, 1);
        state.Last = last;
        return 0;
    }

    protected override void MergeState(State state, State added)
    {
        state.Count += added.Count;
        state.Before += added.Before;
        state.Equal += added.Equal;
        state.DistinctBefore += added.DistinctBefore;
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context) => Append(
        target, state.Count, state.Before, state.Equal, state.DistinctBefore);

    protected override void AppendEmpty(ColumnBuilder target) => Append(target, 0, 0, 0, 0);

    private void Append(ColumnBuilder target, long count, long before, long equal, long distinctBefore)
    {
        switch (name)
        {
            case "rank":
                ((FixedColumnBuilder<long>)target).Append(before + 1);
                break;
            case "dense_rank":
                ((FixedColumnBuilder<long>)target).Append(distinctBefore + 1);
                break;
            case "percent_rank":
                ((FixedColumnBuilder<double>)target).Append(count == 0 ? 0 : (double)before / count);
                break;
            default:
                ((FixedColumnBuilder<double>)target).Append((double)(before + equal + 1) / (count + 1));
                break;
        }
    }

    private bool IsBefore(ReadOnlySpan<Column> arguments, int index)
    {
        for (int i = 0; i < _orders.Length; i++)
        {
            int compared = ValueOrder.CompareNullable(_orders[i], arguments[i], index, row[i], 0);
            if (compared == 0)
                continue;
            bool isReversed = !order.IsDefault && (arguments[i].IsNull(index) || row[i].IsNull(0)
                ? order[i].NullsFirst
                : order[i].IsDescending);
            return isReversed ? compared > 0 : compared < 0;
        }
        return false;
    }

    private bool SameAs(Column[] last, ReadOnlySpan<Column> arguments, int index)
    {
        for (int i = 0; i < _orders.Length; i++)
        {
            if (ValueOrder.CompareNullable(_orders[i], last[i], 0, arguments[i], index) != 0)
                return false;
        }
        return true;
    }
}
