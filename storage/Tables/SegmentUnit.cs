using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>Some record batches of a segment. Positions count from the first of them.</summary>
internal sealed class SegmentUnit : ScanUnit
{
    /// <summary>
    /// Rows of a unit, about: small enough to spread over threads, large enough to be worth handing out.
    /// </summary>
    private const int RowsWanted = 1 << 16;

    private readonly SegmentSlot _segment;
    private readonly TableEntry _table;
    private readonly Snapshot _snapshot;
    private readonly OwnWrites? _own;
    private readonly bool _isOwn;
    private readonly int _firstBatch, _endBatch, _start;

    private SegmentUnit(
        SegmentSlot segment, TableEntry table, Snapshot snapshot, OwnWrites? own, bool isOwn, int firstBatch,
            int endBatch)
    {
        _segment = segment;
        _table = table;
        _snapshot = snapshot;
        _own = own;
        _isOwn = isOwn;
        _firstBatch = firstBatch;
        _endBatch = endBatch;
        _start = segment.Reader.BatchStart(firstBatch);
    }

    public override int RowCountMax => _segment.Reader.BatchStart(_endBatch) - _start;

    private SegmentReader Source => _segment.Reader;

    public static void AddUnits(
        List<ScanUnit> units, SegmentSlot segment, TableEntry table, Snapshot snapshot, OwnWrites? own, bool isOwn)
    {
        if (!isOwn && segment.Info.MinCommit > snapshot.Timestamp)
            return;
        SegmentReader reader = segment.Reader;
        for (int first = 0; first < reader.BatchCount;)
        {
            int end = first + 1;
            while (end < reader.BatchCount && reader.BatchStart(end + 1) - reader.BatchStart(first) <= RowsWanted)
                end++;
            units.Add(new SegmentUnit(segment, table, snapshot, own, isOwn, first, end));
            first = end;
        }
    }

    public override UnitReader Open(ReadOnlySpan<short> columns, bool withRowId, IReadOnlyList<ZoneBound> zones) =>
        new Reader(this, columns.ToArray(), withRowId, zones);

    public override StoredRows Stored => new Batches(this);

    public override VectorRuns? MapVectors(short column) =>
        Source.HasColumn(column) ? new Runs(this, column) : null;

    public override object? FindIndex(uint indexOid, out int start)
    {
        start = _start;
        return _segment.FindIndex(indexOid);
    }

    public override Bitmap FindVisible()
    {
        if (!MayHide(_start, RowCountMax))
            return default;
        ulong[] bits = Bitmap.Allocate(RowCountMax);
        return FindVisible(_start, RowCountMax, bits) == RowCountMax ? default : new Bitmap(bits, RowCountMax);
    }

    public override object? FindHome(out int start)
    {
        start = _start;
        return _segment;
    }

    public override MappedRows FindVectors(short column) => _segment.RowsOf(column);

    public override ColumnBatch Slice(int start, int count, ReadOnlySpan<short> columns)
    {
        int batch = BatchOf(_start + start), offset = _start + start - Source.BatchStart(batch);
        var slices = new Column[columns.Length];
        for (int i = 0; i < slices.Length; i++)
        {
            if (!Source.HasColumn(columns[i]))
            {
                slices[i] = ValueText.Missing(_table.Column(columns[i]), count);
                continue;
            }
            Column column = Source.ReadColumn(batch, columns[i]);
            slices[i] = count == column.Length ? column : column.Slice(offset, count);
        }
        return new ColumnBatch(slices, count);
    }

    public override ColumnBatch Gather(ReadOnlySpan<int> positions, ReadOnlySpan<short> columns, bool withRowId)
    {
        int[] inSegment = new int[positions.Length];
        for (int i = 0; i < inSegment.Length; i++)
            inSegment[i] = positions[i] + _start;
        var gathered = new Column[columns.Length + (withRowId ? 1 : 0)];
        for (int i = 0; i < columns.Length; i++)
        {
            gathered[i] = Source.HasColumn(columns[i])
                ? Source.Gather(inSegment, columns[i])
                : ValueText.Missing(_table.Column(columns[i]), positions.Length);
        }
        if (withRowId)
            gathered[^1] = Source.Gather(inSegment, SegmentReader.RowIdColumn);
        return new ColumnBatch(gathered, positions.Length);
    }

