using VecSQL.Catalog.Objects;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>
/// The parts that a table's committed rows lie in, at one moment. Immutable but for what grows inside the parts.
/// </summary>
internal sealed record TableParts(DeltaChunk[] Chunks, SegmentSlot[] Segments)
{
    public static readonly TableParts Empty = new([], []);
}

/// <summary>A table's committed rows, and what live transactions hold of it.</summary>
/// <remarks>
/// Threads: <see cref="Parts"/> may be read at any time. All else is for holders of <see cref="Sync"/>, which is never
///          held
/// across a wait or a disk access of one's own.
/// </remarks>
internal sealed class TableStore(TableId id, StorageState state)
{
    /// <summary>Key entries removed by one commit at most.</summary>
    private const int KeysPruned = 64;

    private readonly RowLocator _locator = new();
    private readonly Queue<(long Deleted, long RowId)> _deadKeys = new();
    private TableParts _parts = TableParts.Empty;
    private long _nextRowId = state.FirstRowId, _liveRows, _lastWrite = state.Time.GetTimestamp(), _waitingSince;
    private int _chunkNumber;
    private readonly Dictionary<int, DeltaChunk> _chunksByNumber = [];
    private PreparedTransaction[] _undecided = [];

    public TableId Id { get; } = id;

    public Lock Sync { get; } = new();

    /// <summary>What coded vectors may take.</summary>
    public VectorCodeBudget CodeBudget => state.Segments.CodeBudget;

    public TableParts Parts => Volatile.Read(ref _parts);

    public RowLocks Locks { get; } = new();

    /// <summary>Keys that foreign keys refer to, by index and hash.</summary>
    public RowLocks KeyLocks { get; } = new();

    /// <summary>The unique indexes that are in use, by oid.</summary>
    public Dictionary<uint, UniqueIndex> Indexes { get; } = [];

    /// <summary>Rows of the newest snapshot, about.</summary>
    public long LiveRows => Volatile.Read(ref _liveRows);

    /// <summary>When a transaction last changed the table, by the engine's clock.</summary>
    public long LastWrite => Volatile.Read(ref _lastWrite);

    /// <summary>Since when there have been rows in memory, if there are any.</summary>
    public long WaitingSince => Volatile.Read(ref _waitingSince);

    /// <summary>Row ids below this have been given out.</summary>
    public long NextRowId
    {
        get => Volatile.Read(ref _nextRowId);
        set => Volatile.Write(ref _nextRowId, value);
    }

    /// <summary>When the table was last truncated: what it had before is kept no longer.</summary>
    public long HistoryFrom { get; set; }

    /// <summary>Bytes of committed rows in memory.</summary>
    public long DeltaBytes
    {
        get
        {
            long bytes = 0;
            foreach (DeltaChunk chunk in Parts.Chunks)
                bytes += chunk.SizeBytes;
            return bytes;
        }
    }

    /// <summary>Bytes of committed rows on disk and in memory.</summary>
    public long SizeBytes
    {
        get
        {
            long bytes = DeltaBytes;
            foreach (SegmentSlot segment in Parts.Segments)
                bytes += segment.Info.SizeBytes;
            return bytes;
        }
    }

    /// <summary>A prepared transaction that has changed the table, and that may yet commit at or before a moment; null for none.</summary>
    public PreparedTransaction? UndecidedAt(long moment)
    {
        foreach (PreparedTransaction prepared in Volatile.Read(ref _undecided))
        {
            if (prepared.Bound <= moment)
                return prepared;
        }
        return null;
    }

    /// <summary>A transaction that has changed the table is prepared.</summary>
    /// <remarks>This and its opposite are for the leader of the commit queue.</remarks>
    public void AddUndecided(PreparedTransaction prepared) => Volatile.Write(ref _undecided, [.. _undecided, prepared]);

