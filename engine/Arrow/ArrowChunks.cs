using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>Cuts a record batch into rows that are copied at once.</summary>
/// <remarks>Memory: numbers of a dictionary and views may name one long value time and again, so that a few bytes stand for any many: what
/// the rows become is counted before it is made.</remarks>
internal static class ArrowChunks
{
    private const long BytesWanted = 64L << 20, RowBytesMax = 512L << 20;

    /// <summary>How many rows from the start on are taken next.</summary>
    /// <exception cref="SqlException">54000: a single row is too long.</exception>
    internal static int RowsNext(IReadOnlyList<ArrowArray> columns, int start, int rowCount)
    {
        int count = Math.Min(ColumnBatch.RowsMax, rowCount - start);
        long bytes = BytesOf(columns, start, count);
        while (count > 1 && bytes > BytesWanted)
        {
            count = (count + 1) / 2;
            bytes = BytesOf(columns, start, count);
        }
        return bytes <= RowBytesMax ? count
            : throw new SqlException(SqlState.ProgramLimitExceeded, $"a row of {bytes} bytes exceeds the maximum of {RowBytesMax}");
    }

    /// <summary>Bytes of texts and bytes among the rows' values, as often as they come.</summary>
    internal static long BytesOf(IReadOnlyList<ArrowArray> columns, int start, int count)
    {
        long bytes = 0;
        foreach (ArrowArray column in columns)
            bytes += BytesOf(column, start, count);
        return bytes;
    }

    private static long BytesOf(ArrowArray array, int start, int count)
    {
        if (count == 0)
            return 0;
        switch (array.Type.Kind)
        {
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary:
                ReadOnlySpan<int> ends = array.Buffers[1].As<int>();
                return ends[start + count] - ends[start];
            case ArrowTypeKind.LargeUtf8 or ArrowTypeKind.LargeBinary:
                ReadOnlySpan<long> far = array.Buffers[1].As<long>();
                return far[start + count] - far[start];
            case ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView:
                return Sum(array, start, count, static (views, row) => ArrowView.Read(views, row).Length);
            case ArrowTypeKind.Dictionary when array.Dictionary is { } values && ArrowDecoding.Decoded(values) is BinaryColumn decoded:
                return Sum(array, start, count, (numbers, row) => decoded[(int)ArrowNumbers.Index(numbers, row)].Length);
            case ArrowTypeKind.List or ArrowTypeKind.LargeList or ArrowTypeKind.FixedSizeList:
                int first = ArrowDecoding.RangeOf(array, start).Start, end = ArrowDecoding.RangeOf(array, start + count - 1).End;
                return BytesOf(array.Children[0], first, end - first);
            default:
                return 0;
        }
    }

    private static long Sum(ArrowArray array, int start, int count, Func<ArrowArray, int, int> lengthOf)
    {
        long bytes = 0;
        for (int row = start; row < start + count; row++)
        {
            if (!array.IsNull(row))
                bytes += lengthOf(array, row);
        }
        return bytes;
    }
}
