using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER TABLE … CLUSTER ON and REPLICA IDENTITY: marks that dumps carry and catalogs show.</summary>
/// <remarks>Columnar storage has an order of its own, and nothing is replicated row by row; the marks are for those who read them.</remarks>
internal static class IndexMarks
{
    internal static void Run(SessionState session, TableEntry table, ClusterOnAction action)
    {
        IndexEntry? chosen = action.Index is { } name ? Find(table, name) : null;
        if (chosen is not null && chosen.Method is not ("btree" or "gist"))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"cannot cluster on index \"{chosen.Name}\" because access method does not support clustering");
        }
        if (chosen?.Predicate is not null)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot cluster on partial index \"{chosen.Name}\"");
        Definitions.Put(session, table with
        {
            Indexes = [.. table.Indexes.Select(index => index with { IsClustered = index.Oid == chosen?.Oid })],
        });
    }

    internal static void Run(SessionState session, TableEntry table, ReplicaIdentityAction action)
    {
        IndexEntry? chosen = action.Index is { } name ? Find(table, name) : null;
        if (chosen is not null)
            RequireIdentity(table, chosen);
        Definitions.Put(session, table with
        {
            ReplicaIdentity = action.Kind,
            Indexes = [.. table.Indexes.Select(index => index with { IsReplicaIdentity = index.Oid == chosen?.Oid })],
        });
    }

    private static IndexEntry Find(TableEntry table, string name) => table.Indexes.FirstOrDefault(index => index.Name == name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"index \"{name}\" for table \"{table.Name}\" does not exist");

    private static void RequireIdentity(TableEntry table, IndexEntry index)
    {
        string? unfit = !index.IsUnique ? "non-unique"
            : index.IsDeferrable ? "non-immediate"
            : !index.Expressions.IsEmpty ? "expression"
            : index.Predicate is not null ? "partial"
            : null;
        if (unfit is not null)
            throw new SqlException(SqlState.WrongObjectType, $"cannot use {unfit} index \"{index.Name}\" as replica identity");
        foreach (short number in index.Columns)
        {
            if (!table.Column(number).IsNotNull)
            {
                throw new SqlException(SqlState.WrongObjectType, $"index \"{index.Name}\" cannot be used as replica identity " +
                    $"because column \"{table.Column(number).Name}\" is nullable");
            }
        }
    }
}
