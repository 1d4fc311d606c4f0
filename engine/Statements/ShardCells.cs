using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Models;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>Tables that are divided by cells of a vector: shard_method = 'vector'.</summary>
/// <remarks>
/// Such a table begins without cells, with its rows anywhere, and searches ask all shards. It gets its cells from its rows, when TRAIN SHARDS or SET says so.
/// Tables without cells that have as many shards, of vectors of one type, lie together; each that has cells is in a group by itself, over the same shards.
/// </remarks>
internal static class ShardCells
{
    internal const string KeyHint = "Cells are of vectors and halfvecs with as many dimensions as their type says, such as vector(384).";

    /// <summary>How a table is divided that has no cells yet.</summary>
    /// <exception cref="SqlException">54000: the cells would be more than the catalog keeps.</exception>
    internal static GroupShape Shape(ColumnEntry column, int count)
    {
        int dimensions = column.Type.Modifier, countMax = CellTraining.CentroidsBytesMax / (dimensions * sizeof(float));
        return count <= countMax ? GroupShape.Vector(column.Type, count) : throw new SqlException(SqlState.ProgramLimitExceeded,
            string.Create(CultureInfo.InvariantCulture, $"tables that are divided by cells of {dimensions} dimensions can have at most {countMax} shards"));
    }

    /// <summary>Whether cells can be of the column.</summary>
    internal static bool IsKey(ColumnEntry column) => !column.IsHidden && column.Type.Oid is TypeOid.Vector or TypeOid.HalfVector && column.Type.Modifier > 0;

    internal static SqlException NoKey(TableEntry table) => new(SqlState.InvalidTableDefinition,
        $"table \"{table.Name}\" needs one column of vectors to be divided by cells", hint: KeyHint);

    internal static SqlException NoUnique(TableEntry table, string kind) => new(SqlState.FeatureNotSupported,
        "unique constraints are not supported on tables that are divided by cells of vectors",
        hint: "Equal keys could be in different shards. Use an index that is not unique, or shard_method = 'hash'.")
    {
        Detail = $"Table \"{table.Name}\" has a {kind} constraint.",
    };

    /// <summary>A table that is about to be written anew, in a group with cells that its rows say; as it is where they are too few.</summary>
    /// <param name="before">As it is stored.</param>
    /// <param name="after">In a group without cells.</param>
    internal static async ValueTask<TableEntry> TrainedAsync(SessionState session, TableEntry before, TableEntry after, CancellationToken cancellation)
    {
        if (Definitions.Catalog(session).Find(after.Placement!.GroupOid) is not ShardGroupEntry { Centroids.IsEmpty: true } group)
            return after;
        ITransaction storage = session.Transaction.Storage;
        TableView view = storage.Read(before.Id);
        ShardGroupEntry? trained = CellTraining.Train(group, view, after.Column(after.Placement.KeyColumns[0]), cancellation);
        view.Release();
        return trained is null ? after : after with { Placement = after.Placement with { GroupOid = (await MakeAsync(session, trained, cancellation)).Oid } };
    }

    /// <summary>ALTER TABLE … TRAIN SHARDS: cells that the rows say, also where there are some, and the rows that belong elsewhere then go there.</summary>
    /// <exception cref="SqlException">42809, 55000: there can be none.</exception>
    internal static async ValueTask TrainAsync(SessionState session, TableEntry found, CancellationToken cancellation)
    {
        Definitions.RefuseSystem(found);
        TableEntry table = await Definitions.LockTableAsync(session, found, TableLockMode.Exclusive, cancellation);
        ShadowColumns.Refuse(table);
        session.References.RefusePending(table, "ALTER TABLE");
        if (table.Placement is not { } placement || Definitions.Catalog(session).Find(placement.GroupOid) is not ShardGroupEntry { Method: ShardMethod.Vector } group)
        {
            throw new SqlException(SqlState.WrongObjectType, $"table \"{table.Name}\" is not divided by cells of vectors",
                hint: "Divide it so by ALTER TABLE ... SET (shards = ..., shard_method = 'vector', shard_key = '...').");
        }
        TableView view = session.Transaction.Storage.Read(table.Id);
        ShardGroupEntry? trained = CellTraining.Train(group, view, table.Column(placement.KeyColumns[0]), cancellation);
        view.Release();
        if (trained is null)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                string.Create(CultureInfo.InvariantCulture, $"table \"{table.Name}\" has fewer vectors than its {group.Shards.Length} shards"),
                hint: "Cells are found from the rows: load them first.");
        }
        await ShardChanges.MoveAsync(session, [table], await MakeAsync(session, trained, cancellation), group.Shards, cancellation);
    }

    /// <summary>Makes a group of its own of what another has become.</summary>
    private static async ValueTask<ShardGroupEntry> MakeAsync(SessionState session, ShardGroupEntry group, CancellationToken cancellation)
    {
        uint oid = Definitions.NextOid(session);
        string cut = GroupShape.Of(group).Cut.Split(" #")[0];
        string name = GroupShape.NameOf(string.Create(CultureInfo.InvariantCulture, $"{cut} #{oid}"), group.Replicas, group.Replication);
        ShardGroupEntry made = group with { Oid = oid, Name = name };
        await ShardGroups.TakeAsync(session, made, cancellation);
        return made;
    }
}
