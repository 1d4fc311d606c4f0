using System.Runtime.InteropServices;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Codes;

namespace VecSQL.Storage.Tables;

/// <summary>A table at a snapshot: what scans and lookups read.</summary>
/// <remarks>Threads: any number may read units at once. The data it shows stays valid as long as the view is
/// reachable.</remarks>
public abstract class TableView
{
    /// <summary>About how many rows are visible; exact is not promised.</summary>
    public abstract long RowCountEstimate { get; }

    /// <summary>
    /// The parts of the table: each segment (or part of a large one), and the delta. To be read in any order, in
    /// parallel.
    /// </summary>
    public abstract IReadOnlyList<ScanUnit> Units { get; }

    /// <summary>The visible rows whose unique key is one of the keys; null keys match nothing.</summary>
    /// <param name="keys">Key columns in index order, of the key columns' physical types.</param>
    /// <param name="columns">Column numbers to return; then the row id.</param>
    /// <returns>The rows found, in order of the keys, and for each the number of its key.</returns>
    public abstract LookupResult Lookup(uint indexOid, ColumnBatch keys, ReadOnlySpan<short> columns);

    /// <summary>The visible ones of the rows with these ids, in their order.</summary>
    /// <param name="rowIds">Each once.</param>
    /// <param name="columns">Column numbers to return; then the row id.</param>
    public abstract ColumnBatch Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns);

    /// <summary>Nothing more is read from it. If this is not said, what it sees is kept until the transaction ends.</summary>
    public abstract void Release();
}

/// <param name="Rows">The columns asked for, then the row ids (int64).</param>
/// <param name="KeyOrdinals">For each row, which key found it.</param>
public readonly record struct LookupResult(ColumnBatch Rows, int[] KeyOrdinals);

/// <summary>A part of a table that one thread reads at a time.</summary>
public abstract class ScanUnit
{
    /// <summary>Rows in it at most, visible or not.</summary>
    public abstract int RowCountMax { get; }

    /// <summary>Reads the visible rows in batches of at most <see cref="ColumnBatch.RowsMax"/>.</summary>
    /// <param name="columns">Column numbers; a column newer than the data is filled with its missing value.</param>
    /// <param name="withRowId">Adds the row ids as a last int64 column.</param>
    /// <param name="zones">Bounds that rows must meet; parts that cannot are skipped, others are returned
    /// unfiltered.</param>
    public abstract UnitReader Open(ReadOnlySpan<short> columns, bool withRowId, IReadOnlyList<ZoneBound> zones);

    /// <summary>The rows as a segment's record batches; null for rows in memory.</summary>
    public virtual StoredRows? Stored => null;

    /// <summary>A vector column as it lies in memory or in the mapped file, for scanning in place, or batch by batch, so that places are
    /// positions; null where rows are only read as they are seen.</summary>
    public abstract VectorRuns? MapVectors(short column);

    /// <summary>What searches by an index use of which the unit's rows are a part; null where it is not built.</summary>
    /// <param name="start">The position in the index's answers of the unit's first row.</param>
    public virtual object? FindIndex(uint indexOid, out int start)
    {
        start = 0;
        return null;
    }

    /// <summary>A built vector index of which the unit's rows are a part; null where there is none.</summary>
    /// <param name="start">The position in the index's answers of the unit's first row.</param>
    public CellIndex? FindVectorIndex(uint indexOid, out int start) => FindIndex(indexOid, out start) as CellIndex;

    /// <summary>Which of the unit's rows the snapshot sees; absent for all.</summary>
    public abstract Bitmap FindVisible();

    /// <summary>What the rows lie in, by position, for as long as they do; null for rows that may be taken back. What is found out about
    /// them may be kept with it.</summary>
    /// <param name="start">The position there of the unit's first row.</param>
    public abstract object? FindHome(out int start);

    /// <summary>The vectors of the whole segment, as they lie in the mapped file.</summary>
    public virtual MappedRows FindVectors(short column) => throw new InvalidOperationException("the unit is part of no index");

    /// <summary>Consecutive rows by position, visible or not, within one run of vectors.</summary>
    public abstract ColumnBatch Slice(int start, int count, ReadOnlySpan<short> columns);

    /// <summary>
    /// The values of rows of this unit, by position; positions ascend. Then the row ids where asked for.
    /// </summary>
    public abstract ColumnBatch Gather(ReadOnlySpan<int> positions, ReadOnlySpan<short> columns, bool withRowId);
}

