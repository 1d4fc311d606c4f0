using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Delta;

/// <summary>Rows in memory: of a table's delta, or not yet committed.</summary>
/// <remarks>
/// Threads: one thread appends and marks deletions at a time (the table's lock, or the transaction that owns the rows);
/// readers take a count once and look at rows below it without a lock. A deletion is seen by whoever looks later, and
/// the
/// timestamp tells whether it counts.
/// </remarks>
internal sealed class DeltaChunk
{
    /// <summary>Rows at most; a fuller chunk is followed by another.</summary>
    public const int RowsMax = 1 << 16;

    /// <summary>Value bytes after which a chunk takes no more rows, far below what an array can hold.</summary>
    public const long BytesMax = 256L << 20;

    /// <summary>Bytes from which on a batch becomes a chunk; with less, the pieces would be too many.</summary>
    private const long AdoptedBytesMin = 1L << 20;

    /// <summary>Rows whose vectors are coded together, once there are so many: searches measure fewer than that without codes.</summary>
    public const int CodedRows = 1024;

    private readonly DeltaColumn[] _columns;
    private readonly ConcurrentDictionary<int, SegmentCodes> _codes = new();
    private long[] _rowIds = new long[8];
    private long[]? _inserts; // commit timestamps; null while all rows share one
    private long[]? _deletes; // commit timestamps of deletions, 0 for none; null while nothing is deleted
    private long _insert;
    private int _count;

    /// <param name="sharesInsert">All rows are of one transaction, so that one timestamp serves.</param>
    public DeltaChunk(ChunkSchema schema, bool sharesInsert)
    {
        Schema = schema;
        _columns = new DeltaColumn[schema.Columns.Length];
        for (int i = 0; i < _columns.Length; i++)
            _columns[i] = DeltaColumn.Create(schema.Columns[i]);
        _inserts = sharesInsert ? null : new long[8];
    }

    private DeltaChunk(ChunkSchema schema, DeltaColumn[] columns, long[] rowIds)
    {
        Schema = schema;
        _columns = columns;
        _rowIds = rowIds;
        _count = rowIds.Length;
        IsSealed = true;
    }

    public ChunkSchema Schema { get; }

    /// <summary>The number by which the table's row locator knows it.</summary>
    public int Number { get; set; }

    /// <summary>Bytes that the delta's budget counts for it.</summary>
    public long AccountedBytes { get; set; }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Rows that were deleted since; a hint.</summary>
    public int DeletedCount { get; private set; }

    /// <summary>No more rows go in: it is being flushed, or it was adopted whole from a transaction.</summary>
    public bool IsSealed { get; set; }

    public bool IsFull => IsSealed || _count >= RowsMax || SizeBytes >= BytesMax;

    /// <summary>Whether row ids ascend, so that they can be searched.</summary>
    public bool IsSorted { get; private set; } = true;

    public long SizeBytes
    {
        get
        {
            long size = (long)_rowIds.Length * (_inserts is null ? 8 : 16);
            foreach (DeltaColumn column in _columns)
                size += column.SizeBytes;
            return size + ((_deletes?.Length ?? 0) * 8L);
        }
    }

    /// <summary>The ids of the first rows.</summary>
    public ReadOnlySpan<long> RowIds(int count) => Volatile.Read(ref _rowIds).AsSpan(0, count);

    public long RowId(int position) => Volatile.Read(ref _rowIds)[position];

    public long InsertedAt(int position)
    {
        long[]? inserts = Volatile.Read(ref _inserts);
        return inserts is null ? Volatile.Read(ref _insert) : inserts[position];
    }

    /// <summary>When the row was deleted, by a committed transaction; 0 for not.</summary>
    public long DeletedAt(int position)
    {
        long[]? deletes = Volatile.Read(ref _deletes);
        return deletes is null || position >= deletes.Length ? 0 : Volatile.Read(ref deletes[position]);
    }

    /// <summary>Sets the bits of committed rows that a snapshot sees; bit 0 is <paramref name="start"/>.</summary>
    public void FindVisible(int start, int length, long snapshot, Span<ulong> bits)
    {
        ReadOnlySpan<long> inserts = Volatile.Read(ref _inserts);
        if (inserts.IsEmpty)
        {
            bits.Fill(Volatile.Read(ref _insert) <= snapshot ? ulong.MaxValue : 0);
            if ((length & 63) != 0)
                bits[length >> 6] &= (1UL << (length & 63)) - 1;
        }
        else
        {
            bits.Clear();
            inserts = inserts.Slice(start, length);
            for (int i = 0; i < inserts.Length; i++)
                bits[i >> 6] |= (inserts[i] <= snapshot ? 1UL : 0) << (i & 63);
        }
        long[]? deletes = Volatile.Read(ref _deletes);
        if (deletes is null)
            return;
        int end = Math.Min(start + length, deletes.Length);
        for (int position = start; position < end; position++)
        {
            long deleted = Volatile.Read(ref deletes[position]);
            if (deleted != 0 && deleted <= snapshot)
                Bitmap.Clear(bits, position - start);
        }
    }