    /// <summary>
    /// Sets the bits of rows that the view sees; bit 0 is position <paramref name="start"/> of the segment.
    /// </summary>
    /// <returns>How many there are.</returns>
    private int FindVisible(int start, int count, Span<ulong> bits)
    {
        bits.Fill(ulong.MaxValue);
        if (!_isOwn)
        {
            if (_segment.Info.MaxCommit > _snapshot.Timestamp)
                ClearUncommitted(start, count, bits);
            _segment.Deletes.ClearDeleted(start, count, _snapshot.Timestamp, bits);
        }
        if (_own is { HasDeletions: true })
            ClearOwnDeletions(start, count, bits);
        if ((count & 63) != 0)
            bits[count >> 6] &= (1UL << (count & 63)) - 1;
        return Bitmap.CountSet(bits);
    }

    /// <summary>False where every row is known to be visible.</summary>
    private bool MayHide(int start, int count) =>
        (!_isOwn && (_segment.Info.MaxCommit > _snapshot.Timestamp || _segment.Deletes.HasMarks(start, count)))
        || _own is { HasDeletions: true };

    private void ClearUncommitted(int start, int count, Span<ulong> bits)
    {
        for (int i = 0; i < count;)
        {
            Column commits = ReadHidden(start + i, count - i, SegmentReader.CommitColumn);
            for (int row = 0; row < commits.Length; row++, i++)
            {
                if (((FixedColumn<long>)commits)[row] > _snapshot.Timestamp)
                    Bitmap.Clear(bits, i);
            }
        }
    }

    private void ClearOwnDeletions(int start, int count, Span<ulong> bits)
    {
        ReadOnlySpan<long> deletions = _own!.Deletions;
        int first = deletions.BinarySearch(_segment.Info.MinRowId);
        for (int i = first < 0 ? ~first : first; i < deletions.Length && deletions[i] <= _segment.Info.MaxRowId; i++)
        {
            int position = Source.PositionOf(deletions[i]);
            if (position >= start && position < start + count)
                Bitmap.Clear(bits, position - start);
        }
    }

    /// <summary>
    /// A hidden column from a position to the end of its record batch, at most <paramref name="count"/> rows.
    /// </summary>
    private Column ReadHidden(int position, int count, short column)
    {
        int batch = BatchOf(position), offset = position - Source.BatchStart(batch);
        Column values = Source.ReadColumn(batch, column).Expand();
        return values.Slice(offset, Math.Min(count, values.Length - offset));
    }

