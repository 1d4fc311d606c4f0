using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_class, pg_attribute, pg_attrdef, pg_index, pg_namespace, pg_sequence, pg_rewrite.</summary>
internal static class RelationFamily
{
    private const uint HeapMethod = 2;

    internal static readonly RowSource[] Sources =
    [
        new RowSource<SchemaEntry>("pg_namespace", Relations.Schemas)
            .With("oid", schema => schema.Oid)
            .With("nspname", schema => schema.Name)
            .With("nspowner", schema => IsPublic(schema) ? RoleEntry.DatabaseOwnerOid : Roles.OwnerOid)
            .With("nspacl", Privileges),

        new RowSource<Relation>("pg_class", Relations.All)
            .With("oid", relation => relation.Oid)
            .With("relname", relation => relation.Name)
            .With("relnamespace", relation => relation.SchemaOid)
            .WithAll("relowner", Roles.OwnerOid)
            .With("relam", relation => relation.Index is { } index ? OperatorFamily.MethodOid(index.Method)
                : relation.Kind == 'r' ? HeapMethod : 0)
            .With("relfilenode", relation => relation.Kind == 'v' ? 0 : relation.Oid)
            .With("relpages", (context, relation) => Pages(context, relation))
            .With("reltuples", (context, relation) => RowCount(context, relation))
            .With("relhasindex", relation => relation.Kind == 'r' && relation.Table?.Indexes.Length > 0)
            .With("relpersistence", relation => relation.IsTemporary ? 't' : 'p')
            .With("relkind", relation => relation.Kind)
            .With("relnatts", relation => relation.ColumnCount)
            .With("relchecks", relation => relation.Index is null ? relation.Table?.Checks.Length ?? 0 : 0)
            .With("relhasrules", relation => relation.Kind == 'v')
            // Foreign keys are kept by triggers in PostgreSQL; clients ask for them only where there are any.
            .With("relhastriggers", (context, relation) => relation is { Kind: 'r', Index: null, Table: { } table }
                && (table.ForeignKeys.Length > 0 || context.Catalog.IsReferenced(table.Id)))
            .WithAll("relispopulated", true)
            .With("relreplident", relation =>
                relation is { Kind: 'r', IsSystem: false } ? relation.Table?.ReplicaIdentity ?? 'd' : 'n')
            .With("reloptions", relation =>
                Relations.OptionTexts(relation.Index?.Options ?? relation.Table?.Options ?? [])),

        new RowSource<Attribute>("pg_attribute", Attributes)
            .With("attrelid", attribute => attribute.Relation.Oid)
            .With("attname", attribute => attribute.Column.Name)
            .With("atttypid", attribute => attribute.Column.IsDropped ? 0 : attribute.Column.Type.Oid)
            .WithAll("attstattarget", -1)
            .With("attlen", attribute => BuiltinTypes.Find(attribute.Column.Type.Oid).Length)
            .With("attnum", attribute => attribute.Number)
            .With("attndims", attribute => BuiltinTypes.Find(attribute.Column.Type.Oid).IsArray ? 1 : 0)
            .WithAll("attcacheoff", -1)
            .With("atttypmod", attribute => attribute.Column.Type.Modifier)
            .With("attbyval", attribute => TypeFamily.Support(attribute.Column.Type.Oid).IsByValue)
            .With("attalign", attribute => TypeFamily.Support(attribute.Column.Type.Oid).Alignment)
            .With("attstorage", attribute => TypeFamily.Support(attribute.Column.Type.Oid).Storage)
            .With("attnotnull", attribute => attribute.Column.IsNotNull)
            .With("atthasdef", attribute => attribute.IsTable && HasDefault(attribute.Column))
            .With("atthasmissing", attribute => attribute.IsTable && attribute.Column.MissingValue is not null)
            .With("attidentity", attribute => !attribute.IsTable ? '\0' : attribute.Column.Identity switch
            {
                IdentityKind.Always => 'a',
                IdentityKind.ByDefault => 'd',
                _ => '\0',
            })
            .With("attgenerated", attribute => attribute.IsTable && attribute.Column.IsGenerated ? 's' : '\0')
            .With("attisdropped", attribute => attribute.Column.IsDropped)
            .WithAll("attislocal", true)
            .With("attcollation", attribute => TypeFamily.Support(attribute.Column.Type.Oid).Collation),

        new RowSource<Attribute>("pg_attrdef", Defaults)
            .With("oid", attribute => Relations.DefaultOid(attribute.Relation.Oid, attribute.Number))
            .With("adrelid", attribute => attribute.Relation.Oid)
            .With("adnum", attribute => attribute.Number)
            .With("adbin", (context, attribute) => Deparser.Default(context, attribute.Relation.Table, attribute.Column)),

        new RowSource<Relation>("pg_index", context => Relations.User(context).Where(relation => relation.Index is not null))
            .With("indexrelid", relation => relation.Oid)
            .With("indrelid", relation => relation.Table?.Oid)
            .With("indnatts", relation => relation.ColumnCount)
            .With("indnkeyatts", relation => relation.Index?.Columns.Length)
            .With("indisunique", relation => relation.Index?.IsUnique)
            .With("indnullsnotdistinct", relation => relation.Index?.NullsNotDistinct)
            .With("indisprimary", relation => relation.Index?.IsPrimary)
            .With("indimmediate", relation => relation.Index is not { IsDeferrable: true })
            .With("indisclustered", relation => relation.Index?.IsClustered)
            .With("indisreplident", relation => relation.Index?.IsReplicaIdentity)
            .WithAll("indisvalid", true)
            .WithAll("indisready", true)
            .WithAll("indislive", true)
            .With("indkey", relation => SystemRowBuilder.Vector(Keys(relation)))
            .With("indcollation", relation => SystemRowBuilder.Vector(
                KeyColumns(relation).Select(column => TypeFamily.Support(column.Type.Oid).Collation)))
            .With("indclass", relation => SystemRowBuilder.Vector(
                KeyColumns(relation).Take(relation.Index?.Columns.Length ?? 0).Select((column, key) => ClassOf(relation.Index, key, column))))
            .With("indoption", relation => SystemRowBuilder.Vector(
                KeyColumns(relation).Select((_, i) => Option(relation.Index, i))))
            .With("indexprs", (context, relation) => relation.Index is { Expressions.IsEmpty: false } index && relation.Table is { } table
                && Expressions(context, table, index) is { Length: > 0 } expressions ? expressions : null)
            .With("indpred", (context, relation) => relation.Index?.Predicate is { } predicate
                ? Deparser.Expression(context, relation.Table, predicate, isPretty: false)
                : null),

        new RowSource<SequenceEntry>("pg_sequence", context => context.Catalog.Sequences.OrderBy(sequence => sequence.Oid))
            .With("seqrelid", sequence => sequence.Oid)
            .With("seqtypid", sequence => sequence.Type.Oid)
            .With("seqstart", sequence => sequence.Start)
            .With("seqincrement", sequence => sequence.Increment)
            .With("seqmax", sequence => sequence.MaxValue)
            .With("seqmin", sequence => sequence.MinValue)
            .With("seqcache", sequence => sequence.Cache)
            .With("seqcycle", sequence => sequence.Cycles),

        new RowSource<TableEntry>("pg_rewrite", context =>
                context.Catalog.Tables.Where(table => table.Kind == TableKind.View).OrderBy(view => view.Oid))
            .With("oid", view => Relations.RuleOid(view.Oid))
            .WithAll("rulename", "_RETURN")
            .With("ev_class", view => view.Oid)
            .WithAll("ev_type", '1')
            .WithAll("ev_enabled", 'O')
            .WithAll("is_instead", true)
            .WithAll("ev_qual", "<>")
            .With("ev_action", view => view.ViewSql ?? ""),
    ];

