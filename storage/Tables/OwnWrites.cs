using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Tables;

/// <summary>A transaction's writes to a table as a view of it sees them: those up to the moment of the view.</summary>
internal sealed class OwnWrites
{
    private readonly int _firstPart, _deletions;
    private readonly OwnRows[] _parts;
    private readonly int _lastCount;
    private long[]? _sortedDeletions;

    public OwnWrites(TableWrites writes)
    {
        Writes = writes;
        _firstPart = writes.FirstLivePart;
        _deletions = writes.DeletionCount;
        _parts = [.. writes.Parts];
        _lastCount = _parts.Length == 0 ? 0 : _parts[^1].Count;
        RowCount = _parts.Length == _firstPart ? 0 : writes.RowCount - _parts[_firstPart].FirstOrdinal;
        HidesCommitted = writes.HidesCommitted;
        HasDeletions = writes.HasDeletions;
    }

    public TableWrites Writes { get; }

    public bool HidesCommitted { get; }

    public bool HasDeletions { get; }

    public int RowCount { get; }

    /// <summary>Ids of rows deleted before the view, ascending.</summary>
    public ReadOnlySpan<long> Deletions => _sortedDeletions ??= HasDeletions ? Writes.DeletedBefore(_deletions) : [];

    public bool IsDeleted(long rowId) => HasDeletions && Writes.IsDeleted(rowId, _deletions);

    /// <summary>Finds an own row that the view sees.</summary>
    public bool TryFindLive(long rowId, out RowPlace place) =>
        Writes.TryFind(rowId, out place, out int part)
        && part >= _firstPart
        && (part < _parts.Length - 1 || (part == _parts.Length - 1 && place.Position < _lastCount))
        && !IsDeleted(rowId);

    /// <summary>Clears the bits of rows that were deleted before the view; the ids ascend.</summary>
    public void ClearDeleted(ReadOnlySpan<long> rowIds, Span<ulong> bits)
    {
        ReadOnlySpan<long> deletions = Deletions;
        if (deletions.IsEmpty || rowIds.IsEmpty)
            return;
        int first = deletions.BinarySearch(rowIds[0]);
        for (int i = first < 0 ? ~first : first; i < deletions.Length && deletions[i] <= rowIds[^1]; i++)
        {
            if (rowIds.BinarySearch(deletions[i]) is var row and >= 0)
                Bitmap.Clear(bits, row);
        }
    }

    public void AddUnits(List<ScanUnit> units, TableEntry table, Snapshot snapshot)
    {
        for (int i = _firstPart; i < _parts.Length; i++)
        {
            OwnRows part = _parts[i];
            int count = i == _parts.Length - 1 ? _lastCount : part.Count;
            if (part.Segment is { } segment)
                SegmentUnit.AddUnits(units, segment, table, snapshot, this, isOwn: true);
            else if (count > 0)
                units.Add(new DeltaUnit(part.Chunk!, count, table, snapshot, this, isOwn: true));
        }
    }
}
