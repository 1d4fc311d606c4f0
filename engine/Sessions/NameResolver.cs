using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>Names of schemas and relations as statements write them, found along the session's search path.</summary>
internal sealed class NameResolver(SessionState session)
{
    internal string TemporarySchema { get; } = $"pg_temp_{session.BackendId}";

    /// <summary>The schema being made, which comes before all others while what is in it is made.</summary>
    internal string? MadeSchema { get; set; }

    private IEnumerable<string> Path => MadeSchema is { } made ? session.Settings.SearchPath.Prepend(made) : session.Settings.SearchPath;

    /// <summary>Schemas in which unqualified relations are looked for: temporary ones first, then pg_catalog, unless the path places them.</summary>
    internal IEnumerable<string> SearchPath(CatalogSnapshot catalog)
    {
        var path = new List<string>();
        foreach (string name in Path)
        {
            string? schema = Expand(name, catalog);
            if (schema is not null && catalog.FindSchema(schema) is not null && !path.Contains(schema))
                path.Add(schema);
        }
        if (!path.Contains("pg_catalog"))
            path.Insert(0, "pg_catalog");
        if (!path.Contains(TemporarySchema) && catalog.FindSchema(TemporarySchema) is not null)
            path.Insert(0, TemporarySchema);
        return path;
    }

    /// <summary>The schemas that current_schemas(false) names.</summary>
    internal IEnumerable<string> ExplicitPath(CatalogSnapshot catalog) =>
        from name in Path
        let schema = Expand(name, catalog)
        where schema is not null && catalog.FindSchema(schema) is not null
        select schema;

    /// <summary>
    /// The schema that a word of the search path means. "$user" never means the schema vecsql, which holds system views: else
    /// the default user's tables would land there.
    /// </summary>
    private string? Expand(string name, CatalogSnapshot catalog) => name switch
    {
        "$user" => catalog.FindSchema(session.User)?.Oid == CatalogSnapshot.VecsqlSchemaOid ? null : session.User,
        "pg_temp" => TemporarySchema,
        _ => name,
    };

    internal CatalogObject? FindRelation(CatalogSnapshot catalog, QualifiedName name) =>
        FindRelation(catalog, name, SearchPath(catalog));

    internal CatalogObject? FindRelation(CatalogSnapshot catalog, QualifiedName name, IEnumerable<string> path)
    {
        if (name.Schema is { } schemaName)
        {
            RefuseOtherDatabase(name);
            return FindSchema(catalog, schemaName) is { } schema ? catalog.FindRelation(schema.Oid, name.Name) : null;
        }
        foreach (string schemaInPath in path)
        {
            if (catalog.FindSchema(schemaInPath) is { } schema && catalog.FindRelation(schema.Oid, name.Name) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>The table, view or system view.</summary>
    /// <exception cref="SqlException">42P01; 42809: it is a sequence or an index.</exception>
    /// <param name="position">What errors tell as their place: most commands are not told by place, as in PostgreSQL.</param>
    internal TableEntry GetTable(CatalogSnapshot catalog, QualifiedName name, int position = 0)
    {
        return FindRelation(catalog, name) switch
        {
            TableEntry table => table,
            null => FindIndex(catalog, name) is not null
                ? throw NotATable(name, "is an index", position)
                : FindSystemView(name) ?? throw Undefined(catalog, name, position),
            _ => throw NotATable(name, "is not a table", position),
        };
    }

    /// <summary>An index by name, with its table: indexes share the name space of relations.</summary>
    internal (TableEntry Table, IndexEntry Index)? FindIndex(CatalogSnapshot catalog, QualifiedName name)
    {
        IEnumerable<string> path = name.Schema is { } schema ? [schema] : SearchPath(catalog);
        foreach (string schemaName in path)
        {
            if (FindSchema(catalog, schemaName) is not { } entry || !catalog.IsNameTaken(entry.Oid, name.Name))
                continue;
            foreach (TableEntry table in catalog.Tables.Where(table => table.SchemaOid == entry.Oid))
            {
                if (table.Indexes.FirstOrDefault(index => index.Name == name.Name) is { } found)
                    return (table, found);
            }
        }
        return null;
    }

    private static SqlException NotATable(QualifiedName name, string problem, int position) =>
        new(SqlState.WrongObjectType, $"\"{name.Name}\" {problem}") { Position = position };

    internal static TableEntry? FindSystemView(QualifiedName name) => name.Schema is { } schema
        ? Introspection.SystemViews.Instance.Find(schema, name.Name)
        : Introspection.SystemViews.Instance.Find("pg_catalog", name.Name);

    internal SqlException Undefined(CatalogSnapshot catalog, QualifiedName name, int position = 0)
    {
        if (name.Schema is { } schema && FindSchema(catalog, schema) is null)
            return UndefinedSchema(schema, position);
        return new SqlException(SqlState.UndefinedTable, $"relation \"{name}\" does not exist") { Position = position };
    }

    internal SchemaEntry? FindSchema(CatalogSnapshot catalog, string name) =>
        catalog.FindSchema(name == "pg_temp" ? TemporarySchema : name);

    /// <exception cref="SqlException">3F000: there is no such schema.</exception>
    internal SchemaEntry GetSchema(CatalogSnapshot catalog, string name, int position = 0) =>
        FindSchema(catalog, name) ?? throw UndefinedSchema(name, position);

    /// <summary>Where a new relation of that name goes.</summary>
    /// <exception cref="SqlException">3F000: no such schema, or none to create in; 42501: a system schema.</exception>
    internal SchemaEntry SchemaForNew(CatalogSnapshot catalog, QualifiedName name)
    {
        if (name.Schema is { } schemaName)
        {
            RefuseOtherDatabase(name);
            SchemaEntry schema = GetSchema(catalog, schemaName, name.Position);
            if (IsReadOnly(schema))
            {
                throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied to create \"{name}\"")
                { Detail = "System catalog modifications are currently disallowed." };
            }
            return schema;
        }
        foreach (string inPath in ExplicitPath(catalog))
        {
            if (catalog.FindSchema(inPath) is { } schema && !IsReadOnly(schema))
                return schema;
        }
        throw new SqlException(SqlState.InvalidSchemaName, "no schema has been selected to create in")
        { Position = name.Position };
    }

    /// <summary>Only system views are in it.</summary>
    private static bool IsReadOnly(SchemaEntry schema) =>
        schema.Oid is CatalogSnapshot.PgCatalogOid or CatalogSnapshot.InformationSchemaOid or CatalogSnapshot.VecsqlSchemaOid;

    internal static SqlException UndefinedSchema(string name, int position) =>
        new(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist") { Position = position };

    private void RefuseOtherDatabase(QualifiedName name)
    {
        if (name.Parts.Count > 3)
        {
            throw new SqlException(SqlState.SyntaxError, $"improper qualified name (too many dotted names): {name}")
            { Position = name.Position };
        }
        if (name.Parts.Count == 3 && name.Parts[0] != session.DatabaseName)
        {
            throw new SqlException(
                SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{name}\"")
            { Position = name.Position };
        }
    }
}
