using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Cluster.Fragments;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>A table's part at another node's shard, as a statement sees it.</summary>
/// <remarks>Its calls wait on the thread that makes them. Threads: any.</remarks>
internal sealed class RemoteView(RemoteBranch branch, RemoteShard shard, TableId table, int number) : TableView, IFragmentTransport
{
    private readonly Lock _gate = new();
    private RemoteUnit[]? _units;
    private int _isReleased;

    public override long RowCountEstimate => shard.EstimateRowCount(table);

    public override IReadOnlyList<ScanUnit> Units
    {
        get
        {
            lock (_gate)
                return _units ??= ListUnits();
        }
    }

    internal RemoteBranch Branch => branch;

    internal RemoteShard Shard => shard;

    internal TableId Table => table;

    internal int Number => number;

    public override LookupResult Lookup(uint indexOid, ColumnBatch keys, ReadOnlySpan<short> columns)
    {
        CallRecord call = Call(BranchCallKind.Lookup, columns);
        (call.Index, call.Batch) = (indexOid, RemoteBranch.Bytes(keys));
        BranchReply reply = branch.Ask(call);
        ColumnBatch rows = RemoteBranch.Rows(reply.Batch);
        if (reply.Rows.Count != rows.RowCount || rows.Columns.Length != columns.Length + 1 || reply.Rows.Any(ordinal => ordinal < 0 || ordinal >= keys.RowCount))
            throw RemoteBranch.Wrong("rows of other keys");
        return new LookupResult(rows, [.. reply.Rows.Select(static ordinal => (int)ordinal)]);
    }

    public override ColumnBatch Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns)
    {
        CallRecord call = Call(BranchCallKind.FetchSeen, columns);
        foreach (long row in rowIds)
            call.Rows.Add(row);
        return RemoteBranch.Rows(branch.Ask(call).Batch);
    }

    public IFragmentStream Open(ReadOnlyMemory<byte> order, IReadOnlyList<TableView> views, IReadOnlyList<RowFeed> feeds, bool isLast)
    {
        RemoteView[] read = [.. views.Cast<RemoteView>()];
        Invariant.Holds(Array.TrueForAll(read, view => view.Branch == branch));
        return new RemoteFragment(branch, shard, order, read, feeds, isLast);
    }

    public override void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            branch.Close(number);
    }

    internal CallRecord Call(BranchCallKind kind, ReadOnlySpan<short> columns)
    {
        CallRecord call = new() { Kind = (int)kind, Table = table.Oid, Number = number };
        foreach (short column in columns)
            call.Columns.Add(column);
        return call;
    }

    private RemoteUnit[] ListUnits()
    {
        IReadOnlyList<long> sizes = branch.Ask(Call(BranchCallKind.ListUnits, [])).Rows;
        var units = new RemoteUnit[sizes.Count];
        for (int i = 0; i < units.Length; i++)
            units[i] = new RemoteUnit(this, i, sizes[i] is >= 0 and <= int.MaxValue ? (int)sizes[i] : throw RemoteBranch.Wrong($"a unit of {sizes[i]} rows"));
        return units;
    }
}
