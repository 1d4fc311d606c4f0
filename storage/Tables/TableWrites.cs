using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Tables;

/// <summary>What a transaction has done to one table and not yet committed.</summary>
/// <remarks>
/// Rows are numbered by ordinal in the order of insertion, which is also the order of their ids. Deletions, of
/// committed and own
/// rows, are numbered too, so that a view knows which of them it sees and a savepoint which of them it undoes.
/// Threads: the transaction's thread writes; other threads look a row up under the table's lock to see whether it has
///          their key.
/// </remarks>
internal sealed class TableWrites
{
    /// <summary>The number of a deletion that no rollback to a savepoint undoes, and that every view sees.</summary>
    private const int ForEver = -1;

    private readonly List<OwnRows> _parts = [];
    private readonly Dictionary<long, int> _deleted = [];
    private readonly List<long> _deletions = [];
    private readonly List<(long Held, RowHold? Before, bool IsKey)> _holds = [];
    private readonly List<Replacement> _replacements = [];
    private PendingSpill? _spill;

    public TableWrites(Transaction transaction, TableStore store)
    {
        Transaction = transaction;
        Store = store;
        Owner = new RowOwner(this);
    }

    public Transaction Transaction { get; }

    public TableStore Store { get; }

    public RowOwner Owner { get; }

    /// <summary>Own rows in order.</summary>
    public IReadOnlyList<OwnRows> Parts => _parts;

    /// <summary>Rows before this one were truncated; it is the first of a part.</summary>
    public int FirstLiveOrdinal { get; private set; }

    /// <summary>TRUNCATE has run: committed rows are no longer seen.</summary>
    public bool HidesCommitted { get; private set; }

    /// <summary>Rows inserted so far.</summary>
    public int RowCount { get; private set; }

    /// <summary>The first row that the current statement inserted.</summary>
    public int StatementStart { get; set; }

    public int DeletionCount => _deletions.Count;

    public bool HasDeletions => _deleted.Count > 0;

    public bool HasWrites => RowCount > 0 || _deleted.Count > 0 || HidesCommitted;

    /// <summary>Bytes of own rows in memory that are not on their way to a segment.</summary>
    public long BufferedBytes
    {
        get
        {
            long bytes = 0;
            int start = _spill?.EndOrdinal ?? 0;
            foreach (OwnRows part in _parts)
                bytes += part.FirstOrdinal >= start && part.Chunk is { } chunk ? chunk.SizeBytes : 0;
            return bytes;
        }
    }

    public WritesMark Mark() =>
        new(RowCount, _deletions.Count, _holds.Count, FirstLiveOrdinal, HidesCommitted, StatementStart, _replacements.Count);

    /// <summary>Buffers rows and gives them ids.</summary>
    /// <returns>The first id; the others follow it.</returns>
    public long Append(TableEntry table, ColumnBatch rows)
    {
        long first = Store.ReserveRowIds(rows.RowCount);
        ReadOnlySpan<long> ids = Ids(first, rows.RowCount);
        Append(table, rows, ids);
        return first;
    }

    /// <summary>Buffers rows under ids that were reserved; they ascend.</summary>
    public void Append(TableEntry table, ColumnBatch rows, ReadOnlySpan<long> rowIds)
    {
        ChunkSchema schema = ChunkSchema.Of(table);
        if (rows.Columns.Length != schema.Columns.Length)
            throw new ArgumentException($"{rows.Columns.Length} columns for a table of {schema.Columns.Length}",
                nameof(rows));
        if (DeltaChunk.TryAdopt(schema, rows, rowIds, out DeltaChunk? whole))
        {
            AddPart(new OwnRows(RowCount, rowIds[0]) { Chunk = whole, MaxRowId = rowIds[^1] });
            RowCount += rowIds.Length;
            return;
        }
        int start = 0;
        while (start < rowIds.Length)
        {
            OwnRows part = OpenPart(schema, rowIds[start]);
            int count = Math.Min(rowIds.Length - start, DeltaChunk.RowsMax - part.Chunk!.Count);
            part.Chunk.Append(rows, start, rowIds.Slice(start, count), 0);
            part.MaxRowId = rowIds[start + count - 1];
            start += count;
            RowCount += count;
        }
    }

