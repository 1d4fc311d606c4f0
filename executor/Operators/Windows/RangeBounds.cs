using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;

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
        var (keys, moved, keyKind) = Move(orderKey, sortKey, offset, subtracts);
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
        Column keys, SortKey sortKey, Column offset, bool subtracts)
    {
        switch (keys)
        {
            case FixedColumn<short> values:
                return MoveIntegers(keys, row => values[row], ((FixedColumn<short>)offset)[0], subtracts);
            case FixedColumn<int> values when sortKey.Key.Type.Oid == TypeOid.Int4:
                return MoveIntegers(keys, row => values[row], ((FixedColumn<int>)offset)[0], subtracts);
            case FixedColumn<long> values when sortKey.Key.Type.Oid == TypeOid.Int8:
                return MoveIntegers(keys, row => values[row], ((FixedColumn<long>)offset)[0], subtracts);
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
        return (keys, moved, KeyKinds.Of(call.Type));
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
            FixedColumn<float> value => value[0] < 0 || float.IsNaN(value[0]),
            FixedColumn<double> value => value[0] < 0 || double.IsNaN(value[0]),
            FixedColumn<Fixed16> value => IsNegativeInterval(value[0]),
            BinaryColumn value when sortKey.Key.Type.Oid == TypeOid.Numeric =>
                Catalog.Values.SqlNumeric.Read(value[0]) is var number && (number.Sign < 0 || number.IsNaN),
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
