using VecSQL.Catalog.Objects;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>What a transaction has written to a table at another node's shard since a place.</summary>
internal sealed class RemoteTableChanges(
    RemoteBranch branch, RemoteShard shard, TableId table, ChangesMark mark, bool hasInserted, bool hasDeleted) : TableChanges
{
    public override TableId Table => table;

    public override bool HasInserted => hasInserted;

    public override bool HasDeleted => hasDeleted;

    internal ChangesMark Mark => mark;

    public override TableChanges With(TableChanges other) => new RemoteTableChanges(
        branch, shard, table, ChangesMark.Earlier(mark, branch.MarkOf(other)), hasInserted || other.HasInserted, hasDeleted || other.HasDeleted);

    public override IEnumerable<ColumnBatch> Inserted(TableEntry table, short[] columns) => Read(ChangesKind.Inserted, columns);

    public override IEnumerable<ColumnBatch> InsertedWithIds(TableEntry table, short[] columns) => Read(ChangesKind.InsertedWithIds, columns);

    public override IEnumerable<ColumnBatch> Deleted(TableEntry table, short[] columns) => Read(ChangesKind.Deleted, columns);

    public override IEnumerable<ColumnBatch> Removed(TableEntry table, short[] columns) => Read(ChangesKind.Removed, columns);

    public override IEnumerable<(ColumnBatch Before, ColumnBatch After)> Replaced(TableEntry table, short[] columns)
    {
        ColumnBatch? before = null;
        foreach (ColumnBatch rows in Read(ChangesKind.Replaced, columns))
        {
            if (before is { } first)
                yield return (first, rows);
            before = before is null ? rows : null;
        }
    }

    private IEnumerable<ColumnBatch> Read(ChangesKind kind, short[] columns)
    {
        ReadRequest request = new() { Kind = (int)kind, Table = table.Oid };
        request.Mark.AddRange(RemoteBranch.MarkOut(mark));
        foreach (short column in columns)
            request.Columns.Add(column);
        using RemoteReader reader = new(branch, shard, request);
        while (reader.Next() is { } rows)
            yield return rows;
    }
}
