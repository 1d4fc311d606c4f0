using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>A filter that asks no more than that columns of integers, dates or times lie in ranges.</summary>
/// <remarks>
/// Compared where the values lie, sixteen or eight at once: a filter over a whole segment then costs little more than reading the
/// column.
/// Threads: immutable; any.
/// </remarks>
internal sealed class ColumnRanges
{
    private readonly short[] _columns;
    private readonly (long Least, long Most)[] _ranges;

    private ColumnRanges(short[] columns, (long, long)[] ranges) => (_columns, _ranges) = (columns, ranges);

    /// <summary>Null where a bound is of another type.</summary>
    /// <param name="bounds">All that the filter asks.</param>
    internal static ColumnRanges? Of(IReadOnlyList<ZoneBound> bounds)
    {
        Dictionary<short, (long Least, long Most)> ranges = [];
        foreach (ZoneBound bound in bounds)
        {
            long value;
            switch (bound.Value)
            {
                case FixedColumn<int> integer:
                    value = integer[0];
                    break;
                case FixedColumn<long> integer:
                    value = integer[0];
                    break;
                default:
                    return null;
            }
            if ((bound.Operator == "<" && value == long.MinValue) || (bound.Operator == ">" && value == long.MaxValue))
                return null;
            (long least, long most) = ranges.GetValueOrDefault(bound.Column, (long.MinValue, long.MaxValue));
            if (bound.Operator is "=" or ">" or ">=")
                least = Math.Max(least, bound.Operator == ">" ? value + 1 : value);
            if (bound.Operator is "=" or "<" or "<=")
                most = Math.Min(most, bound.Operator == "<" ? value - 1 : value);
            ranges[bound.Column] = (least, most);
        }
        return new ColumnRanges([.. ranges.Keys], [.. ranges.Values]);
    }

    /// <summary>Clears the bits of rows that are not in all ranges.</summary>
    /// <param name="first">A position in the unit, where a batch begins.</param>
    internal void Keep(ScanUnit unit, int first, int count, Span<ulong> live)
    {
        Column[] columns = unit.Slice(first, count, _columns).Columns;
        for (int i = 0; i < columns.Length; i++)
        {
            Column column = columns[i].Expand();
            if (column is FixedColumn<int> integers)
                Keep(integers.Values[..count], Clamped(_ranges[i]), live);
            else
                Keep(((FixedColumn<long>)column).Values[..count], _ranges[i], live);
            if (!column.HasNulls)
                continue;
            ReadOnlySpan<ulong> valid = column.Validity.Words;
            for (int word = 0; word < live.Length; word++)
                live[word] &= valid[word];
        }
    }

    private static (int Least, int Most) Clamped((long Least, long Most) range) => range.Least > int.MaxValue || range.Most < int.MinValue
        ? (1, 0) : ((int)Math.Max(range.Least, int.MinValue), (int)Math.Min(range.Most, int.MaxValue));

    private static void Keep<T>(ReadOnlySpan<T> values, (T Least, T Most) range, Span<ulong> live)
        where T : unmanaged, INumber<T>
    {
        ref T first = ref MemoryMarshal.GetReference(values);
        Vector512<T> least = Vector512.Create(range.Least), most = Vector512.Create(range.Most);
        for (int word = 0; word < live.Length; word++)
        {
            if (live[word] == 0)
                continue;
            int start = word * 64, end = Math.Min(start + 64, values.Length), i = start;
            ulong inside = 0;
            for (; i + Vector512<T>.Count <= end; i += Vector512<T>.Count)
            {
                Vector512<T> value = Vector512.LoadUnsafe(ref first, (nuint)i);
                Vector512<T> isInside = Vector512.GreaterThanOrEqual(value, least) & Vector512.LessThanOrEqual(value, most);
                inside |= isInside.ExtractMostSignificantBits() << (i - start);
            }
            for (; i < end; i++)
                inside |= (values[i] >= range.Least && values[i] <= range.Most ? 1UL : 0) << (i - start);
            live[word] &= inside;
        }
    }
}
