using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>Finds, makes and changes groups of shards.</summary>
/// <remarks>
/// Locks: who puts a table into a group holds that in a weak mode until it has committed, and who changes how the group is replicated in a strong one: no table
///        comes to lie in a group that has become another meanwhile.
/// </remarks>
internal static class ShardGroups
{
    /// <summary>The group of that shape, made where it is the first of its kind; it stays so until the session's transaction has ended.</summary>
    internal static async ValueTask<ShardGroupEntry> TakeAsync(SessionState session, GroupShape shape, CancellationToken cancellation)
    {
        while (true)
        {
            ShardGroupEntry group = await FindOrMakeAsync(session, shape, cancellation);
            await LockAsync(session, group, TableLockMode.AccessShare, cancellation);
            if (Definitions.Catalog(session).Find(group.Oid) is ShardGroupEntry { } locked && locked.Name == group.Name)
                return locked;
        }
    }

    /// <summary>Has a group that one table has for itself become of another shape, where there is none of that yet: its shards' replicas follow while it is used.</summary>
    /// <returns>False where the table has to go to another group.</returns>
    internal static async ValueTask<bool> TryChangeAsync(SessionState session, TableEntry table, GroupShape shape, CancellationToken cancellation)
    {
        if (table.Placement is not { } placement || Definitions.Catalog(session).Find(placement.GroupOid) is not ShardGroupEntry { } group
            || !shape.IsCutAs(group))
            return false;
        await Definitions.LockNameAsync(session, schemaOid: 0, NamesLock, cancellation);
        await LockAsync(session, group, TableLockMode.AccessExclusive, cancellation);
        CatalogSnapshot all = Definitions.Catalog(session).InDatabase(0);
        bool isAlone = !all.Tables.Any(other => other.Oid != table.Oid && other.Placement?.GroupOid == group.Oid);
        if (!isAlone || Find(session, shape.Name) is not null)
            return false;
        session.Transaction.Storage.Change(new PutObject(group with { Name = shape.Name, Replicas = shape.Replicas, Replication = shape.Replication }));
        return true;
    }

    private const string NamesLock = "shard groups";

    private static async ValueTask<ShardGroupEntry> FindOrMakeAsync(SessionState session, GroupShape shape, CancellationToken cancellation)
    {
        if (Find(session, shape.Name) is { } known)
            return known;
        await Definitions.LockNameAsync(session, schemaOid: 0, NamesLock, cancellation);
        if (Find(session, shape.Name) is { } other)
            return other;
        uint last = session.Database.Storage.LastShard.Value;
        ImmutableArray<ShardId> shards = [.. Enumerable.Range(1, shape.Count).Select(number => new ShardId(last + (uint)number))];
        ShardGroupEntry group = shape.Over(Definitions.NextOid(session), shards);
        await MakeAsync(session, group, cancellation);
        session.Transaction.Storage.BeginStatement();
        return group;
    }

    /// <summary>Makes a group, which stays until the session's transaction has ended.</summary>
    internal static async ValueTask TakeAsync(SessionState session, ShardGroupEntry group, CancellationToken cancellation)
    {
        await MakeAsync(session, group, cancellation);
        session.Transaction.Storage.BeginStatement();
        await LockAsync(session, group, TableLockMode.AccessShare, cancellation);
        if (Definitions.Catalog(session).Find(group.Oid) is null)
        {
            throw new SqlException(SqlState.SerializationFailure, "could not change the shards: those that no table is in were dropped at the same time",
                hint: "The statement might succeed if retried.");
        }
    }

    /// <summary>Makes a group, and its shards, by a transaction of its own: rows can be written to shards of a group that is there.</summary>
    private static async ValueTask MakeAsync(SessionState session, ShardGroupEntry group, CancellationToken cancellation)
    {
        ITransaction made = session.Database.Storage.Begin(IsolationLevel.ReadCommitted, database: session.DatabaseOid);
        await using (made)
        {
            made.BeginStatement();
            made.Change(new PutObject(group));
            await made.CommitAsync(isDurable: true, cancellation);
        }
    }

    /// <summary>Drops the groups in which no table is: those that one has left, and what failures have left. Their shards' files go once that has committed.</summary>
    /// <remarks>Where nodes may have files of a shard for long after, shards stay, and with them groups that have a shard for themselves, for tables to come.</remarks>
    internal static async ValueTask DropUnusedAsync(SessionState session, CancellationToken cancellation)
    {
        ILookup<bool, ShardGroupEntry> groups = Definitions.Catalog(session).ShardGroups.ToLookup(group => IsUsed(session, group));
        HashSet<ShardId> used = [.. groups[true].SelectMany(static group => group.Shards)];
        foreach (ShardGroupEntry group in groups[false])
        {
            if (session.Database.Storage.SpansNodes && !group.Shards.All(used.Contains))
                continue;
            try
            {
                await session.Transaction.Storage.LockTableAsync(new TableId(group.Oid), TableLockMode.AccessExclusive, LockWaitPolicy.NoWait, cancellation);
            }
            catch (SqlException taken) when (taken.State == SqlState.LockNotAvailable)
            {
                continue; // somebody is about to put a table into it
            }
            session.Transaction.Storage.BeginStatement();
            if (Definitions.Catalog(session).Find(group.Oid) is ShardGroupEntry && !IsUsed(session, group))
                session.Transaction.Storage.Change(new DropObject(group.Oid));
        }
    }

    private static bool IsUsed(SessionState session, ShardGroupEntry group) =>
        Definitions.Catalog(session).InDatabase(0).Tables.Any(table => table.Placement?.GroupOid == group.Oid);

    internal static async ValueTask LockAsync(SessionState session, ShardGroupEntry group, TableLockMode mode, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        await storage.LockTableAsync(new TableId(group.Oid), mode, LockWaitPolicy.Block, cancellation);
        storage.BeginStatement();
    }

    private static ShardGroupEntry? Find(SessionState session, string name) =>
        Definitions.Catalog(session).ShardGroups.FirstOrDefault(group => group.Name == name);
}
