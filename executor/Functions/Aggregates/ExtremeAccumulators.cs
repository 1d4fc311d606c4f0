using System.Numerics;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Families;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>min() and max() of fixed-width numbers, whose order is the numbers' (NaN above all).</summary>
internal sealed class FixedExtremeAccumulator<T>(bool isMax) : Accumulator where T : unmanaged, INumber<T>
{
    private T[] _best = new T[1];
    private bool[] _hasValue = new bool[1];

    public override long SizeBytes => _best.Length * 9L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _best, groupCount);
        GroupStates.Grow(ref _hasValue, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (FixedColumn<T>)arguments[0];
        ReadOnlySpan<T> values = column.Values;
        for (int row = 0; row < rowCount; row++)
        {
            if (!column.IsNull(row))
                Offer(GroupStates.GroupOf(groups, row), values[row & column.RowMask]);
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (FixedExtremeAccumulator<T>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._hasValue[i])
                Offer(groups[i], source._best[i]);
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        ulong[] known = Bitmap.Allocate(count);
        for (int i = 0; i < count; i++)
        {
            if (_hasValue[start + i])
                Bitmap.Set(known, i);
        }
        return new FixedColumn<T>(_best.AsSpan(start, count).ToArray(), new Bitmap(known, count));
    }

    private static bool IsSame(Column column, int row, Column best) => column switch
    {
        BinaryColumn bytes => bytes[row].SequenceEqual(((BinaryColumn)best)[0]),
        FixedColumn<Fixed16> wide => wide[row] == ((FixedColumn<Fixed16>)best)[0],
        _ => true,
    };

    private void Offer(int group, T value)
    {
        if (!_hasValue[group] || (isMax ? IsLess(_best[group], value) : IsLess(value, _best[group])))
        {
            _best[group] = value;
            _hasValue[group] = true;
        }
    }

    private static bool IsLess(T x, T y) => typeof(T) == typeof(float) || typeof(T) == typeof(double)
        ? FloatFunctions.Compare(double.CreateTruncating(x), double.CreateTruncating(y)) < 0
        : x < y;
}

/// <summary>min() and max() of values of any type with an order.</summary>
internal sealed class OrderedExtremeAccumulator(SqlType type, bool isMax) : Accumulator
{
    private readonly ValueOrder _order = ValueOrder.Of(type);
    private Column?[] _best = new Column?[1]; // the value alone, so that it does not keep its batch alive
    private long _valueBytes;

    public override long SizeBytes => (_best.Length * 64L) + _valueBytes;

    public override void Resize(int groupCount) => GroupStates.Grow(ref _best, groupCount);

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        Column column = arguments[0];
        for (int row = 0; row < rowCount; row++)
        {
            if (!column.IsNull(row))
                Offer(GroupStates.GroupOf(groups, row), column, row);
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (OrderedExtremeAccumulator)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._best[i] is { } best)
                Offer(groups[i], best, 0);
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        ColumnBuilder target = ColumnBuilder.Create(Columns.PhysicalOf(type), count);
        for (int i = 0; i < count; i++)
        {
            if (_best[start + i] is { } best)
                target.AppendFrom(best, 0);
            else
                target.AppendNull();
        }
        return target.Build();
    }

    private static bool IsSame(Column column, int row, Column best) => column switch
    {
        BinaryColumn bytes => bytes[row].SequenceEqual(((BinaryColumn)best)[0]),
        FixedColumn<Fixed16> wide => wide[row] == ((FixedColumn<Fixed16>)best)[0],
        _ => true,
    };

    private void Offer(int group, Column column, int row)
    {
        Column? best = _best[group];
        if (best is not null)
        {
            int order = _order.Compare(column, row, best, 0);
            // Of equal values the last one stays, as 1.50 after 1.5 and 24:00 after 1 day do.
            if (isMax ? order < 0 : order > 0)
                return;
            if (order == 0 && IsSame(column, row, best))
                return;
        }
        _best[group] = column.Broadcast(row, 1);
        if (column is BinaryColumn texts)
            _valueBytes += texts[row].Length - (best is BinaryColumn old ? old[0].Length : 0);
    }
}