    /// <summary>Every database's public schema is its owner's, and everybody may use it, as in PostgreSQL.</summary>
    private static bool IsPublic(SchemaEntry schema) => schema is { Name: "public", DatabaseOid: not 0 };

    /// <summary>What is granted from the beginning; null where nothing is.</summary>
    private static string[]? Privileges(ViewContext context, SchemaEntry schema)
    {
        string? owner = IsPublic(schema) ? "pg_database_owner" : schema.DatabaseOid == 0 ? Deparser.Quote(context.OwnerName) : null;
        return owner is null ? null : [$"{owner}=UC/{owner}", $"=U/{owner}"];
    }

    private static readonly ColumnEntry[] SequenceColumns =
    [
        new ColumnEntry(1, "last_value", SqlType.Int8) { IsNotNull = true },
        new ColumnEntry(2, "log_cnt", SqlType.Int8) { IsNotNull = true },
        new ColumnEntry(3, "is_called", SqlType.Bool) { IsNotNull = true },
    ];

    /// <summary>A column of a relation; of an index, the key column it stands for.</summary>
    internal sealed record Attribute(Relation Relation, ColumnEntry Column, short Number)
    {
        internal bool IsTable => Relation.Index is null;
    }

    internal static IEnumerable<Attribute> Attributes(ViewContext context)
    {
        foreach (Relation relation in Relations.All(context))
        {
            short number = 0;
            IEnumerable<ColumnEntry> columns = relation.Index is not null
                ? KeyColumns(relation).Select(column => column with { IsNotNull = false })
                : relation.Table?.Columns.Select(Shown) ?? SequenceColumns;
            foreach (ColumnEntry column in columns)
                yield return new Attribute(relation, column, ++number);
        }
    }