    public void RemoveUndecided(PreparedTransaction prepared) =>
        Volatile.Write(ref _undecided, Array.FindAll(_undecided, other => other != prepared));

    /// <summary>A transaction has changed the table.</summary>
    public void NoteWrite() => Volatile.Write(ref _lastWrite, state.Time.GetTimestamp());

    /// <summary>Gives out consecutive row ids.</summary>
    public long ReserveRowIds(int count) => Interlocked.Add(ref _nextRowId, count) - count;

    /// <summary>Row ids below this are given out, elsewhere or by a transaction that waits for its end.</summary>
    public void RaiseNextRowId(long nextRowId)
    {
        long seen = NextRowId;
        while (seen < nextRowId && Interlocked.CompareExchange(ref _nextRowId, nextRowId, seen) is var found && found != seen)
            seen = found;
    }

    /// <summary>Finds a committed row in memory.</summary>
    public bool TryFindInDelta(long rowId, out RowPlace place)
    {
        if (_locator.TryFind(rowId, out int number, out int position))
        {
            place = new RowPlace(_chunksByNumber[number], position);
            return true;
        }
        place = default;
        return false;
    }

    /// <summary>Finds a committed row.</summary>
    public bool TryFind(long rowId, out RowPlace place) =>
        TryFindInDelta(rowId, out place) || TryFindInSegments(Parts, rowId, out place);

    public static bool TryFindInSegments(TableParts parts, long rowId, out RowPlace place)
    {
        foreach (SegmentSlot segment in parts.Segments)
        {
            if (segment.MayHave(rowId) && segment.Reader.PositionOf(rowId) is var position and >= 0)
            {
                place = new RowPlace(segment, position);
                return true;
            }
        }
        place = default;
        return false;
    }

    /// <summary>Takes rows of a committed transaction into the delta.</summary>
    public void AddRows(DeltaChunk source, int start, int count, long timestamp)
    {
        while (count > 0)
        {
            DeltaChunk tail = OpenChunk(source.Schema);
            int at = tail.Count, taken = Math.Min(count, DeltaChunk.RowsMax - at);
            tail.Append(source, start, taken, timestamp);
            Account(tail);
            for (int i = 0; i < taken; i++)
                _locator.Add(source.RowId(start + i), tail.Number, at + i);
            start += taken;
            count -= taken;
            _liveRows += taken;
        }
    }

    /// <summary>Takes a committed transaction's chunk over as it is.</summary>
    public void Adopt(DeltaChunk chunk, long timestamp)
    {
        chunk.Commit(timestamp);
        chunk.IsSealed = true;
        AddChunk(chunk);
        Account(chunk);
        ReadOnlySpan<long> rowIds = chunk.RowIds(chunk.Count);
        for (int i = 0; i < rowIds.Length; i++)
            _locator.Add(rowIds[i], chunk.Number, i);
        _liveRows += rowIds.Length;
    }

    public void AddSegment(SegmentSlot segment)
    {
        SetParts(Parts with { Segments = [.. Parts.Segments, segment] });
        _liveRows += segment.Info.RowCount - segment.Deletes.Count;
    }

    /// <summary>
    /// Marks a row deleted; content when it is gone already, as when the log is replayed over what was compacted.
    /// </summary>
    public void Delete(long rowId, long timestamp)
    {
        if (!TryFind(rowId, out RowPlace place))
            return;
        bool isNew = place.Source.Chunk is { } chunk
            ? chunk.MarkDeleted(place.Position, timestamp)
            : place.Source.Segment!.Deletes.Mark(place.Position, timestamp);
        if (isNew)
        {
            _liveRows--;
            if (Indexes.Count > 0 && place.Source.Chunk is not null)
                _deadKeys.Enqueue((timestamp, rowId));
        }
    }