    /// <summary>Finds an own row, live or not.</summary>
    public bool TryFind(long rowId, out RowPlace place, out int part)
    {
        int low = 0, high = _parts.Count - 1;
        while (low <= high)
        {
            part = (low + high) >>> 1;
            OwnRows rows = _parts[part];
            if (rowId < rows.MinRowId)
            {
                high = part - 1;
            }
            else if (rowId > rows.MaxRowId)
            {
                low = part + 1;
            }
            else
            {
                int position = rows.PositionOf(rowId);
                place = position < 0 ? default : rows.Place(position);
                return position >= 0;
            }
        }
        (place, part) = (default, -1);
        return false;
    }

    /// <summary>Whether the row was deleted by one of the first <paramref name="before"/> deletions.</summary>
    public bool IsDeleted(long rowId, int before) => _deleted.TryGetValue(rowId, out int number) && number < before;

    public bool IsDeleted(long rowId) => _deleted.ContainsKey(rowId);

    /// <summary>Whether an own row is no longer there for this transaction.</summary>
    public bool IsDead(long rowId, int part) => IsTruncated(_parts[part]) || _deleted.ContainsKey(rowId);

    public bool IsTruncated(OwnRows part) => part.FirstOrdinal < FirstLiveOrdinal;

    /// <returns>False when it was deleted before.</returns>
    public bool Delete(long rowId)
    {
        if (!_deleted.TryAdd(rowId, _deletions.Count))
            return false;
        _deletions.Add(rowId);
        return true;
    }

    /// <summary>The first deletions that count, in ascending order of row id.</summary>
    public long[] DeletedBefore(int count)
    {
        List<long> rows = new(Math.Min(count, _deleted.Count));
        foreach ((long rowId, int number) in _deleted)
        {
            if (number < count)
                rows.Add(rowId);
        }
        rows.Sort();
        return [.. rows];
    }

    /// <summary>Deletions of rows that are somewhere else than in this transaction's memory, ascending.</summary>
    public long[] DeletionsToLog()
    {
        List<long> rows = new(_deleted.Count);
        foreach (long rowId in _deleted.Keys)
        {
            bool isInMemory = TryFind(rowId, out RowPlace place, out int part) && place.Source.Chunk is not null;
            bool isDropped = part >= 0 && IsTruncated(_parts[part]);
            if (!isInMemory && !isDropped)
                rows.Add(rowId);
        }
        rows.Sort();
        return [.. rows];
    }

    /// <summary>Notes a hold that the table's row locks have taken, to give it back later.</summary>
    public void NoteHold(long rowId, RowHold? before) => _holds.Add((rowId, before, IsKey: false));

    /// <summary>Notes a hold of a key that others refer to.</summary>
    public void NoteKeyHold(long key, RowHold? before) => _holds.Add((key, before, IsKey: true));

    /// <summary>Locks on rows that it has not deleted, and on keys; null where there are none.</summary>
    public TableHolds? HoldsToLog()
    {
        var rows = new SortedDictionary<long, RowLockStrength>();
        var keys = new SortedDictionary<long, RowLockStrength>();
        lock (Store.Sync)
        {
            foreach ((long held, _, bool isKey) in _holds)
            {
                if ((isKey ? Store.KeyLocks : Store.Locks).HoldOf(held, Transaction) is { IsDeletion: false } hold)
                    (isKey ? keys : rows)[held] = hold.Strength;
            }
        }
        return rows.Count + keys.Count == 0
            ? null
            : new TableHolds(Store.Id, [.. rows.Select(static hold => (hold.Key, hold.Value))], [.. keys.Select(static hold => (hold.Key, hold.Value))]);
    }

