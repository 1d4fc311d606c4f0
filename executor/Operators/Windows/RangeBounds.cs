using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Bounds of RANGE frames: by peers, or by the sort key's value moved by an offset.</summary>
internal sealed class RangeBounds(
    WindowFramePlan plan, WindowChunk chunk, Column? orderKey, SortKey? sortKey, EvaluationContext context)
{
    private const long DayMicroseconds = 86_400_000_000;

    internal void Fill(WindowFrameBound kind, Column? offset, int[] bounds, bool isEnd)
    {
        if (offset is not null)
        {
            FillByValue(kind, offset, bounds, isEnd);
            return;
        }
        for (int row = 0; row < bounds.Length; row++)
        {
            bounds[row] = kind switch
            {
                WindowFrameBound.UnboundedPreceding => chunk.PartitionStart(row),
                WindowFrameBound.UnboundedFollowing => chunk.PartitionEnd(row),
                _ => isEnd ? chunk.PeerEnd(row) : chunk.PeerStart(row),
            };
        }
    }

    private void FillByValue(WindowFrameBound kind, Column offset, int[] bounds, bool isEnd)
    {
        if (orderKey is null || sortKey is null)
            throw new InvalidOperationException("RANGE with an offset needs one sort key");
        // Going back in the order is going down in value, unless the order descends.
        bool subtracts = kind == WindowFrameBound.Preceding != sortKey.IsDescending;
        var (keys, moved, keyKind) = Move(orderKey, sortKey, offset, subtracts, isEnd);
        var encoder = new OrderedKeyEncoder([new KeyOrder(keyKind, sortKey.IsDescending, sortKey.NullsFirst)]);
        KeyBuffer keyBytes = new(), movedBytes = new();
        encoder.Append([keys], chunk.RowCount, keyBytes);
        encoder.Append([moved], chunk.RowCount, movedBytes);
        for (int partition = 0; partition < chunk.PartitionCount; partition++)
        {
            int first = chunk.PartitionStarts[partition], last = chunk.PartitionStarts[partition + 1];
            int start = first, end = last;
            while (start < end && keys.IsNull(start))
                start++;
            while (end > start && keys.IsNull(end - 1))
                end--;
            for (int row = first; row < last; row++)
            {
                bounds[row] = row < start || row >= end
                    ? isEnd ? chunk.PeerEnd(row) : chunk.PeerStart(row) // a null sees the other nulls
                    : Search(keyBytes, movedBytes[row], start, end, isEnd);
            }
        }
    }

    // The first key not before the value; for an end, the first one after it.
    private static int Search(KeyBuffer keys, ReadOnlySpan<byte> value, int low, int high, bool isEnd)
    {
        while (low < high)
        {
            int middle = (low + high) >> 1;
            int order = keys[middle].SequenceCompareTo(value);
            if (order < 0 || (isEnd && order == 0))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private (Column Keys, Column Moved, KeyKind Kind) Move(
        Column keys, SortKey sortKey, Column offset, bool subtracts, bool isEnd)
    {
        // Infinity less infinity could be anything: such a bound lets in all that is a number.
        double undecided = isEnd != sortKey.IsDescending ? double.PositiveInfinity : double.NegativeInfinity;
        switch (keys)
        {
            case FixedColumn<short> values:
                return MoveIntegers(keys, row => values[row], Integer(offset), subtracts);
            case FixedColumn<int> values when sortKey.Key.Type.Oid == TypeOid.Int4:
                return MoveIntegers(keys, row => values[row], Integer(offset), subtracts);
            case FixedColumn<long> values when sortKey.Key.Type.Oid == TypeOid.Int8:
                return MoveIntegers(keys, row => values[row], Integer(offset), subtracts);
            case FixedColumn<long> values when sortKey.Key.Type.Oid == TypeOid.Time:
                return MoveIntegers(keys, row => values[row], TimeOf(offset), subtracts);
            case FixedColumn<Fixed16> values when sortKey.Key.Type.Oid == TypeOid.TimeTz:
                return MoveZoned(values, TimeOf(offset), subtracts);
            case FixedColumn<float> values:
                return MoveFloats(keys, row => values[row], ((FixedColumn<double>)offset)[0], subtracts, undecided);
            case FixedColumn<double> values:
                return MoveFloats(keys, row => values[row], ((FixedColumn<double>)offset)[0], subtracts, undecided);
        }
        RangeArithmetic arithmetic = plan.OffsetArithmetic
            ?? throw new InvalidOperationException("RANGE with an offset needs its arithmetic");
        FunctionEntry function = subtracts ? arithmetic.Subtract : arithmetic.Add;
        CheckSign(offset, sortKey);
        ScalarExpression offsetType = plan.StartOffset ?? plan.EndOffset ?? sortKey.Key;
        var call = new CallExpression(new SqlType(function.Result), function,
            [new InputExpression(sortKey.Key.Type, 0), new InputExpression(offsetType.Type, 1)]);
        Column moved = CompiledExpressions.Compile(call).Evaluate(
            new ColumnBatch([keys, offset.WithLength(keys.Length)], keys.Length), context);
        if (keys is FixedColumn<int> days && moved is FixedColumn<long>)
            keys = Midnights(days); // a date moved by an interval is a timestamp
        if (keys is BinaryColumn numbers)
            moved = Decide(numbers, (BinaryColumn)moved, undecided);
        return (keys, moved, KeyKinds.Of(call.Type));
    }

    private static long Integer(Column offset) => offset switch
    {
        FixedColumn<short> value => value[0],
        FixedColumn<int> value => value[0],
        _ => ((FixedColumn<long>)offset)[0],
    };

    // A time of day has no use for an interval's months and days.
    private static long TimeOf(Column interval) => (long)((FixedColumn<Fixed16>)interval)[0].Low;

    private static (Column Keys, Column Moved, KeyKind Kind) MoveZoned(
        FixedColumn<Fixed16> keys, long offset, bool subtracts)
    {
        if (offset < 0)
            throw InvalidSize();
        var moved = new Fixed16[keys.Length];
        for (int row = 0; row < moved.Length; row++)
        {
            if (keys.IsNull(row))
                continue;
            // Times are within a day: a bound beyond the farthest zones is beyond every key.
            long step = Math.Min(offset, 4 * DayMicroseconds);
            long time = (long)keys[row].Low + (subtracts ? -step : step);
            moved[row] = new Fixed16((ulong)time, keys[row].High);
        }
        Bitmap validity = keys.HasNulls ? keys.Expand().Validity : default;
        return (keys, new FixedColumn<Fixed16>(moved, validity), KeyKind.TimeTz);
    }

    // Beyond the largest float is infinity here, not an error.
    private static (Column Keys, Column Moved, KeyKind Kind) MoveFloats(
        Column keys, Func<int, double> value, double offset, bool subtracts, double undecided)
    {
        if (offset < 0 || double.IsNaN(offset))
            throw InvalidSize();
        double[] wide = new double[keys.Length], moved = new double[keys.Length];
        for (int row = 0; row < wide.Length; row++)
        {
            if (keys.IsNull(row))
                continue;
            wide[row] = value(row);
            moved[row] = subtracts ? wide[row] - offset : wide[row] + offset;
            if (double.IsNaN(moved[row]) && !double.IsNaN(wide[row]))
                moved[row] = undecided;
        }
        Bitmap validity = keys.HasNulls ? keys.Expand().Validity : default;
        return (new FixedColumn<double>(wide, validity), new FixedColumn<double>(moved, validity), KeyKind.Float64);
    }

    private static BinaryColumn Decide(BinaryColumn keys, BinaryColumn moved, double undecided)
    {
        var target = new BinaryColumnBuilder(moved.Length);
        for (int row = 0; row < moved.Length; row++)
        {
            if (!keys.IsNull(row) && SqlNumeric.Read(moved[row]).IsNaN && !SqlNumeric.Read(keys[row]).IsNaN)
                target.Append(undecided > 0 ? SqlNumeric.PositiveInfinity : SqlNumeric.NegativeInfinity);
            else
                target.AppendFrom(moved, row);
        }
        return (BinaryColumn)target.Build();
    }

    // In 128 bits nothing overflows: a bound beyond the type's range is beyond every key.
    private static (Column Keys, Column Moved, KeyKind Kind) MoveIntegers(
        Column keys, Func<int, long> value, long offset, bool subtracts)
    {
        if (offset < 0)
            throw InvalidSize();
        long[] wide = new long[keys.Length], moved = new long[keys.Length];
        for (int row = 0; row < wide.Length; row++)
        {
            if (keys.IsNull(row))
                continue;
            wide[row] = value(row);
            Int128 sum = subtracts ? (Int128)wide[row] - offset : (Int128)wide[row] + offset;
            moved[row] = (long)Int128.Clamp(sum, long.MinValue, long.MaxValue);
        }
        Bitmap validity = keys.HasNulls ? keys.Expand().Validity : default;
        return (new FixedColumn<long>(wide, validity), new FixedColumn<long>(moved, validity), KeyKind.Int64);
    }

    private static FixedColumn<long> Midnights(FixedColumn<int> days)
    {
        long[] moments = new long[days.Length];
        for (int row = 0; row < moments.Length; row++)
        {
            moments[row] = days[row] switch
            {
                int.MaxValue => long.MaxValue,
                int.MinValue => long.MinValue,
                int day => day * DayMicroseconds,
            };
        }
        return new FixedColumn<long>(moments, days.HasNulls ? days.Expand().Validity : default);
    }

    // Offsets go outwards only.
    private static void CheckSign(Column offset, SortKey sortKey)
    {
        bool isNegative = offset switch
        {
            FixedColumn<Fixed16> value => IsNegativeInterval(value[0]),
            BinaryColumn value when sortKey.Key.Type.Oid == TypeOid.Numeric =>
                SqlNumeric.Read(value[0]) is var number && (number.Sign < 0 || number.IsNaN),
            _ => false,
        };
        if (isNegative)
            throw InvalidSize();
    }

    private static bool IsNegativeInterval(Fixed16 value)
    {
        long days = (int)(value.High & 0xFFFF_FFFF) + ((int)(value.High >> 32) * 30L);
        return ((Int128)days * DayMicroseconds) + (long)value.Low < 0;
    }

    private static SqlException InvalidSize() => new(
        SqlState.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");
}