    /// <summary>Removes key entries of rows in memory that no snapshot sees any more, some at a time.</summary>
    /// <remarks>Without it a row that is updated again and again would leave a chain of old versions in its key's
    /// way.</remarks>
    public void PruneKeys(long oldest)
    {
        for (int i = 0; i < KeysPruned && _deadKeys.TryPeek(out (long Deleted, long RowId) dead)
            && dead.Deleted <= oldest; i++)
        {
            _deadKeys.Dequeue();
            if (!TryFindInDelta(dead.RowId, out RowPlace place))
                continue;
            foreach (UniqueIndex index in Indexes.Values)
                index.RemoveAll(place.Source.Chunk!, place.Position, 1);
        }
    }

    /// <summary>Drops all rows, as others see it from the commit on.</summary>
    public void Truncate(long timestamp)
    {
        HistoryFrom = Math.Max(HistoryFrom, timestamp);
        Clear();
    }

    /// <summary>Drops all rows.</summary>
    public void Clear()
    {
        foreach (DeltaChunk chunk in Parts.Chunks)
            state.Delta.Release(chunk.AccountedBytes);
        state.Checkpoints.Retire(Parts.Segments);
        SetParts(TableParts.Empty);
        _chunksByNumber.Clear();
        _locator.Clear();
        _deadKeys.Clear();
        _liveRows = 0;
        Indexes.Clear(); // made anew from the rows when next asked for
    }

    /// <summary>Puts segments in the place of others and of chunks, in one step.</summary>
    public void Replace(IReadOnlyCollection<DeltaChunk> chunks, IReadOnlyCollection<SegmentSlot> segments,
        SegmentSlot[] added)
    {
        foreach (DeltaChunk chunk in chunks)
        {
            foreach (long rowId in chunk.RowIds(chunk.Count))
                _locator.Remove(rowId);
            _chunksByNumber.Remove(chunk.Number);
            state.Delta.Release(chunk.AccountedBytes);
        }
        if (chunks.Count > 0)
            Volatile.Write(ref _waitingSince, state.Time.GetTimestamp());
        TableParts parts = Parts;
        SetParts(new TableParts(
            Array.FindAll(parts.Chunks, chunk => !chunks.Contains(chunk)),
            [.. Array.FindAll(parts.Segments, segment => !segments.Contains(segment)), .. added]));
    }

    public void SetParts(TableParts parts) => Volatile.Write(ref _parts, parts);

    /// <summary>The index's keys of rows in memory, made from those rows when it is first asked for.</summary>
    public UniqueIndex IndexFor(IndexEntry entry, TableEntry table)
    {
        if (!Indexes.TryGetValue(entry.Oid, out UniqueIndex? index) || !index.Serves(entry, table))
        {
            index = UniqueIndex.Make(entry, table);
            foreach (DeltaChunk chunk in Parts.Chunks)
                index.AddAll(chunk);
            Indexes[entry.Oid] = index;
        }
        return index;
    }

    private DeltaChunk OpenChunk(ChunkSchema schema)
    {
        DeltaChunk[] chunks = Parts.Chunks;
        for (int i = chunks.Length - 1; i >= 0 && i >= chunks.Length - 2; i--)
        {
            if (!chunks[i].IsFull && chunks[i].Schema.Matches(schema))
                return chunks[i];
        }
        DeltaChunk fresh = new(schema, sharesInsert: false);
        AddChunk(fresh);
        return fresh;
    }

    private void Account(DeltaChunk chunk)
    {
        long bytes = chunk.SizeBytes;
        state.Delta.Add(bytes - chunk.AccountedBytes);
        chunk.AccountedBytes = bytes;
    }

    private void AddChunk(DeltaChunk chunk)
    {
        if (Parts.Chunks.Length == 0)
            Volatile.Write(ref _waitingSince, state.Time.GetTimestamp());
        chunk.Number = ++_chunkNumber;
        _chunksByNumber.Add(chunk.Number, chunk);
        SetParts(Parts with { Chunks = [.. Parts.Chunks, chunk] });
    }
}
