using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Snapshots;

/// <summary>Finds catalog changes that cannot stand beside what others have committed since.</summary>
/// <remarks>Locks on tables prevent all such conflicts but one: two transactions that make an object of one
/// name.</remarks>
public static class CatalogConflict
{
    /// <returns>The error that PostgreSQL's own unique index on its catalog would give; null for none.</returns>
    public static SqlException? Find(CatalogSnapshot catalog, IReadOnlyList<CatalogChange> changes)
    {
        CatalogSnapshot before = catalog;
        foreach (CatalogChange change in changes)
        {
            if (change is PutObject { Object: var added } && Taken(before, added) is { } error)
                return error;
            before = before.Apply([change]);
        }
        return null;
    }

    private static SqlException? Taken(CatalogSnapshot catalog, CatalogObject added)
    {
        switch (added)
        {
            case SchemaEntry schema:
                return catalog.InDatabase(schema.DatabaseOid).FindSchema(schema.Name) is { } other && other.Oid != schema.Oid
                    ? Error("pg_namespace_nspname_index", $"Key (nspname)=({schema.Name}) already exists.",
                        "pg_namespace")
                    : null;
            case RoleEntry role:
                return catalog.FindRole(role.Name) is { } namesake && namesake.Oid != role.Oid
                    ? Error("pg_authid_rolname_index", $"Key (rolname)=({role.Name}) already exists.", "pg_authid")
                    : null;
            case DatabaseEntry database:
                return catalog.FindDatabase(database.Name) is { } same && same.Oid != database.Oid
                    ? Error("pg_database_datname_index", $"Key (datname)=({database.Name}) already exists.", "pg_database")
                    : null;
            case TableEntry table:
                TableEntry? old = catalog.Find(table.Oid) as TableEntry;
                if (IsTaken(catalog, table.SchemaOid, table.Name, table.Oid))
                    return RelationError(table.Name, table.SchemaOid);
                foreach (IndexEntry index in table.Indexes)
                {
                    bool isOwn = old is not null && old.SchemaOid == table.SchemaOid && old.Indexes.Any(kept =>
                        kept.Name == index.Name);
                    if (!isOwn && IsTaken(catalog, table.SchemaOid, index.Name, index.Oid))
                        return RelationError(index.Name, table.SchemaOid);
                }
                return null;
            case SequenceEntry sequence:
                return IsTaken(catalog, sequence.SchemaOid, sequence.Name, sequence.Oid)
                    ? RelationError(sequence.Name, sequence.SchemaOid)
                    : null;
            default:
                return null;
        }
    }

    private static bool IsTaken(CatalogSnapshot catalog, uint schemaOid, string name, uint oid) =>
        catalog.IsNameTaken(schemaOid, name) && catalog.FindRelation(schemaOid, name)?.Oid != oid;

    private static SqlException RelationError(string name, uint schemaOid) => Error(
        "pg_class_relname_nsp_index", $"Key (relname, relnamespace)=({name}, {schemaOid}) already exists.", "pg_class");

    private static SqlException Error(string index, string detail, string table) =>
        new(SqlState.UniqueViolation, $"duplicate key value violates unique constraint \"{index}\"")
        {
            Detail = detail,
            SchemaName = "pg_catalog",
            TableName = table,
            ConstraintName = index,
        };
}