    private int BatchOf(int position)
    {
        int low = _firstBatch, high = _endBatch - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (Source.BatchStart(middle) <= position)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private sealed class Batches(SegmentUnit unit) : StoredRows
    {
        public override int BatchCount => unit._endBatch - unit._firstBatch;

        public override StoredColumn[]? FindStored(int batch, ReadOnlySpan<short> columns)
        {
            int number = unit._firstBatch + batch, start = unit.Source.BatchStart(number);
            int count = unit.Source.BatchStart(number + 1) - start;
            if (unit.MayHide(start, count) && unit.FindVisible(start, count, Bitmap.Allocate(count)) < count)
                return null;
            StoredColumn[] stored = new StoredColumn[columns.Length];
            for (int i = 0; i < stored.Length; i++)
            {
                if (!unit.Source.HasColumn(columns[i]))
                    return null;
                stored[i] = unit.Source.ReadStored(number, columns[i]);
            }
            return stored;
        }

        public override ColumnBatch? Read(int batch, ReadOnlySpan<short> columns)
        {
            int number = unit._firstBatch + batch, start = unit.Source.BatchStart(number);
            int count = unit.Source.BatchStart(number + 1) - start, visible = count;
            ulong[]? bits = null;
            if (unit.MayHide(start, count))
            {
                bits = Bitmap.Allocate(count);
                visible = unit.FindVisible(start, count, bits);
                if (visible == 0)
                    return null;
            }
            var read = new Column[columns.Length];
            for (int i = 0; i < read.Length; i++)
            {
                read[i] = unit.Source.HasColumn(columns[i]) ? unit.Source.ReadOnce(number, columns[i])
                    : ValueText.Missing(unit._table.Column(columns[i]), count);
            }
            ColumnBatch rows = new(read, count);
            if (bits is null || visible == count)
                return rows;
            int[] kept = new int[visible];
            new Bitmap(bits, count).WriteSetIndexes(kept);
            return rows.Take(kept);
        }

        public override long BytesOf(ReadOnlySpan<short> columns)
        {
            long bytes = 0;
            foreach (short column in columns)
            {
                if (unit.Source.HasColumn(column))
                    bytes += unit.Source.BytesOf(column) * BatchCount / unit.Source.BatchCount;
            }
            return bytes;
        }
    }

    private sealed class Runs(SegmentUnit unit, short column) : VectorRuns
    {
        private readonly SegmentCodes? _codes = unit._segment.CodesOf(column);

        public override int Count => unit._endBatch - unit._firstBatch;

        public override bool TryRead(int index, IReadOnlyList<ZoneBound> zones, out VectorRun run)
        {
            int batch = unit._firstBatch + index, start = unit.Source.BatchStart(batch);
            int count = unit.Source.BatchStart(batch + 1) - start;
            run = default;
            if (zones.Count > 0 && ZoneFilter.CanSkip(unit.Source, batch, unit._table, zones))
                return false;
            Bitmap visible = default;
            if (unit.MayHide(start, count))
            {
                ulong[] bits = Bitmap.Allocate(count);
                int seen = unit.FindVisible(start, count, bits);
                if (seen == 0)
                    return false;
                if (seen < count)
                    visible = new Bitmap(bits, count);
            }
            if (!unit.Source.IsMapped(column))
            {
                Column values = unit.Source.ReadColumn(batch, column).Expand();
                run = VectorRun.Of(start - unit._start, count, default, 0, visible, values.Validity, values: (BinaryColumn)values);
                return true;
            }
            MappedRun mapped = unit.Source.MapRun(batch, column);
            run = VectorRun.Of(start - unit._start, count, mapped.Data, mapped.StrideBytes, visible, mapped.Validity,
                _codes is null ? default : new RunCodes(_codes, batch));
            return true;
        }
    }

    private sealed class Reader(SegmentUnit unit, short[] columns, bool withRowId,
        IReadOnlyList<ZoneBound> zones) : UnitReader
    {
        private int _batch = unit._firstBatch;

        public override ColumnBatch? Next()
        {
            while (_batch < unit._endBatch)
            {
                int batch = _batch++, start = unit.Source.BatchStart(batch),
                    count = unit.Source.BatchStart(batch + 1) - start;
                if (zones.Count > 0 && ZoneFilter.CanSkip(unit.Source, batch, unit._table, zones))
                    continue;
                ulong[] bits = Bitmap.Allocate(count);
                int visible = unit.FindVisible(start, count, bits);
                if (visible == 0)
                    continue;
                ColumnBatch rows = Read(batch, count);
                if (visible == count)
                    return rows;
                int[] kept = new int[visible];
                new Bitmap(bits, count).WriteSetIndexes(kept);
                return rows.Take(kept);
            }
            return null;
        }

        public override void Dispose()
        {
        }

        private ColumnBatch Read(int batch, int count)
        {
            var read = new Column[columns.Length + (withRowId ? 1 : 0)];
            for (int i = 0; i < columns.Length; i++)
            {
                read[i] = unit.Source.HasColumn(columns[i])
                    ? unit.Source.ReadColumn(batch, columns[i])
                    : ValueText.Missing(unit._table.Column(columns[i]), count);
            }
            if (withRowId)
                read[^1] = unit.Source.ReadColumn(batch, SegmentReader.RowIdColumn);
            return new ColumnBatch(read, count);
        }
    }
}
