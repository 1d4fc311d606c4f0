using VecSQL.Columnar.Columns;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tables;

/// <summary>A segment as a part of a table: its reader, and which of its rows were deleted.</summary>
internal sealed class SegmentSlot(SegmentReader reader, SegmentInfo info, DeleteMap deletes)
{
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

    public bool MayHave(long rowId) => rowId >= Info.MinRowId && rowId <= Info.MaxRowId;

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
