using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Indexes;

namespace VecSQL.Storage.Tables;

/// <summary>A table at a snapshot, with what its transaction had written by then.</summary>
/// <remarks>
/// The parts of the table are taken once, so that flushes and compaction change nothing for scans. A lookup looks at
/// the parts of its own
/// moment instead: versions that a snapshot sees are never dropped, wherever they move.
/// </remarks>
internal sealed class SnapshotView : TableView
{
    private readonly TableStore _store;
    private readonly TableEntry _table;
    private readonly Snapshot _snapshot;
    private readonly TableParts _parts;
    private readonly OwnWrites? _own;
    private ScanUnit[]? _units;
    private int _isReleased;

    public SnapshotView(TableStore store, TableEntry table, Snapshot snapshot, TableWrites? writes)
    {
        _store = store;
        _table = table;
        _snapshot = snapshot;
        snapshot.AddView();
        _parts = store.Parts;
        _own = writes is null ? null : new OwnWrites(writes);
    }

    public override long RowCountEstimate =>
        (_own is { HidesCommitted: true } ? 0 : _store.LiveRows) + (_own?.RowCount ?? 0);

    public override IReadOnlyList<ScanUnit> Units => _units ??= MakeUnits();

    public override LookupResult Lookup(uint indexOid, ColumnBatch keys, ReadOnlySpan<short> columns)
    {
        IndexEntry entry = FindIndex(indexOid);
        List<RowPlace> places = new(1);
        List<int> ordinals = new(1);
        UniqueIndex index;
        KeyBatch batch;
        TableParts parts;
        ulong[] found = Bitmap.Allocate(keys.RowCount);
        lock (_store.Sync)
        {
            index = _store.IndexFor(entry, _table);
            batch = index.KeysOf(keys.Columns, keys.RowCount);
            parts = _store.Parts;
            for (int row = 0; row < keys.RowCount; row++)
            {
                if (!HasNull(batch, row) && FindInMemory(index, batch, row, places, ordinals))
                    Bitmap.Set(found, row);
            }
        }
        if (parts.Segments.Length > 0 && _own is not { HidesCommitted: true })
            FindInSegments(parts, index, batch, found, places, ordinals);
        RowPlace[] inOrder = [.. places];
        int[] numbers = [.. ordinals];
        Array.Sort(numbers, inOrder); // those found in memory come before those in segments
        return new LookupResult(RowGatherer.Gather(_table, inOrder, columns, withRowId: true), numbers);
    }

    public override ColumnBatch Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns)
    {
        List<RowPlace> places = new(rowIds.Length);
        lock (_store.Sync)
        {
            foreach (long rowId in rowIds)
            {
                RowPlace place = default;
                bool isVisible = (_own is not null && _own.TryFindLive(rowId, out place)) || FindCommitted(rowId, out place)
                    || FindStored(rowId, out place);
                if (isVisible)
                    places.Add(place);
            }
        }
        return RowGatherer.Gather(_table, [.. places], columns, withRowId: true);
    }

    public override void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            _snapshot.RemoveView();
    }

    internal bool Sees(RowPlace place)
    {
        if (place.InsertedAt > _snapshot.Timestamp)
            return false;
        long deleted = place.DeletedAt;
        return deleted == 0 || deleted > _snapshot.Timestamp;
    }

    private IndexEntry FindIndex(uint indexOid)
    {
        foreach (IndexEntry entry in _table.Indexes)
        {
            if (entry.Oid == indexOid && entry.IsUnique)
                return entry;
        }
        throw new ArgumentException($"table {_table.Oid} has no unique index {indexOid}", nameof(indexOid));
    }

    private static bool HasNull(KeyBatch keys, int row)
    {
        foreach (Column column in keys.Columns)
        {
            if (column.IsNull(row))
                return true;
        }
        return false;
    }

    /// <returns>Whether a committed row was found; there is no other then, but perhaps own ones.</returns>
    /// <remarks>
    /// A snapshot may see two rows of one key: an old one, deleted since by another transaction, and one that this
    /// transaction has
    /// inserted in its place. PostgreSQL shows both too.
    /// </remarks>
    private bool FindInMemory(UniqueIndex index, KeyBatch keys, int row, List<RowPlace> places, List<int> ordinals)
    {
        KeyMap map = index.Map;
        bool hasOwn = _own is { RowCount: > 0 }, isFound = false;
        for (int entry = map.First(keys.Hashes[row]); entry >= 0 && (hasOwn || !isFound); entry = map.Next(entry))
        {
            long rowId = map.RowIdAt(entry);
            TableWrites? writer = map.WriterAt(entry);
            bool isVisible = writer is null
                ? FindCommitted(rowId, out RowPlace place)
                : FindOwn(writer, rowId, out place);
            if (!isVisible || !index.Matches(place, keys, row))
                continue;
            places.Add(place);
            ordinals.Add(row);
            isFound |= writer is null;
        }
        return isFound;
    }

    private bool FindCommitted(long rowId, out RowPlace place)
    {
        place = default;
        return _own is not { HidesCommitted: true } && _store.TryFindInDelta(rowId, out place) && Sees(place)
            && (_own is null || !_own.IsDeleted(rowId));
    }

    private bool FindStored(long rowId, out RowPlace place)
    {
        place = default;
        return _own is not { HidesCommitted: true } && TableStore.TryFindInSegments(_store.Parts, rowId, out place) && Sees(place)
            && (_own is null || !_own.IsDeleted(rowId));
    }

    private bool FindOwn(TableWrites writer, long rowId, out RowPlace place)
    {
        place = default;
        return _own is not null && writer == _own.Writes && _own.TryFindLive(rowId, out place);
    }

    private void FindInSegments(
        TableParts parts, UniqueIndex index, KeyBatch keys, ReadOnlySpan<ulong> found, List<RowPlace> places,
            List<int> ordinals)
    {
        for (int row = 0; row < keys.Hashes.Length; row++)
        {
            if ((found[row >> 6] & (1UL << (row & 63))) != 0 || HasNull(keys, row))
                continue;
            foreach (SegmentSlot segment in parts.Segments)
            {
                if (!FindInSegment(segment, index, keys, row, out RowPlace place))
                    continue;
                places.Add(place);
                ordinals.Add(row);
                break;
            }
        }
    }

    private bool FindInSegment(SegmentSlot segment, UniqueIndex index, KeyBatch keys, int row, out RowPlace place)
    {
        foreach (int position in SegmentKeys.Find(segment, index, keys, row))
        {
            place = new RowPlace(segment, position);
            if (Sees(place) && (_own is null || !_own.HasDeletions
                || !_own.IsDeleted(SegmentKeys.RowIdAt(segment, position))))
                return true;
        }
        place = default;
        return false;
    }

    private ScanUnit[] MakeUnits()
    {
        List<ScanUnit> units = [];
        if (_own is not { HidesCommitted: true })
        {
            foreach (SegmentSlot segment in _parts.Segments)
                SegmentUnit.AddUnits(units, segment, _table, _snapshot, _own, isOwn: false);
            foreach (DeltaChunk chunk in _parts.Chunks)
            {
                if (chunk.Count is var count and > 0)
                    units.Add(new DeltaUnit(chunk, count, _table, _snapshot, _own, isOwn: false, _store.CodeBudget));
            }
        }
        _own?.AddUnits(units, _table, _snapshot);
        return [.. units];
    }
}
