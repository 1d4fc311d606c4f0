using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Storage.Tables;

/// <summary>A unit's rows as the record batches of a segment, for reading all of them once.</summary>
/// <remarks>What is decompressed is not kept for others. Threads: any.</remarks>
public abstract class StoredRows
{
    /// <summary>How many record batches.</summary>
    public abstract int BatchCount { get; }

    /// <summary>A record batch's columns as the file has them, compressed or not, verified; null where the snapshot does not see all of
    /// its rows, or the segment does not have all of the columns.</summary>
    public abstract StoredColumn[]? FindStored(int batch, ReadOnlySpan<short> columns);

    /// <summary>The rows of a record batch that the snapshot sees; null where it sees none.</summary>
    public abstract ColumnBatch? Read(int batch, ReadOnlySpan<short> columns);

    /// <summary>Bytes of the columns in the file.</summary>
    public abstract long BytesOf(ReadOnlySpan<short> columns);
}
