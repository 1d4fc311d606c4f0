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
            .WithAll("is_deferrable", "NO")
            .WithAll("initially_deferred", "NO")
            .WithAll("enforced", "YES")
            .With("nulls_distinct", named => named.Index is { IsPrimary: false } index
                ? InformationSchemaFamily.YesNo(!index.NullsNotDistinct)
                : null),

        new RowSource<Named>("information_schema.check_constraints", context => All(context).Where(named => named.Index is null))
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("constraint_name", named => named.Name)
            .With("check_clause", named => named.Clause),

        new RowSource<(Named Named, ColumnEntry Column, int Position)>("information_schema.key_column_usage", KeyColumns)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("constraint_name", use => use.Named.Name)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("table_name", use => use.Named.Table.Name)
            .With("column_name", use => use.Column.Name)
            .With("ordinal_position", use => use.Position),

        new RowSource<(Named Named, ColumnEntry Column, int Position)>("information_schema.constraint_column_usage", UsedColumns)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("table_name", use => use.Named.Table.Name)
            .With("column_name", use => use.Column.Name)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, use) => context.SchemaName(use.Named.Table.SchemaOid))
            .With("constraint_name", use => use.Named.Name),

        new RowSource<Named>("information_schema.constraint_table_usage", context => All(context).Where(named => named.Index is not null))
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("table_name", named => named.Table.Name)
            .With("constraint_catalog", (context, _) => context.DatabaseName)
            .With("constraint_schema", (context, named) => context.SchemaName(named.Table.SchemaOid))
            .With("constraint_name", named => named.Name),
    ];

    private sealed record Named(TableEntry Table, string Name, string Kind, string? Clause, IndexEntry? Index, short[] Columns);

    /// <summary>Keys and checks, and NOT NULLs, which count as checks here.</summary>
    private static IEnumerable<Named> All(ViewContext context)
    {
        foreach (TableEntry table in context.Catalog.Tables.Where(table => table.Kind == TableKind.Table).OrderBy(table => table.Oid))
        {
            foreach (ConstraintFamily.Constraint constraint in ConstraintFamily.Of(table))
            {
                string kind = constraint.Kind switch { 'p' => "PRIMARY KEY", 'u' => "UNIQUE", _ => "CHECK" };
                string? clause = constraint.Check is { } check ? Deparser.Check(check, isPretty: false)["CHECK ".Length..] : null;
                yield return new Named(table, constraint.Name, kind, clause, constraint.Index, constraint.Columns);
            }
            foreach (ColumnEntry column in table.LiveColumns.Where(column => column.IsNotNull))
            {
                yield return new Named(table, $"{table.SchemaOid}_{table.Oid}_{column.Number}_not_null", "CHECK",
                    $"{column.Name} IS NOT NULL", null, []);
            }
        }
    }

    private static IEnumerable<(Named, ColumnEntry, int)> KeyColumns(ViewContext context) =>
        UsedColumns(context).Where(use => use.Item1.Index is not null);

    private static IEnumerable<(Named, ColumnEntry, int)> UsedColumns(ViewContext context) =>
        from named in All(context)
        from entry in named.Columns.Select((number, i) => (Column: named.Table.Column(number), Position: i + 1))
        select (named, entry.Column, entry.Position);
}
