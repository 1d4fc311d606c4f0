using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Models;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER TABLE … SPLIT AT VALUES, SPLIT SHARDS, MERGE SHARDS and TRAIN SHARDS: other shards for a table, and for those that lie together with it.</summary>
/// <remarks>
/// Rows:    those that belong to another shard now are written there, and no others. All of it is the statement's transaction: a crash leaves what was before,
///          or what comes after.
/// Locks:   the tables' writers wait; readers go on, but for the end, when they wait for it and it for them.
/// Catalog: there is another group, whose shards are in part those of the one before; so what holds the one sees that the table is elsewhere.
/// </remarks>
internal static class ShardChanges
{
    internal static async ValueTask RunAsync(SessionState session, TableEntry found, AlterAction action, CancellationToken cancellation)
    {
        if (action is TrainShardsAction)
        {
            await ShardCells.TrainAsync(session, found, cancellation);
            return;
        }
        (TableEntry[] tables, ShardGroupEntry group) = await LockAsync(session, found, cancellation);
        TableEntry table = tables.First(one => one.Oid == found.Oid);
        if (group.Method == ShardMethod.Vector)
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"single shards of table \"{table.Name}\" cannot be changed, which is divided by cells of vectors",
                hint: "ALTER TABLE ... SET (shards = ...) divides it anew.");
        }
        foreach (TableEntry one in tables)
        {
            ShadowColumns.Refuse(one);
            session.References.RefusePending(one, "ALTER TABLE");
        }
        ShardDivision division = new(group, session.Database.Storage.LastShard);
        switch (action)
        {
            case SplitShardsAction { Shards.IsEmpty: true } split:
                SplitAt(session, table, group, division, split.Points);
                break;
            case SplitShardsAction split:
                foreach (ShardId shard in Shards(table, group, split.Shards, action.Position))
                    Split(session, table, group, division, shard);
                break;
            case MergeShardsAction merge:
                Merge(table, group, division, merge);
                break;
        }
        await ApplyAsync(session, tables, division, cancellation);
    }

    /// <summary>The tables that lie together with one, all of which only reads others now.</summary>
    private static async ValueTask<(TableEntry[] Tables, ShardGroupEntry Group)> LockAsync(SessionState session, TableEntry found, CancellationToken cancellation)
    {
        Definitions.RefuseSystem(found);
        while (true)
        {
            if (found.Placement is not { KeyColumns.IsEmpty: false } placement || Definitions.Catalog(session).Find(placement.GroupOid) is not ShardGroupEntry { } group)
            {
                throw new SqlException(SqlState.WrongObjectType, $"table \"{found.Name}\" is not divided into shards",
                    hint: "Divide it by ALTER TABLE ... SET (shards = ...).");
            }
            await ShardGroups.LockAsync(session, group, TableLockMode.AccessExclusive, cancellation);
            foreach (TableEntry table in Of(group))
                await Definitions.TryLockTableAsync(session, table, TableLockMode.Exclusive, cancellation);
            if (!Definitions.Catalog(session).TryFindTable(found.Id, out TableEntry? now))
                throw new SqlException(SqlState.UndefinedTable, $"relation \"{found.Name}\" does not exist");
            if (now.Placement?.GroupOid == group.Oid)
                return (Of(group), group);
            found = now;
        }

        TableEntry[] Of(ShardGroupEntry group) =>
            [.. Definitions.Catalog(session).Tables.Where(table => table.Placement?.GroupOid == group.Oid).OrderBy(static table => table.Oid)];
    }

    private static void SplitAt(
        SessionState session, TableEntry table, ShardGroupEntry group, ShardDivision division, ValueList<ValueList<Expression>> points)
    {
        if (group.Method != ShardMethod.Range)
        {
            throw new SqlException(SqlState.WrongObjectType, $"table \"{table.Name}\" is not divided by range",
                hint: "Shards of a hash are divided by ALTER TABLE ... SPLIT SHARDS number.");
        }
        ImmutableArray<RangeBound> bounds = SplitPoints.Bounds(session, table, table.Placement!.KeyColumns, points);
        for (int i = 0; i < bounds.Length; i++)
        {
            if (!division.TrySplitAt(bounds[i]))
                throw new SqlException(SqlState.DuplicateObject, $"a shard of table \"{table.Name}\" begins at {bounds[i].Text} already", points[i][0].Position);
        }
    }

    private static void Split(SessionState session, TableEntry table, ShardGroupEntry group, ShardDivision division, ShardId shard)
    {
        bool isSplit = group.Method == ShardMethod.Range
            ? ShardMiddle.Find(session.Transaction.Storage, table, shard) is { } middle && division.TrySplitAt(middle)
            : division.TrySplitSlots(shard);
        if (!isSplit)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"shard {shard} of table \"{table.Name}\" cannot be divided: " + (group.Method == ShardMethod.Range ? "all its rows have one key" : "it has one slot of keys"));
        }
    }

    private static void Merge(TableEntry table, ShardGroupEntry group, ShardDivision division, MergeShardsAction merge)
    {
        ShardId[] shards = Shards(table, group, merge.Shards, merge.Position);
        if (shards.Length < 2)
            throw new SqlException(SqlState.InvalidParameterValue, "two or more shards are needed to be merged", merge.Position);
        if (!division.TryMerge(shards))
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"shards {string.Join(", ", shards)} of table \"{table.Name}\" are not next to each other",
                merge.Position, "See SHOW SHARDS for where they begin and end.");
        }
    }

    private static ShardId[] Shards(TableEntry table, ShardGroupEntry group, ValueList<int> numbers, int position)
    {
        var shards = new List<ShardId>();
        foreach (int number in numbers)
        {
            ShardId shard = new((uint)number);
            if (!group.Shards.Contains(shard))
                throw new SqlException(SqlState.UndefinedObject, $"table \"{table.Name}\" has no shard {number}", position, "See SHOW SHARDS.");
            if (shards.Contains(shard))
                throw new SqlException(SqlState.InvalidParameterValue, $"shard {number} is named twice", position);
            shards.Add(shard);
        }
        return [.. shards];
    }

    private static async ValueTask ApplyAsync(SessionState session, TableEntry[] tables, ShardDivision division, CancellationToken cancellation)
    {
        string range = GroupShape.Range(tables[0].Placement!.KeyColumns.Select(number => tables[0].Column(number).Type), division.Bounds).Name;
        ShardGroupEntry after = division.Group(Definitions.NextOid(session), range, name => Definitions.Catalog(session).ShardGroups.Any(group => group.Name == name));
        await ShardGroups.TakeAsync(session, after, cancellation);
        await MoveAsync(session, tables, after, [.. division.Changed], cancellation);
    }

    /// <summary>Puts tables that others only read now into another group that is there, and rows that belong elsewhere then where they belong.</summary>
    /// <param name="changed">Shards of the group before whose rows may belong elsewhere.</param>
    internal static async ValueTask MoveAsync(
        SessionState session, TableEntry[] tables, ShardGroupEntry after, ImmutableArray<ShardId> changed, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        storage.BeginStatement();
        foreach (TableEntry table in tables)
        {
            await storage.LockTableAsync(table.Id, TableLockMode.Exclusive, LockWaitPolicy.Block, cancellation); // which reads it at one moment
            TableView[] views = [.. changed.Select(shard => storage.Read(table.Id, shard))];
            TableEntry moved = ShardPlacement.Regrouped(table, after);
            Definitions.Put(session, moved);
            foreach ((ShardId shard, TableView view) in changed.Zip(views))
                await MoveAsync(storage, moved, after, shard, view, cancellation);
        }
        foreach (TableEntry table in tables)
            await storage.LockTableAsync(table.Id, TableLockMode.AccessExclusive, LockWaitPolicy.Block, cancellation);
        storage.Change(new PutObject(after)); // it holds from this commit on: who reads what was before is not to look for rows by it
        await ShardGroups.DropUnusedAsync(session, cancellation);
    }

    /// <summary>Takes rows that are not a shard's any more to where they belong.</summary>
    private static async ValueTask MoveAsync(
        ITransaction storage, TableEntry table, ShardGroupEntry group, ShardId shard, TableView view, CancellationToken cancellation)
    {
        RowRouter router = new(table, group);
        short[] stored = [.. table.StoredColumns.Select(static column => column.Number)];
        int[] key = [.. router.KeyColumns.ToArray().Select(number => Array.IndexOf(stored, number))];
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open(stored, withRowId: true, []);
            while (reader.Next() is { } batch)
            {
                cancellation.ThrowIfCancellationRequested();
                ShardId[] homes = router.Route([.. key.Select(place => batch.Columns[place])], batch.RowCount);
                int[] leaving = [.. Enumerable.Range(0, homes.Length).Where(row => homes[row] != shard)];
                if (leaving.Length == 0)
                    continue;
                ColumnBatch rows = leaving.Length == batch.RowCount ? batch : batch.Take(leaving);
                ReadOnlySpan<long> ids = ((FixedColumn<long>)rows.Columns[^1].Expand()).Values;
                var leaves = new RowId[leaving.Length];
                for (int i = 0; i < leaves.Length; i++)
                    leaves[i] = new RowId(ids[i]);
                await storage.InsertAsync(table.Id, new ColumnBatch([.. rows.Columns[..^1].Select(static column => column.Expand())], rows.RowCount), cancellation);
                await storage.DeleteAsync(table.Id, leaves, cancellation);
            }
        }
        view.Release();
    }
}
