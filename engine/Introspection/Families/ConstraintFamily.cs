using VecSQL.Catalog.Objects;
using VecSQL.Engine.Statements;
using VecSQL.Parser;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_constraint.</summary>
internal static class ConstraintFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<Constraint>("pg_constraint", All)
            .With("oid", constraint => constraint.Oid)
            .With("conname", constraint => constraint.Name)
            .With("connamespace", constraint => constraint.Table.SchemaOid)
            .With("contype", constraint => constraint.Kind)
            .With("convalidated", constraint => constraint.Check is not { IsNotValid: true })
            .With("conrelid", constraint => constraint.Table.Oid)
            .With("conindid", constraint => constraint.Index?.Oid ?? 0)
            .WithAll("confupdtype", ' ')
            .WithAll("confdeltype", ' ')
            .WithAll("confmatchtype", ' ')
            .WithAll("conislocal", true)
            .With("connoinherit", constraint => constraint.Check is null)
            .With("conkey", constraint => constraint.Columns)
            .With("conbin", constraint => constraint.Check?.Sql),
    ];

    /// <param name="Kind">pg_constraint.contype: c, p or u.</param>
    internal sealed record Constraint(uint Oid, string Name, char Kind, TableEntry Table)
    {
        internal IndexEntry? Index { get; init; }

        internal CheckEntry? Check { get; init; }

        internal short[] Columns => Index is { } index ? [.. index.Columns] : Check is { } check ? ColumnsOf(Table, check) : [];
    }

    internal static IEnumerable<Constraint> All(ViewContext context) =>
        context.Catalog.Tables.OrderBy(table => table.Oid).SelectMany(Of);

    internal static IEnumerable<Constraint> Of(TableEntry table)
    {
        foreach (CheckEntry check in table.Checks)
            yield return new Constraint(check.Oid, check.Name, 'c', table) { Check = check };
        foreach (IndexEntry index in table.Indexes.Where(index => index.ConstraintOid != 0))
            yield return new Constraint(index.ConstraintOid, index.Name, index.IsPrimary ? 'p' : 'u', table) { Index = index };
    }

    private static short[] ColumnsOf(TableEntry table, CheckEntry check)
    {
        IReadOnlyCollection<string> names = StoredExpressions.ColumnsOf(SqlParser.ParseExpression(check.Sql));
        return [.. table.LiveColumns.Where(column => names.Contains(column.Name)).Select(column => column.Number)];
    }
}
