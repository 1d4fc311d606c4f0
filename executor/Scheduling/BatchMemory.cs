using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Scheduling;

/// <summary>How much memory batches hold, and batches that hold no more than their rows need.</summary>
internal static class BatchMemory
{
    internal static int WidthBytes(PhysicalType type) => type switch
    {
        PhysicalType.Bool => 1,
        PhysicalType.Int16 => 2,
        PhysicalType.Int32 or PhysicalType.Float32 => 4,
        PhysicalType.Int64 or PhysicalType.Float64 => 8,
        PhysicalType.Fixed16 => 16,
        _ => 8, // a start and a length; the bytes are counted apart
    };

    /// <summary>About how many bytes the batch's own rows take.</summary>
    internal static long SizeBytes(ColumnBatch batch)
    {
        long size = 64;
        foreach (Column column in batch.Columns)
            size += SizeBytes(column);
        return size;
    }

    internal static long SizeBytes(Column column)
    {
        if (column.IsConstant)
            return 64 + (column is BinaryColumn { Length: > 0 } single ? single[0].Length : 0);
        if (column is BinaryColumn { Form: { } form })
            return form.SizeBytes;
        long size = (long)WidthBytes(column.Type) * column.Length;
        if (column is BinaryColumn binary)
        {
            foreach (int length in binary.Lengths)
                size += length;
        }
        return size;
    }

    /// <summary>The same rows without the bytes of rows that a filter dropped, where those are most of what is held.</summary>
    internal static ColumnBatch Compact(ColumnBatch batch)
    {
        Column[]? columns = null;
        for (int i = 0; i < batch.Columns.Length; i++)
        {
            if (batch.Columns[i] is not BinaryColumn { IsConstant: false, Form: null } binary || !IsSparse(binary))
                continue;
            columns ??= [.. batch.Columns];
            var builder = new BinaryColumnBuilder(binary.Length, (int)(SizeBytes(binary) - (8L * binary.Length)));
            builder.AppendAll(binary);
            columns[i] = builder.Build();
        }
        return columns is null ? batch : new ColumnBatch(columns, batch.RowCount);
    }

    private static bool IsSparse(BinaryColumn column)
    {
        long used = 0;
        foreach (int length in column.Lengths)
            used += length;
        return used * 2 < column.Data.Length && column.Data.Length > 4096;
    }
}