    /// <summary>Takes over what a record says that the transaction has done, with rows deleted and keys entered in its name; under the
    /// table's lock.</summary>
    /// <param name="segments">Those that the record names, opened.</param>
    public void Restore(TableRecord record, SegmentSlot[] segments, TableEntry? table)
    {
        HidesCommitted = record.Truncates;
        IEnumerable<OwnRows> inMemory = record.Batches.Select(static chunk =>
            new OwnRows(0, chunk.RowId(0)) { Chunk = chunk, MaxRowId = chunk.RowId(chunk.Count - 1) });
        IEnumerable<OwnRows> onDisk = segments.Select(static segment =>
            new OwnRows(0, segment.Info.MinRowId) { Segment = segment, MaxRowId = segment.Info.MaxRowId });
        foreach (OwnRows rows in inMemory.Concat(onDisk).OrderBy(static rows => rows.MinRowId))
        {
            _parts.Add(new OwnRows(RowCount, rows.MinRowId) { Chunk = rows.Chunk, Segment = rows.Segment, MaxRowId = rows.MaxRowId });
            RowCount += rows.Count;
        }
        foreach (long row in record.Deletions)
        {
            Delete(row);
            if (!TryFind(row, out _, out _))
                NoteHold(row, Store.Locks.Hold(row, new RowHold(Transaction, RowLockStrength.Update, IsDeletion: true)));
        }
        if (table is null)
            return; // it was made in the same transaction, whose catalog is elsewhere: nobody else has keys in it
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.IsUnique)
                IndexBuilder.AddOwn(Store.IndexFor(index, table), this);
        }
    }

    /// <summary>Takes over locks that a record says the transaction holds; under the table's lock.</summary>
    public void Restore(TableHolds holds)
    {
        foreach ((long row, RowLockStrength strength) in holds.Rows)
            NoteHold(row, Store.Locks.Hold(row, new RowHold(Transaction, strength, IsDeletion: false)));
        foreach ((long key, RowLockStrength strength) in holds.Keys)
            NoteKeyHold(key, Store.KeyLocks.Hold(key, new RowHold(Transaction, strength, IsDeletion: false)));
    }

    /// <summary>Notes which new row came in the place of which, for those who follow a changed key.</summary>
    public void NoteReplacement(ReadOnlyMemory<RowId> rows, long firstNew) => _replacements.Add(new Replacement(rows, firstNew));

    public IEnumerable<Replacement> ReplacementsFrom(int start)
    {
        for (int i = start; i < _replacements.Count; i++)
            yield return _replacements[i];
    }

    public long DeletionAt(int number) => _deletions[number];

    public void Truncate()
    {
        HidesCommitted = true;
        FirstLiveOrdinal = RowCount;
    }

    /// <summary>Undoes what came after the mark; under the table's lock.</summary>
    public void RollBackTo(WritesMark mark)
    {
        RemoveKeys(mark.RowCount);
        TruncateRows(mark.RowCount);
        for (int i = _deletions.Count - 1; i >= mark.Deletions; i--)
            _deleted.Remove(_deletions[i]);
        _deletions.RemoveRange(mark.Deletions, _deletions.Count - mark.Deletions);
        if (mark.Replacements < _replacements.Count)
            _replacements.RemoveRange(mark.Replacements, _replacements.Count - mark.Replacements);
        ReleaseHolds(mark.Holds);
        (FirstLiveOrdinal, HidesCommitted) = (mark.FirstLiveOrdinal, mark.HidesCommitted);
        StatementStart = Math.Min(StatementStart, RowCount);
    }

    /// <summary>Gives back all holds; under the table's lock.</summary>
    public void ReleaseHolds(int from = 0)
    {
        for (int i = _holds.Count - 1; i >= from; i--)
            (_holds[i].IsKey ? Store.KeyLocks : Store.Locks).Restore(_holds[i].Held, Transaction, _holds[i].Before);
        _holds.RemoveRange(from, _holds.Count - from);
    }

    /// <summary>Removes the key entries of own rows from an ordinal on; under the table's lock.</summary>
    public void RemoveKeys(int fromOrdinal)
    {
        foreach (OwnRows part in _parts)
        {
            int start = Math.Max(fromOrdinal - part.FirstOrdinal, 0), count = part.Count - start;
            if (count <= 0)
                continue;
            foreach (UniqueIndex index in Store.Indexes.Values)
                part.RemoveKeys(index, start, count);
        }
    }

    /// <summary>After the commit: removes key entries of rows that are in no delta, a batch at a time.</summary>
    /// <remarks>Such entries say nothing (their rows are found in segments, or nowhere), and only cost
    /// memory.</remarks>
    public void RemoveStaleKeys()
    {
        foreach (OwnRows part in _parts)
        {
            if (part.Chunk is not null && !IsTruncated(part) && !HasDeletions)
                continue;
            for (int start = 0; start < part.Count; start += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, part.Count - start);
                lock (Store.Sync)
                    RemoveStaleKeys(part, start, count, part.Segment is not null || IsTruncated(part));
            }
        }
    }

    private void RemoveStaleKeys(OwnRows part, int start, int count, bool isAll)
    {
        foreach (UniqueIndex index in Store.Indexes.Values)
        {
            if (isAll)
            {
                part.RemoveKeys(index, start, count);
                continue;
            }
            for (int position = start; position < start + count; position++)
            {
                if (_deleted.ContainsKey(part.RowId(position)))
                    part.RemoveKeys(index, position, 1);
            }
        }
    }

    /// <summary>Rows are on their way to segments; <see cref="SettleAsync"/> puts these in their place.</summary>
    public void BeginSpill(PendingSpill spill)
    {
        Invariant.Holds(_spill is null);
        _spill = spill;
    }

    /// <summary>Waits for the rows that are on their way to segments, and has them there from then on.</summary>
    /// <exception cref="Files.FileFaultException">They could not be written, and are still in memory.</exception>
    public async ValueTask SettleAsync()
    {
        if (_spill is not { } spill)
            return;
        try
        {
            SegmentSlot[] segments = await spill.WrittenAsync().ConfigureAwait(false);
            for (int i = 0; i < segments.Length; i++)
                Place(spill.Runs[i], segments[i]);
        }
        finally
        {
            _spill = null;
            spill.Dispose();
        }
    }

    /// <summary>
    /// Rows from an ordinal on are about to be dropped: if such are on their way to a segment, all of those stay in memory.
    /// </summary>
    public void StopSpill(int fromOrdinal)
    {
        if (_spill is not { } spill || spill.EndOrdinal <= fromOrdinal)
            return;
        _spill = null;
        foreach (SegmentSlot segment in spill.Stop())
            Transaction.DropSegment(segment);
        spill.Dispose();
    }

    /// <summary>Puts a segment in the place of consecutive parts in memory, whose rows it has.</summary>
    private void Place(OwnRows[] run, SegmentSlot segment)
    {
        OwnRows spilled = new(run[0].FirstOrdinal, run[0].MinRowId)
        {
            Segment = segment,
            MaxRowId = run[^1].MaxRowId,
        };
        lock (Store.Sync)
        {
            int first = _parts.IndexOf(run[0]);
            Invariant.Holds(first >= 0 && _parts[first + run.Length - 1] == run[^1]);
            _parts.RemoveRange(first, run.Length);
            _parts.Insert(first, spilled);
        }
    }

    private OwnRows OpenPart(ChunkSchema schema, long rowId)
    {
        if (_parts.Count > 0 && !IsTruncated(_parts[^1]) && _parts[^1].Chunk is { IsFull: false } chunk
            && chunk.Schema.Matches(schema))
            return _parts[^1];
        OwnRows part = new(RowCount, rowId) { Chunk = new DeltaChunk(schema, sharesInsert: true) };
        AddPart(part);
        return part;
    }

    private void AddPart(OwnRows part)
    {
        lock (Store.Sync)
            _parts.Add(part);
    }

    private void TruncateRows(int rowCount)
    {
        for (int i = _parts.Count - 1; i >= 0 && RowCount > rowCount; i--)
        {
            OwnRows part = _parts[i];
            if (part.FirstOrdinal >= rowCount)
            {
                _parts.RemoveAt(i);
                if (part.Segment is { } dropped)
                    Transaction.DropSegment(dropped);
            }
            else if (part.Chunk is { } chunk)
            {
                chunk.Truncate(rowCount - part.FirstOrdinal);
            }
            else
            {
                for (int position = rowCount - part.FirstOrdinal; position < part.Count; position++)
                    _deleted[part.RowId(position)] = ForEver;
                break; // their ordinals stay taken
            }
            RowCount = Math.Max(part.FirstOrdinal, rowCount);
        }
    }

    private static long[] Ids(long first, int count)
    {
        long[] ids = GC.AllocateUninitializedArray<long>(count);
        for (int i = 0; i < count; i++)
            ids[i] = first + i;
        return ids;
    }
}

/// <summary>How far a transaction's writes to a table had come.</summary>
internal readonly record struct WritesMark(
    int RowCount, int Deletions, int Holds, int FirstLiveOrdinal, bool HidesCommitted, int StatementStart, int Replacements);

/// <summary>Rows that an update has replaced by new ones under consecutive ids.</summary>
/// <param name="FirstNew"><see cref="Elsewhere"/> where another branch of the transaction has the new ones.</param>
internal readonly record struct Replacement(ReadOnlyMemory<RowId> Rows, long FirstNew)
{
    public const long Elsewhere = 0;

    public bool IsHere => FirstNew != Elsewhere;
}
