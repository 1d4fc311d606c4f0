using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>Rows in memory: of the delta, or the reader's own.</summary>
/// <param name="count">Rows that were there when the view was made; later ones it does not see.</param>
/// <param name="codes">What coded vectors may take; null for rows that are not committed, which may yet become others.</param>
internal sealed class DeltaUnit(DeltaChunk chunk, int count, TableEntry table, Snapshot snapshot, OwnWrites? own, bool isOwn,
    VectorCodeBudget? codes = null) : ScanUnit
{
    public override int RowCountMax => count;

    // Zones are not kept for rows in memory: finding which rows are visible costs more than looking at them.
    public override UnitReader Open(ReadOnlySpan<short> columns, bool withRowId, IReadOnlyList<ZoneBound> zones) =>
        new Reader(this, columns.ToArray(), withRowId);

    public override VectorRuns? MapVectors(short column)
    {
        int ordinal = chunk.Schema.OrdinalOf(column);
        if (ordinal < 0)
            return null;
        DeltaColumn values = chunk.Column(ordinal);
        int stride = values.StrideBytes;
        return stride == 0
            ? null
            : new Runs(this, values.ReadRun(count, stride), values.ReadValidity(count), stride,
                codes is null ? null : chunk.CodesOf(ordinal, codes));
    }

    public override ColumnBatch Slice(int start, int length, ReadOnlySpan<short> columns) =>
        Slice(start, length, columns, withRowId: false);

    public override ColumnBatch Gather(ReadOnlySpan<int> positions, ReadOnlySpan<short> columns, bool withRowId) =>
        Take(positions, columns, withRowId);

    public override Bitmap FindVisible()
    {
        ulong[] bits = Bitmap.Allocate(count);
        return FindVisible(0, count, bits) == count ? default : new Bitmap(bits, count);
    }

    public override object? FindHome(out int start)
    {
        start = 0;
        return isOwn ? null : chunk;
    }

    /// <summary>Sets the bits of rows that the view sees; bit 0 is <paramref name="start"/>.</summary>
    /// <returns>How many there are.</returns>
    internal int FindVisible(int start, int length, Span<ulong> bits)
    {
        if (isOwn)
            bits.Fill(ulong.MaxValue);
        else
            chunk.FindVisible(start, length, snapshot.Timestamp, bits);
        if ((length & 63) != 0)
            bits[length >> 6] &= (1UL << (length & 63)) - 1;
        if (own is { HasDeletions: true })
        {
            for (int i = 0; i < length; i++)
            {
                if (own.IsDeleted(chunk.RowId(start + i)))
                    Bitmap.Clear(bits, i);
            }
        }
        return Bitmap.CountSet(bits);
    }

    private ColumnBatch Take(ReadOnlySpan<int> positions, ReadOnlySpan<short> columns, bool withRowId)
    {
        var taken = new Column[columns.Length + (withRowId ? 1 : 0)];
        for (int i = 0; i < columns.Length; i++)
        {
            int ordinal = chunk.Schema.OrdinalOf(columns[i]);
            taken[i] = ordinal < 0
                ? ValueText.Missing(table.Column(columns[i]), positions.Length)
                : chunk.Column(ordinal).ReadAtLeast(count).Take(positions);
        }
        if (withRowId)
        {
            ReadOnlySpan<long> rowIds = chunk.RowIds(count);
            long[] ids = GC.AllocateUninitializedArray<long>(positions.Length);
            for (int i = 0; i < ids.Length; i++)
                ids[i] = rowIds[positions[i]];
            taken[^1] = new FixedColumn<long>(ids);
        }
        return new ColumnBatch(taken, positions.Length);
    }

    private sealed class Runs(DeltaUnit unit, ColumnBuffer data, Bitmap validity, int stride, SegmentCodes? codes) : VectorRuns
    {
        private const int RunRows = DeltaChunk.CodedRows;

        public override int Count => (unit.RowCountMax + RunRows - 1) / RunRows;

        public override bool TryRead(int index, IReadOnlyList<ZoneBound> zones, out VectorRun run)
        {
            int start = index * RunRows, length = Math.Min(RunRows, unit.RowCountMax - start);
            Span<ulong> bits = stackalloc ulong[RunRows / 64];
            bits = bits[..Bitmap.WordCount(length)];
            run = default;
            int seen = unit.FindVisible(start, length, bits);
            if (seen == 0)
                return false;
            Bitmap visible = seen == length ? default : new Bitmap(bits.ToArray(), length);
            run = VectorRun.Of(start, length, data.Slice(start * stride, length * stride), stride, visible,
                validity.Slice(start, length), codes is not null && length == RunRows ? new RunCodes(codes, index) : default);
            return true;
        }
    }

    private sealed class Reader(DeltaUnit unit, short[] columns, bool withRowId) : UnitReader
    {
        private readonly ulong[] _visible = Bitmap.Allocate(ColumnBatch.RowsMax);
        private readonly int[] _positions = new int[ColumnBatch.RowsMax];
        private int _next;

        public override ColumnBatch? Next()
        {
            while (_next < unit.RowCountMax)
            {
                int start = _next, length = Math.Min(ColumnBatch.RowsMax, unit.RowCountMax - start);
                _next += length;
                if (unit.FindVisible(start, length, _visible.AsSpan(0, Bitmap.WordCount(length))) == 0)
                    continue;
                int found = new Bitmap(_visible, length).WriteSetIndexes(_positions);
                if (found == length)
                    return unit.Slice(start, length, columns, withRowId);
                for (int i = 0; i < found; i++)
                    _positions[i] += start;
                return unit.Take(_positions.AsSpan(0, found), columns, withRowId);
            }
            return null;
        }

        public override void Dispose()
        {
        }
    }

    private ColumnBatch Slice(int start, int length, ReadOnlySpan<short> columns, bool withRowId)
    {
        var slices = new Column[columns.Length + (withRowId ? 1 : 0)];
        for (int i = 0; i < columns.Length; i++)
        {
            int ordinal = chunk.Schema.OrdinalOf(columns[i]);
            slices[i] = ordinal < 0
                ? ValueText.Missing(table.Column(columns[i]), length)
                : chunk.Column(ordinal).ReadAtLeast(count).Slice(start, length);
        }
        if (withRowId)
            slices[^1] = new FixedColumn<long>(chunk.RowIds(count).Slice(start, length).ToArray());
        return new ColumnBatch(slices, length);
    }
}