/// <summary>A column bound: column op value, with the value as a constant column.</summary>
/// <param name="Operator">=, &lt;, &lt;=, &gt;, &gt;=.</param>
public readonly record struct ZoneBound(short Column, string Operator, Column Value);

/// <summary>Hands out a unit's batches.</summary>
public abstract class UnitReader : IDisposable
{
    /// <summary>The next visible rows; null at the end. Never empty.</summary>
    public abstract ColumnBatch? Next();

    public abstract void Dispose();
}

/// <summary>The runs of a unit's vectors.</summary>
/// <remarks>Threads: any.</remarks>
public abstract class VectorRuns
{
    public abstract int Count { get; }

    /// <summary>Reads one run; false where no row of it is visible or may meet the bounds.</summary>
    public abstract bool TryRead(int index, IReadOnlyList<ZoneBound> zones, out VectorRun run);
}

/// <summary>Consecutive rows, at most <see cref="ColumnBatch.RowsMax"/>, whose vectors lie one after the other.</summary>
/// <param name="FirstPosition">The position in the unit of the run's first row.</param>
/// <param name="Data">Rows × stride bytes.</param>
/// <param name="StrideBytes">Bytes of a row: dimensions × 4 for vector, × 2 for halfvec, ceil(n / 8) for
/// bit(n).</param>
/// <param name="Visible">Which rows the snapshot sees and are not null; absent for all.</param>
/// <param name="NullVector">Visible rows whose vector is null; absent for none.</param>
/// <param name="Codes">Where the run's codes come from.</param>
/// <param name="Values">The vectors one by one, where they are not of one length; then there is no data.</param>
public readonly record struct VectorRun(
    int FirstPosition, int RowCount, ColumnBuffer Data, int StrideBytes, Bitmap Visible, Bitmap NullVector,
    RunCodes Codes, BinaryColumn? Values = null)
{
    /// <summary>One of so many parts of about the same size, of a run whose values are not of one length; false where it has no rows.</summary>
    public bool TryTakePart(int part, int count, out VectorRun taken)
    {
        BinaryColumn values = Values ?? throw new InvalidOperationException("values of one length are taken as a whole");
        int partRows = ((RowCount + count - 1) / count + 63) / 64 * 64, start = part * partRows; // whole words of bitmaps
        int rows = Math.Min(partRows, RowCount - start);
        taken = rows <= 0 ? default : this with
        {
            FirstPosition = FirstPosition + start, RowCount = rows, Values = (BinaryColumn)values.Slice(start, rows),
            Visible = Visible.IsAbsent ? default : Visible.Slice(start, rows),
            NullVector = NullVector.IsAbsent ? default : NullVector.Slice(start, rows),
        };
        return rows > 0;
    }

    /// <summary>Parts the visible rows into those with a vector and those without.</summary>
    /// <param name="visible">Absent for all.</param>
    /// <param name="validity">Of the vectors; absent where none is null.</param>
    internal static VectorRun Of(
        int firstPosition, int rowCount, ColumnBuffer data, int strideBytes, Bitmap visible, Bitmap validity,
        RunCodes codes = default, BinaryColumn? values = null)
    {
        Bitmap nulls = default;
        if (!validity.IsAbsent)
        {
            ulong[] words = Bitmap.Allocate(rowCount);
            for (int i = 0; i < words.Length; i++)
                words[i] = (visible.IsAbsent ? ulong.MaxValue : visible.Words[i]) & ~validity.Words[i];
            if ((rowCount & 63) != 0)
                words[^1] &= (1UL << (rowCount & 63)) - 1;
            nulls = new Bitmap(words, rowCount);
        }
        return new VectorRun(firstPosition, rowCount, data, strideBytes, Bitmap.And(visible, validity), nulls, codes, values);
    }
}

/// <summary>Codes of a run of float32 vectors, which are made when first worth it.</summary>
public readonly struct RunCodes
{
    private readonly SegmentCodes? _source;
    private readonly int _batch;

    internal RunCodes(SegmentCodes source, int batch)
    {
        _source = source;
        _batch = batch;
    }

    /// <summary>The codes of all rows of the run; null where there are none (yet).</summary>
    public VectorCodes? Of(in VectorRun run) =>
        _source?.Get(_batch, MemoryMarshal.Cast<byte, float>(run.Data.Bytes), run.StrideBytes / sizeof(float));
}
