using VecSQL.Catalog.Objects;

namespace VecSQL.Storage.Tables;

/// <summary>A transaction's writes to a table as a view of it sees them: those up to the moment of the view.</summary>
internal sealed class OwnWrites
{
    private readonly int _firstOrdinal, _endOrdinal, _deletions;
    private readonly OwnRows[] _parts;
    private readonly int _lastCount;
    private long[]? _sortedDeletions;

    public OwnWrites(TableWrites writes)
    {
        Writes = writes;
        _firstOrdinal = writes.FirstLiveOrdinal;
        _endOrdinal = writes.RowCount;
        _deletions = writes.DeletionCount;
        _parts = [.. writes.Parts];
        _lastCount = _parts.Length == 0 ? 0 : _parts[^1].Count;
        RowCount = _endOrdinal - _firstOrdinal;
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
    public bool TryFindLive(long rowId, out RowPlace place)
    {
        if (!Writes.TryFind(rowId, out place, out int part))
            return false;
        int ordinal = Writes.Parts[part].FirstOrdinal + place.Position;
        return ordinal >= _firstOrdinal && ordinal < _endOrdinal && !IsDeleted(rowId);
    }

    public void AddUnits(List<ScanUnit> units, TableEntry table, Snapshot snapshot)
    {
        for (int i = 0; i < _parts.Length; i++)
        {
            OwnRows part = _parts[i];
            if (part.FirstOrdinal < _firstOrdinal)
                continue;
            int count = i == _parts.Length - 1 ? _lastCount : part.Count;
            if (part.Segment is { } segment)
                SegmentUnit.AddUnits(units, segment, table, snapshot, this, isOwn: true);
            else if (count > 0)
                units.Add(new DeltaUnit(part.Chunk!, count, table, snapshot, this, isOwn: true));
        }
    }
}
