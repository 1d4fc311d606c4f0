using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Reads a segment. Rows are named by position, from 0 to <see cref="SegmentInfo.RowCount"/>.</summary>
/// <remarks>
/// Errors:  a block whose checksum is wrong is a <see cref="CorruptFileException"/> when it is first touched.
/// Memory:  uncompressed values are handed out where they lie in the mapped file; decompressed ones come from
///          <see cref="ColumnCache"/>. Columns stay valid as long as they are referred to, also after the files are deleted.
/// Threads: any.
/// </remarks>
public sealed class SegmentReader
{
    /// <summary>The number under which row ids (int64) can be read like a column.</summary>
    public const short RowIdColumn = -1;

    /// <summary>The number under which commit timestamps (int64) can be read like a column.</summary>
    public const short CommitColumn = -2;

    /// <exception cref="CorruptFileException">The files do not fit each other or <paramref name="info"/>.</exception>
    public static SegmentReader Open(IFileSystem files, string directory, SegmentInfo info, ColumnCache cache) =>
        throw new NotImplementedException();

    public SegmentInfo Info => throw new NotImplementedException();

    public SegmentSchema Schema => throw new NotImplementedException();

    /// <summary>Record batches: the natural unit of a scan, each of at most <see cref="ColumnBatch.RowsMax"/> rows.</summary>
    public int BatchCount => throw new NotImplementedException();

    /// <summary>Position of the batch's first row; for <see cref="BatchCount"/>, the row count.</summary>
    public int BatchStart(int batch) => throw new NotImplementedException();

    /// <summary>False for a column that was added to the table after the segment was written.</summary>
    public bool HasColumn(short number) => throw new NotImplementedException();

    /// <summary>A record batch's values of columns that the segment has, or of the two hidden ones.</summary>
    public ColumnBatch ReadBatch(int batch, ReadOnlySpan<short> columns) => throw new NotImplementedException();

    /// <summary>One column of a record batch.</summary>
    public Column ReadColumn(int batch, short column) => throw new NotImplementedException();

    /// <summary>The values at positions, in the order given.</summary>
    public Column Gather(ReadOnlySpan<int> positions, short column) => throw new NotImplementedException();

    /// <summary>The position of a row id; −1 where the segment does not have it.</summary>
    public int PositionOf(long rowId) => throw new NotImplementedException();

    /// <summary>The first position whose row id is not below the given one; the row count where there is none.</summary>
    public int LowerBound(long rowId) => throw new NotImplementedException();

    /// <summary>Whether the segment answers for this unique index (it was written when the index existed).</summary>
    public bool HasKey(uint indexOid) => throw new NotImplementedException();

    /// <summary>Positions of rows whose key may have this hash (of <see cref="KeyHash"/>); the caller compares the keys.</summary>
    /// <returns>How many there are; only as many as fit are written.</returns>
    public int FindKey(uint indexOid, ulong hash, Span<int> positions) => throw new NotImplementedException();

    /// <summary>What is known of a batch's values of a column without reading them.</summary>
    public Zone ZoneOf(int batch, short column) => throw new NotImplementedException();

    /// <summary>A vector, halfvec or bit column of fixed length as it lies in the mapped file, batch by batch; null for other columns.</summary>
    public IReadOnlyList<MappedRun>? MapRuns(short column) => throw new NotImplementedException();
}

/// <summary>Consecutive rows whose fixed-length values lie one after the other.</summary>
/// <param name="Data">Rows × stride bytes, aligned to 64. A null row's bytes are zeros.</param>
/// <param name="Validity">Absent where no row is null.</param>
public readonly record struct MappedRun(int FirstPosition, int RowCount, ColumnBuffer Data, int StrideBytes, Bitmap Validity);
