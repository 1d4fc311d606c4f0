using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Objects;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;

namespace VecSQL.Storage.Tables;

/// <summary>What one transaction has done to all of its tables and not yet committed.</summary>
internal sealed class WriteSet(StorageState state, Transaction transaction)
{
    private static readonly Dictionary<uint, TableWrites> None = [];

    private Dictionary<uint, TableWrites> _tables = None; // most transactions write nothing

    public IReadOnlyCollection<TableWrites> Tables => _tables.Values;

    public bool HasWrites
    {
        get
        {
            foreach (TableWrites writes in _tables.Values)
            {
                if (writes.HasWrites)
                    return true;
            }
            return false;
        }
    }

    /// <summary>Segments that have been written and the transaction's record names.</summary>
    public List<SegmentInfo> Spilled
    {
        get
        {
            List<SegmentInfo> spilled = [];
            foreach (TableWrites writes in _tables.Values)
            {
                foreach (OwnRows part in writes.Parts)
                {
                    if (part.Segment is { } segment && !writes.IsTruncated(part))
                        spilled.Add(segment.Info);
                }
            }
            return spilled;
        }
    }

    public bool TryFind(TableId table, [NotNullWhen(true)] out TableWrites? writes) => _tables.TryGetValue(table.Oid, out writes);

    /// <summary>A table's, which exist from here on.</summary>
    public TableWrites To(TableId table)
    {
        if (_tables.TryGetValue(table.Oid, out TableWrites? writes))
            return writes;
        if (_tables == None)
            _tables = [];
        _tables.Add(table.Oid, writes = new TableWrites(transaction, state.Store(table)));
        return writes;
    }

    public void BeginStatement()
    {
        foreach (TableWrites writes in _tables.Values)
            writes.StatementStart = writes.RowCount;
    }

    /// <summary>How much there is of each table, to go back to.</summary>
    public Dictionary<uint, WritesMark> Mark()
    {
        Dictionary<uint, WritesMark> marks = new(_tables.Count);
        foreach ((uint oid, TableWrites writes) in _tables)
            marks.Add(oid, writes.Mark());
        return marks;
    }

    public List<TableChanges> ChangesSince(Dictionary<uint, WritesMark> marks)
    {
        List<TableChanges> changes = [];
        foreach ((uint oid, TableWrites writes) in _tables)
        {
            WritesMark mark = marks.GetValueOrDefault(oid);
            OwnTableChanges change = new(writes, new ChangesMark(mark.RowCount, mark.Deletions, mark.Replacements));
            if (!change.IsEmpty)
                changes.Add(change);
        }
        return changes;
    }

    public void RollBackTo(Dictionary<uint, WritesMark> marks)
    {
        foreach ((uint oid, TableWrites writes) in _tables)
        {
            WritesMark mark = marks.GetValueOrDefault(oid);
            writes.StopSpill(mark.RowCount);
            lock (writes.Store.Sync)
                writes.RollBackTo(mark);
        }
    }

    /// <summary>Returns once rows that were on their way to segments are there.</summary>
    public async ValueTask SettleAsync()
    {
        foreach (TableWrites writes in _tables.Values)
            await StorageState.SettleAsync(writes).ConfigureAwait(false);
    }

    /// <summary>Takes over what a prepared transaction's record says of its tables.</summary>
    /// <param name="open">Opens a segment that the record names.</param>
    public void Restore(PrepareRecord record, Func<SegmentInfo, SegmentSlot> open)
    {
        foreach (TableRecord table in record.Work.Tables)
        {
            SegmentSlot[] segments = [.. table.Segments.Select(open)];
            TableWrites writes = To(table.Table);
            lock (writes.Store.Sync)
                writes.Restore(table, segments, DecisionTable.TryFindTable(transaction.Catalog, table.Table, out TableEntry? entry) ? entry : null);
        }
        foreach (TableHolds holds in record.Holds)
        {
            TableWrites writes = To(holds.Table);
            lock (writes.Store.Sync)
                writes.Restore(holds);
        }
    }

    public void End(bool isCommitted)
    {
        foreach (TableWrites writes in _tables.Values)
        {
            writes.StopSpill(0);
            lock (writes.Store.Sync)
            {
                if (isCommitted)
                    writes.ReleaseHolds();
                else
                    writes.RollBackTo(default);
                writes.Owner.End();
            }
        }
        if (!isCommitted)
            return;
        foreach (TableWrites writes in _tables.Values)
            writes.RemoveStaleKeys();
    }
}
