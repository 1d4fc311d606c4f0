using VecSQL.Catalog.Objects;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>information_schema: constraints and the columns they are about.</summary>
internal static class InformationSchemaConstraints
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<Named>("information_schema.table_constraints", All)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("constraint_name", named => named.Name)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("table_name", named => named.Table.Name)
            .With("constraint_type", named => named.Kind)
            .With("is_deferrable", named => InformationSchemaFamily.YesNo(
                named.Reference is { IsDeferrable: true } || named.Index is { IsDeferrable: true }))
            .With("initially_deferred", named => InformationSchemaFamily.YesNo(
                named.Reference is { IsInitiallyDeferred: true } || named.Index is { IsInitiallyDeferred: true }))
            .WithAll("enforced", "YES")
            .With("nulls_distinct", named => named.Index is { IsPrimary: false } index
                ? InformationSchemaFamily.YesNo(!index.NullsNotDistinct)
                : null),

        new RowSource<Named>("information_schema.check_constraints", context => All(context).Where(named => named.Kind == "CHECK"))
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("constraint_name", named => named.Name)
            .With("check_clause", named => named.Clause),

        new RowSource<Named>("information_schema.referential_constraints", context => All(context).Where(named => named.Reference is not null))
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("constraint_name", named => named.Name)
            .With("unique_constraint_catalog", (context, named) => KeyOf(context, named) is null ? null : context.DatabaseName)
            .With("unique_constraint_schema", (context, named) =>
                KeyOf(context, named) is { } key ? context.SchemaName(key.Table.SchemaOid) : null)
            .With("unique_constraint_name", (context, named) => KeyOf(context, named)?.Index.Name)
            .With("match_option", named => named.Reference is { MatchesFull: true } ? "FULL" : "NONE")
            .With("update_rule", named => Deparser.ActionWords(named.Reference?.OnUpdate ?? ReferenceAction.NoAction))
            .With("delete_rule", named => Deparser.ActionWords(named.Reference?.OnDelete ?? ReferenceAction.NoAction)),

        new RowSource<(Named Named, ColumnEntry Column, int Position)>("information_schema.key_column_usage", KeyColumns)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("constraint_name", use => use.Named.Name)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("table_name", use => use.Named.Table.Name)
            .With("column_name", use => use.Column.Name)
            .With("ordinal_position", use => use.Position)
            .With("position_in_unique_constraint", (context, use) => PositionInKey(context, use.Named, use.Position)),

        new RowSource<(Named Named, TableEntry Table, ColumnEntry Column)>("information_schema.constraint_column_usage", UsedColumns)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, use) => context.SchemaName(use.Table.SchemaOid))
            .With("table_name", use => use.Table.Name)
            .With("column_name", use => use.Column.Name)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("constraint_name", use => use.Named.Name),

        new RowSource<(Named Named, TableEntry Table)>("information_schema.constraint_table_usage", UsedTables)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, use) => context.SchemaName(use.Table.SchemaOid))
            .With("table_name", use => use.Table.Name)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("constraint_name", use => use.Named.Name),
    ];

    private sealed record Named(TableEntry Table, string Name, string Kind, string? Clause, IndexEntry? Index, short[] Columns)
    {
        internal ForeignKeyEntry? Reference { get; init; }
    }

    /// <summary>Keys and checks, and NOT NULLs, which count as checks here.</summary>
    private static IEnumerable<Named> All(ViewContext context)
    {
        foreach (TableEntry table in context.Catalog.Tables.Where(table => table.Kind == TableKind.Table).OrderBy(table => table.Oid))
        {
            foreach (ConstraintFamily.Constraint constraint in ConstraintFamily.Of(table))
            {
                string kind = constraint.Kind switch { 'p' => "PRIMARY KEY", 'u' => "UNIQUE", 'f' => "FOREIGN KEY", _ => "CHECK" };
                string? clause = constraint.Check is { } check ? Deparser.Check(context, table, check, isPretty: false)["CHECK ".Length..] : null;
                yield return new Named(table, constraint.Name, kind, clause, constraint.Index, constraint.Columns)
                {
                    Reference = constraint.Reference,
                };
            }
            foreach (ColumnEntry column in table.LiveColumns.Where(column => column.IsNotNull))
            {
                yield return new Named(table, $"{table.SchemaOid}_{table.Oid}_{column.Number}_not_null", "CHECK",
                    $"{column.Name} IS NOT NULL", null, []);
            }
        }
    }

    private static IEnumerable<(Named, ColumnEntry, int)> KeyColumns(ViewContext context) =>
        from named in All(context)
        where named.Kind != "CHECK"
        from entry in named.Columns.Select((number, i) => (Column: named.Table.Column(number), Position: i + 1))
        select (named, entry.Column, entry.Position);

    /// <summary>Of a foreign key, the columns that it refers to.</summary>
    private static IEnumerable<(Named, TableEntry, ColumnEntry)> UsedColumns(ViewContext context) =>
        from named in All(context)
        let table = UsedTable(context, named)
        from number in named.Reference is { } reference ? [.. reference.ReferencedColumns] : named.Columns
        select (named, table, table.Column(number));

    private static IEnumerable<(Named, TableEntry)> UsedTables(ViewContext context) =>
        from named in All(context)
        where named.Kind != "CHECK"
        select (named, UsedTable(context, named));

    private static TableEntry UsedTable(ViewContext context, Named named) => named.Reference is { } reference
        && context.Catalog.TryFindTable(new TableId(reference.ReferencedTable), out TableEntry? referenced) ? referenced : named.Table;

    /// <summary>The key constraint that a foreign key refers to; null where it refers to a bare unique index.</summary>
    private static (TableEntry Table, IndexEntry Index)? KeyOf(ViewContext context, Named named)
    {
        TableEntry table = UsedTable(context, named);
        return table.Indexes.FirstOrDefault(index => index.ConstraintOid != 0 && index.Oid == named.Reference?.IndexOid) is { } found
            ? (table, found)
            : null;
    }

    private static int? PositionInKey(ViewContext context, Named named, int position) =>
        named.Reference is { } reference
        && UsedTable(context, named).Indexes.FirstOrDefault(index => index.Oid == reference.IndexOid) is { } key
            ? key.Columns.IndexOf(reference.ReferencedColumns[position - 1]) + 1
            : null;
}
