using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Replication;

/// <summary>A checksum of all rows as they were at an entry of the log, the same wherever the same entries were applied, however the rows lie.</summary>
/// <remarks>
/// Order:  none: hashes of rows are added up. A row's is of its table, its id, and the values of the columns that the table has.
/// Moment: before any transaction that is prepared might commit at, so that it is of no account when that is decided.
/// Null:   where the catalog is newer than the log says, or rows of the moment are no longer kept: nothing can be said here.
/// </remarks>
internal sealed class ContentChecksum
{
    private readonly StorageState _state;
    private readonly Snapshot _snapshot;
    private readonly List<(TableEntry Table, SnapshotView View)> _views = [];
    private volatile StrongValue? _sum;

    private ContentChecksum(StorageState state, Snapshot snapshot)
    {
        _state = state;
        _snapshot = snapshot;
    }

    /// <summary>Begins, at the entry that was applied last; before another is.</summary>
    public static ContentChecksum? Begin(StorageState state, bool inBackground, Action isDone)
    {
        if (state.Catalog.Version != state.Commits.CatalogVersion)
            return null;
        long moment = state.Snapshots.Visible;
        foreach (PreparedTransaction prepared in state.Prepared.List())
            moment = Math.Min(moment, prepared.Bound - 1);
        ContentChecksum? checksum = TryTake(state, moment);
        if (checksum is null)
            return null;
        if (inBackground)
            _ = state.Background.RunAsync(() => checksum.Run(isDone), CancellationToken.None);
        else
            checksum.Run(static () => { });
        return checksum;
    }

    /// <summary>Null while it is not known.</summary>
    public ulong? Sum => _sum?.Value;

    private static ContentChecksum? TryTake(StorageState state, long moment)
    {
        Snapshot snapshot;
        try
        {
            snapshot = state.Snapshots.TakeAt(moment);
        }
        catch (SqlException tooOld) when (tooOld.State == SqlState.SnapshotTooOld)
        {
            return null;
        }
        ContentChecksum checksum = new(state, snapshot);
        foreach (TableStore store in state.Stores)
        {
            if (!DecisionTable.TryFindTable(state.Catalog, store.Id, out TableEntry? table) || table.IsTemporary)
                continue;
            if (moment < store.HistoryFrom)
            {
                checksum.Release();
                return null;
            }
            checksum._views.Add((table, new SnapshotView(store, table, snapshot, writes: null)));
        }
        return checksum;
    }

    private void Run(Action isDone)
    {
        try
        {
            ulong sum = 0;
            foreach ((TableEntry table, SnapshotView view) in _views)
                sum += SumOf(table, view);
            _sum = new StrongValue(sum);
        }
        catch (Exception damage) when (damage is CorruptFileException or FileFaultException)
        {
            _sum = new StrongValue(~0UL); // it is another than the others': what is here is copied anew
        }
        finally
        {
            Release();
        }
        isDone();
    }

    private void Release()
    {
        foreach ((_, SnapshotView view) in _views)
            view.Release();
        _state.Snapshots.Release(_snapshot);
    }

    private static ulong SumOf(TableEntry table, SnapshotView view)
    {
        ColumnEntry[] columns = [.. table.StoredColumns];
        short[] numbers = [.. columns.Select(static column => column.Number)];
        ulong[] hashes = new ulong[ColumnBatch.RowsMax];
        ulong sum = 0;
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open(numbers, withRowId: true, []);
            while (reader.Next() is { } rows)
            {
                Span<ulong> target = hashes.AsSpan(0, rows.RowCount);
                target.Fill(ColumnHash.Combine(ColumnHash.Seed, table.Oid));
                foreach (Column column in rows.Columns)
                    ColumnHash.Add(column, target);
                foreach (ulong hash in target)
                    sum += hash;
            }
        }
        return sum;
    }

    private sealed record StrongValue(ulong Value);
}