    private static IEnumerable<Attribute> Defaults(ViewContext context) =>
        Attributes(context).Where(static attribute => attribute.IsTable && HasDefault(attribute.Column));

    /// <summary>The column whose default has an id.</summary>
    internal static Attribute? FindDefault(ViewContext context, uint oid) =>
        Defaults(context).FirstOrDefault(attribute => Relations.DefaultOid(attribute.Relation.Oid, attribute.Number) == oid);

    // A hidden column has a number, and to clients looks like one that is no more.
    private static ColumnEntry Shown(ColumnEntry column) => column.IsHidden ? IndexColumns.Dropped(column) : column;

    internal static bool HasDefault(ColumnEntry column) =>
        !column.IsDropped && column.Identity == IdentityKind.None && (column.DefaultSql is not null || column.SequenceOid != 0);

    /// <summary>The table's columns that an index has; 0 for an expression.</summary>
    private static IEnumerable<short> Keys(Relation relation) => relation is { Index: { } index, Table: { } table }
        ? index.Columns.Select((_, key) => IndexColumns.OwnColumn(table, index, key)).Concat(index.Include).Select(table.PlaceOf)
        : [];

    private static IEnumerable<ColumnEntry> KeyColumns(Relation relation)
    {
        if (relation is not { Index: { } index, Table: { } table })
            yield break;
        foreach (short number in index.Columns.Concat(index.Include))
            yield return table.Column(number);
    }

    private static string Expressions(ViewContext context, TableEntry table, IndexEntry index) => string.Join(", ", index.Columns
        .Select((_, key) => IndexColumns.OwnColumn(table, index, key) == 0 ? index.ExpressionOf(key) : null).OfType<string>()
        .Select(sql => Deparser.Expression(context, table, sql, isPretty: false)));

    private static uint ClassOf(IndexEntry? index, int key, ColumnEntry column) => index is { OperatorClasses.Length: > 0 } && index.OperatorClasses[key].Length > 0
        ? OperatorFamily.FindClass(index.Method, index.OperatorClasses[key])
        : OperatorFamily.DefaultClass(index?.Method ?? "btree", column.Type.Oid);

    /// <summary>Bit 1 for descending, bit 2 for nulls first.</summary>
    private static int Option(IndexEntry? index, int position)
    {
        string order = index?.Orders.Length > position ? index.Orders[position] : "";
        return order switch { "DESC" => 3, "DESC NULLS LAST" => 1, "NULLS FIRST" => 2, _ => 0 };
    }

    private static double RowCount(ViewContext context, Relation relation) => relation.Kind == 'r' && !relation.IsSystem
        ? context.Session.Database.Storage.EstimateRowCount(new TableId(relation.Oid))
        : relation.Kind == 'S' ? 1 : 0;

    private static long Pages(ViewContext context, Relation relation) => relation.Kind == 'r' && !relation.IsSystem
        ? context.Session.Database.Storage.SizeBytes(new TableId(relation.Oid)) / 8192
        : relation.Kind == 'S' ? 1 : 0;
}
