using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Protocol.Sql;

namespace VecSQL.Flight.Sql;

/// <summary>The commands that ask for catalogs, schemas, tables and keys, as queries.</summary>
/// <remarks>A catalog is a database; a session sees the schemas of its own. Layouts and orders are Flight SQL's.</remarks>
internal static class CatalogQueries
{
    private const string TableType =
        """
        CASE WHEN n.nspname IN ('pg_catalog', 'information_schema')
             THEN CASE WHEN c.relkind = 'v' THEN 'SYSTEM VIEW' ELSE 'SYSTEM TABLE' END
             WHEN c.relkind = 'v' THEN 'VIEW'
             WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW'
             WHEN c.relpersistence = 't' THEN 'TEMPORARY TABLE'
             ELSE 'TABLE' END
        """;

    private static readonly ArrowSchema KeySchema = new(
    [
        Text("pk_catalog_name"), Text("pk_db_schema_name"), Text("pk_table_name", false), Text("pk_column_name", false),
        Text("fk_catalog_name"), Text("fk_db_schema_name"), Text("fk_table_name", false), Text("fk_column_name", false),
        Field("key_sequence", ArrowTypeKind.Int32), Text("fk_key_name"), Text("pk_key_name"),
        Field("update_rule", ArrowTypeKind.UInt8), Field("delete_rule", ArrowTypeKind.UInt8),
    ], []);

    public static CatalogQuery Catalogs() => new(new ArrowSchema([Text("catalog_name", false)], []),
        "SELECT datname::text FROM pg_database WHERE datallowconn ORDER BY 1", []);

    public static CatalogQuery Schemas(CommandGetDbSchemas command) => new(
        new ArrowSchema([Text("catalog_name"), Text("db_schema_name", false)], []),
        """
        SELECT current_database()::text, nspname::text FROM pg_namespace
        WHERE ($1 IS NULL OR current_database()::text = $1) AND ($2 IS NULL OR nspname::text LIKE $2)
        ORDER BY 1, 2
        """,
        [command.HasCatalog ? command.Catalog : null, command.HasDbSchemaFilterPattern ? command.DbSchemaFilterPattern : null]);

    public static CatalogQuery Tables(CommandGetTables command)
    {
        List<ArrowField> fields = [Text("catalog_name"), Text("db_schema_name"), Text("table_name", false), Text("table_type", false)];
        if (command.IncludeSchema)
            fields.Add(Field("table_schema", ArrowTypeKind.Binary));
        return new CatalogQuery(new ArrowSchema(fields, []),
            $"""
            SELECT * FROM (
                SELECT current_database()::text AS catalog, n.nspname::text AS schema, c.relname::text AS name, {TableType} AS type
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')) t
            WHERE ($1 IS NULL OR catalog = $1) AND ($2 IS NULL OR schema LIKE $2) AND ($3 IS NULL OR name LIKE $3)
                AND ($4 IS NULL OR type = ANY (string_to_array($4, ',')))
            ORDER BY 1, 2, 3, 4
            """,
            [
                command.HasCatalog ? command.Catalog : null,
                command.HasDbSchemaFilterPattern ? command.DbSchemaFilterPattern : null,
                command.HasTableNameFilterPattern ? command.TableNameFilterPattern : null,
                command.TableTypes.Count > 0 ? string.Join(',', command.TableTypes) : null,
            ], command.IncludeSchema);
    }

    public static CatalogQuery TableTypes() => new(new ArrowSchema([Text("table_type", false)], []),
        "SELECT * FROM unnest(ARRAY['MATERIALIZED VIEW', 'SYSTEM TABLE', 'SYSTEM VIEW', 'TABLE', 'TEMPORARY TABLE', 'VIEW'])", []);

    public static CatalogQuery PrimaryKeys(CommandGetPrimaryKeys command) => new(
        new ArrowSchema(
        [
            Text("catalog_name"), Text("db_schema_name"), Text("table_name", false), Text("column_name", false), Text("key_name"),
            Field("key_sequence", ArrowTypeKind.Int32),
        ], []),
        """
        SELECT current_database()::text, n.nspname::text, c.relname::text, a.attname::text, k.conname::text, u.position::int4
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS u(number, position)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
        WHERE k.contype = 'p' AND ($1 IS NULL OR current_database()::text = $1) AND ($2 IS NULL OR n.nspname::text = $2)
            AND c.relname::text = $3
        ORDER BY 1, 2, 3, 5, 6
        """,
        [command.HasCatalog ? command.Catalog : null, command.HasDbSchema ? command.DbSchema : null, command.Table]);

    public static CatalogQuery ImportedKeys(CommandGetImportedKeys command) => Keys("1, 2, 3, 11, 9", null, null, null,
        command.HasCatalog ? command.Catalog : null, command.HasDbSchema ? command.DbSchema : null, command.Table);

    public static CatalogQuery ExportedKeys(CommandGetExportedKeys command) => Keys("5, 6, 7, 10, 9",
        command.HasCatalog ? command.Catalog : null, command.HasDbSchema ? command.DbSchema : null, command.Table, null, null, null);

    public static CatalogQuery CrossReference(CommandGetCrossReference command) => Keys("1, 2, 3, 11, 9",
        command.HasPkCatalog ? command.PkCatalog : null, command.HasPkDbSchema ? command.PkDbSchema : null, command.PkTable,
        command.HasFkCatalog ? command.FkCatalog : null, command.HasFkDbSchema ? command.FkDbSchema : null, command.FkTable);

    private static CatalogQuery Keys(
        string order, string? pkCatalog, string? pkSchema, string? pkTable, string? fkCatalog, string? fkSchema, string? fkTable) =>
        new(KeySchema,
            $"""
            SELECT current_database()::text, pn.nspname::text, pc.relname::text, pa.attname::text,
                current_database()::text, fn.nspname::text, fc.relname::text, fa.attname::text,
                u.position::int4, k.conname::text, i.relname::text,
                {Rule("confupdtype")}, {Rule("confdeltype")}
            FROM pg_constraint k
                JOIN pg_class fc ON fc.oid = k.conrelid JOIN pg_namespace fn ON fn.oid = fc.relnamespace
                JOIN pg_class pc ON pc.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
                LEFT JOIN pg_class i ON i.oid = k.conindid
                CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(fk, pk, position)
                JOIN pg_attribute fa ON fa.attrelid = fc.oid AND fa.attnum = u.fk
                JOIN pg_attribute pa ON pa.attrelid = pc.oid AND pa.attnum = u.pk
            WHERE k.contype = 'f' AND ($1 IS NULL OR current_database()::text = $1) AND ($2 IS NULL OR pn.nspname::text = $2)
                AND ($3 IS NULL OR pc.relname::text = $3) AND ($4 IS NULL OR current_database()::text = $4)
                AND ($5 IS NULL OR fn.nspname::text = $5) AND ($6 IS NULL OR fc.relname::text = $6)
            ORDER BY {order}
            """,
            [pkCatalog, pkSchema, pkTable, fkCatalog, fkSchema, fkTable]);

    private static string Rule(string column) =>
        $"(CASE k.{column} WHEN 'c' THEN 0 WHEN 'r' THEN 1 WHEN 'n' THEN 2 WHEN 'd' THEN 4 ELSE 3 END)::int2";

    private static ArrowField Text(string name, bool isNullable = true) => new(name, new ArrowType(ArrowTypeKind.Utf8), isNullable, []);

    private static ArrowField Field(string name, ArrowTypeKind kind) => new(name, new ArrowType(kind), IsNullable: false, []);
}
