using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Delta;

/// <summary>A column of rows that came all at once and are kept as they came, without a copy.</summary>
/// <param name="values">Its values in memory that is the column's alone.</param>
/// <param name="strideBytes">Bytes of every value where all have the same and lie one after the other; else 0.</param>
internal sealed class AdoptedColumn(Column values, int strideBytes) : DeltaColumn(values.Type)
{
    public override long SizeBytes { get; } = SizeOf(values);

    public override int StrideBytes => strideBytes;

    public override Column Read(int count) => count == values.Length ? values : values.Slice(0, count);

    public override ColumnBuffer ReadRun(int count, int stride)
    {
        BinaryColumn binary = (BinaryColumn)values;
        return binary.DataBuffer.Slice(binary.Starts[0], count * stride);
    }

    public override Bitmap ReadValidity(int count) => values.Validity;

    /// <summary>Whether a batch is worth keeping whole: it is large, and holds on to little else than its rows.</summary>
    public static bool Suits(ColumnBatch rows, long bytesMin)
    {
        long bytes = 0;
        foreach (Column column in rows.Columns)
        {
            if (column.IsConstant || (column is BinaryColumn binary && !IsCompact(binary)))
                return false;
            bytes += SizeOf(column);
        }
        return bytes >= bytesMin;
    }

    public static AdoptedColumn Of(Column column, int strideWanted) =>
        new(column, column is BinaryColumn binary && HasStride(binary, strideWanted) ? strideWanted : 0);

    protected override void AppendValues(int at, Column source, int start, int count) =>
        throw new InvalidOperationException("adopted rows are followed by no others");

    /// <summary>Whether the values lie one after the other and fill their buffer nearly.</summary>
    private static bool IsCompact(BinaryColumn column) =>
        !column.DataBuffer.IsForeign && column.TryReadWhole(out ReadOnlySpan<byte> whole)
        && column.DataBuffer.LengthBytes - whole.Length <= whole.Length / 8;

    private static bool HasStride(BinaryColumn column, int stride) =>
        stride > 0 && !column.Lengths.ContainsAnyExcept(stride);

    private static long SizeOf(Column column) => column switch
    {
        BinaryColumn binary => binary.DataBuffer.LengthBytes + (8L * binary.Length),
        BoolColumn => column.Length / 8,
        FixedColumn<short> => column.Length * 2L,
        FixedColumn<int> or FixedColumn<float> => column.Length * 4L,
        FixedColumn<Fixed16> => column.Length * 16L,
        _ => column.Length * 8L,
    };
}
