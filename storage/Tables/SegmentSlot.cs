using System.Collections.Concurrent;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>A segment as a part of a table: its reader, and which of its rows were deleted.</summary>
internal sealed class SegmentSlot(SegmentReader reader, SegmentInfo info, DeleteMap deletes, VectorCodeBudget codeBudget)
{
    private readonly ConcurrentDictionary<short, SegmentCodes> _codes = new();
    private readonly ConcurrentDictionary<short, MappedRows> _rows = new();
    private readonly ConcurrentDictionary<uint, (object Index, TimeSpan? BuildTime)> _indexes = new();

    private DeadCount _dead = new(0, 0, 0);

    public SegmentReader Reader { get; } = reader;

    /// <summary>What the manifest or log says of it; complete once its transaction has committed.</summary>
    public SegmentInfo Info { get; set; } = info;

    public DeleteMap Deletes { get; } = deletes;

    /// <summary>Whether the manifest names it, so that compaction may replace it there.</summary>
    public bool IsCheckpointed { get; set; }

    /// <summary>Number and mark count of the delete file that the manifest names; 0 for none.</summary>
    public (long File, int Count) WrittenDeletes { get; set; }

    /// <summary>Keys of indexes that are newer than the segment; by index oid.</summary>
    public Dictionary<uint, KeyMap>? LateKeys { get; set; }

    /// <summary>What searches by an index over the segment use, as its kind knows it; null where it is not built (yet).</summary>
    public object? FindIndex(uint indexOid) => _indexes.GetValueOrDefault(indexOid).Index;

    /// <summary>How long it took to build; null where it was found on disk.</summary>
    public TimeSpan? IndexBuildTime(uint indexOid) => _indexes.GetValueOrDefault(indexOid).BuildTime;

    public void SetIndex(uint indexOid, object index, TimeSpan? buildTime) => _indexes[indexOid] = (index, buildTime);

    /// <summary>Searches that have begun go on with it.</summary>
    public void RemoveIndex(uint indexOid) => _indexes.TryRemove(indexOid, out _);

    /// <summary>Whether the segment should have the index, and has it not.</summary>
    public bool IsIndexDue(SegmentIndexDefinition definition) => definition.IsFor(this) && FindIndex(definition.Oid) is null;

    /// <summary>How many rows no snapshot sees.</summary>
    /// <remarks>For maintenance, which asks again and again: counted anew only where it may have changed.</remarks>
    public int CountDead(long oldest)
    {
        int marks = Deletes.Count;
        DeadCount known = _dead;
        if (known.Marks == marks && (known.Oldest == oldest || known.Dead == marks))
            return known.Dead;
        int dead = 0;
        foreach ((_, long timestamp) in Deletes.Marks())
            dead += timestamp <= oldest ? 1 : 0;
        _dead = new DeadCount(marks, oldest, dead);
        return dead;
    }

    /// <summary>Where a vector column's codes are kept; null for columns that are not coded.</summary>
    public SegmentCodes? CodesOf(short column)
    {
        int ordinal = Reader.Schema.OrdinalOf(column);
        return ordinal >= 0 && Reader.Schema.Columns[ordinal].Type is { Oid: TypeOid.Vector, Modifier: > 0 }
            ? _codes.GetOrAdd(column, static (_, slot) => slot.NewCodes(), this)
            : null;
    }

    /// <summary>Where the values of a fixed-width column lie.</summary>
    public MappedRows RowsOf(short column) =>
        _rows.GetOrAdd(column, static (number, slot) => slot.Reader.MapRows(number), this);

    private SegmentCodes NewCodes() => new(codeBudget, Reader.BatchCount);

    public bool MayHave(long rowId) => rowId >= Info.MinRowId && rowId <= Info.MaxRowId;

    /// <summary>Of so many marks, how many were at or before a moment.</summary>
    private sealed record DeadCount(int Marks, long Oldest, int Dead);

    public long InsertedAt(int position)
    {
        if (Info.HasOneCommit)
            return Info.MinCommit;
        ReadOnlySpan<int> positions = [position];
        return ((FixedColumn<long>)Reader.Gather(positions, SegmentReader.CommitColumn))[0];
    }
}

/// <summary>Where a row is.</summary>
internal readonly record struct RowPlace(DeltaChunkOrSegment Source, int Position)
{
    public RowPlace(Delta.DeltaChunk chunk, int position) : this(new DeltaChunkOrSegment(chunk, null), position)
    {
    }

    public RowPlace(SegmentSlot segment, int position) : this(new DeltaChunkOrSegment(null, segment), position)
    {
    }

    public long InsertedAt =>
        Source.Chunk is { } chunk ? chunk.InsertedAt(Position) : Source.Segment!.InsertedAt(Position);

    public long DeletedAt =>
        Source.Chunk is { } chunk ? chunk.DeletedAt(Position) : Source.Segment!.Deletes.DeletedAt(Position);
}

/// <summary>What rows lie in: exactly one of the two.</summary>
internal readonly record struct DeltaChunkOrSegment(Delta.DeltaChunk? Chunk, SegmentSlot? Segment);
