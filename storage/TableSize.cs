using VecSQL.Storage.Segments;

namespace VecSQL.Storage;

/// <summary>How much a table is at this moment, and in which segments.</summary>
/// <param name="RowCount">About how many live rows.</param>
/// <param name="DeltaBytes">Bytes of committed rows in memory.</param>
public sealed record TableSize(long RowCount, long DeltaBytes, IReadOnlyList<TableSegment> Segments);

/// <param name="DeletedCount">Rows of it that were deleted since it was written.</param>
public readonly record struct TableSegment(SegmentInfo Info, int DeletedCount);