    /// <summary>
    /// Takes a transaction's batch over as a chunk that is full, without copying it, where the batch is large and compact.
    /// </summary>
    /// <param name="rowIds">Ascending.</param>
    public static bool TryAdopt(
        ChunkSchema schema, ColumnBatch rows, ReadOnlySpan<long> rowIds, [NotNullWhen(true)] out DeltaChunk? chunk)
    {
        chunk = null;
        if (rows.RowCount > RowsMax || !AdoptedColumn.Suits(rows, AdoptedBytesMin))
            return false;
        var columns = new DeltaColumn[schema.Columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (rows.Columns[i].Type != schema.Columns[i].Physical)
                return false;
            columns[i] = AdoptedColumn.Of(rows.Columns[i], schema.Columns[i].StrideBytes);
        }
        chunk = new DeltaChunk(schema, columns, rowIds.ToArray());
        return true;
    }

    public DeltaColumn Column(int ordinal) => _columns[ordinal];

    /// <summary>Where the codes of a column's vectors are kept, <see cref="CodedRows"/> at a time; null for columns that are not
    /// coded. For committed rows: others may be forgotten, and then come again as others.</summary>
    public SegmentCodes? CodesOf(int ordinal, VectorCodeBudget budget) =>
        Schema.Columns[ordinal].Type is { Oid: TypeOid.Vector, Modifier: > 0 }
            ? _codes.GetOrAdd(ordinal, static (_, budget) => new SegmentCodes(budget, RowsMax / CodedRows), budget)
            : null;

    /// <summary>Gives all rows their commit timestamp; they become visible when the table takes the chunk in.</summary>
    public void Commit(long timestamp) => Volatile.Write(ref _insert, timestamp);

    /// <summary>Appends rows of a batch that has the schema's columns.</summary>
    public void Append(ColumnBatch rows, int start, ReadOnlySpan<long> rowIds, long timestamp)
    {
        int at = _count, count = rowIds.Length;
        for (int i = 0; i < _columns.Length; i++)
            _columns[i].Append(at, rows.Columns[i], start, count);
        AppendIds(at, rowIds, timestamp);
    }

    /// <summary>Appends a row of another chunk of the same schema.</summary>
    public void Append(DeltaChunk source, int start, int count, long timestamp)
    {
        int at = _count;
        for (int i = 0; i < _columns.Length; i++)
            _columns[i].Append(at, source._columns[i].ReadAtLeast(start + count), start, count);
        AppendIds(at, source._rowIds.AsSpan(start, count), timestamp);
    }

    /// <summary>Marks a row deleted.</summary>
    /// <returns>Whether it was not deleted before.</returns>
    public bool MarkDeleted(int position, long timestamp)
    {
        long[]? deletes = _deletes;
        if (deletes is null || deletes.Length < _rowIds.Length)
        {
            long[] grown = new long[_rowIds.Length];
            deletes?.CopyTo(grown, 0);
            deletes = grown;
            Volatile.Write(ref _deletes, deletes);
        }
        if (deletes[position] != 0)
            return false;
        Volatile.Write(ref deletes[position], timestamp);
        DeletedCount++;
        return true;
    }

    /// <summary>
    /// Forgets rows from <paramref name="count"/> on: of a transaction that rolls back to a savepoint.
    /// </summary>
    public void Truncate(int count)
    {
        if (count >= _count)
            return;
        foreach (DeltaColumn column in _columns)
            column.Truncate(count);
        Volatile.Write(ref _count, count);
    }

    /// <summary>The position of a row id among the first rows; −1 for none. Only in a sorted chunk.</summary>
    public int PositionOf(long rowId, int count)
    {
        int position = RowIds(count).BinarySearch(rowId);
        return position < 0 ? -1 : position;
    }

    /// <summary>The first rows as a batch of all columns, sharing memory.</summary>
    public ColumnBatch Read(int count)
    {
        var columns = new Column[_columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = _columns[i].Read(count);
        return new ColumnBatch(columns, count);
    }

    private void AppendIds(int at, ReadOnlySpan<long> rowIds, long timestamp)
    {
        int end = at + rowIds.Length;
        long[] ids = Grown(_rowIds, at, end);
        rowIds.CopyTo(ids.AsSpan(at));
        for (int i = Math.Max(at, 1); i < end && IsSorted; i++)
            IsSorted = ids[i - 1] < ids[i];
        Volatile.Write(ref _rowIds, ids);
        if (_inserts is { } inserts)
        {
            inserts = Grown(inserts, at, end);
            inserts.AsSpan(at, rowIds.Length).Fill(timestamp);
            Volatile.Write(ref _inserts, inserts);
        }
        Volatile.Write(ref _count, end);
    }

    private static long[] Grown(long[] values, int used, int needed)
    {
        if (needed <= values.Length)
            return values;
        long[] grown = new long[Math.Max(needed, values.Length * 2)];
        Array.Copy(values, grown, used);
        return grown;
    }
}
