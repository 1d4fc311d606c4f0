using VecSQL.Catalog.Objects;
using VecSQL.Engine.References;
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
            .With("condeferrable", constraint => constraint.Reference is { IsDeferrable: true } || constraint.Index is { IsDeferrable: true })
            .With("condeferred", constraint =>
                constraint.Reference is { IsInitiallyDeferred: true } || constraint.Index is { IsInitiallyDeferred: true })
            .With("convalidated", constraint => constraint is { Check: not { IsNotValid: true }, Reference: not { IsNotValid: true } })
            .With("conrelid", constraint => constraint.Table.Oid)
            .With("conindid", constraint => constraint.Index?.Oid ?? constraint.Reference?.IndexOid ?? 0)
            .With("confrelid", constraint => constraint.Reference?.ReferencedTable ?? 0)
            .With("confupdtype", constraint => Letter(constraint.Reference?.OnUpdate))
            .With("confdeltype", constraint => Letter(constraint.Reference?.OnDelete))
            .With("confmatchtype", constraint => constraint.Reference is { } key ? key.MatchesFull ? 'f' : 's' : ' ')
            .WithAll("conislocal", true)
            .With("connoinherit", constraint => constraint.Check is null)
            .With("conkey", constraint => constraint.Columns is { Length: > 0 } columns ? columns : null)
            .With("confkey", constraint => constraint.Reference?.ReferencedColumns.ToArray())
            .With("conpfeqop", (context, constraint) => Operators(context, constraint, static operators => operators.Mixed))
            .With("conppeqop", (context, constraint) => Operators(context, constraint, static operators => operators.Referenced))
            .With("conffeqop", (context, constraint) => Operators(context, constraint, static operators => operators.Referring))
            .With("confdelsetcols", constraint => constraint.Reference is { SetColumns: { Length: > 0 } columns } ? columns.ToArray() : null)
            .With("conbin", (context, constraint) => constraint.Check is { } check
                ? Deparser.Expression(context, constraint.Table, check.Sql, isPretty: false)
                : null),
    ];

    /// <param name="Kind">pg_constraint.contype: c, f, p or u.</param>
    internal sealed record Constraint(uint Oid, string Name, char Kind, TableEntry Table)
    {
        internal IndexEntry? Index { get; init; }

        internal CheckEntry? Check { get; init; }

        internal ForeignKeyEntry? Reference { get; init; }

        internal short[] Columns => Index is { } index ? [.. index.Columns]
            : Reference is { } reference ? [.. reference.Columns]
            : Check is { } check ? ColumnsOf(Table, check) : [];
    }

    internal static IEnumerable<Constraint> All(ViewContext context) =>
        context.Catalog.Tables.OrderBy(table => table.Oid).SelectMany(Of);

    internal static IEnumerable<Constraint> Of(TableEntry table)
    {
        foreach (CheckEntry check in table.Checks)
            yield return new Constraint(check.Oid, check.Name, 'c', table) { Check = check };
        foreach (IndexEntry index in table.Indexes.Where(index => index.ConstraintOid != 0))
            yield return new Constraint(index.ConstraintOid, index.Name, index.IsPrimary ? 'p' : 'u', table) { Index = index };
        foreach (ForeignKeyEntry key in table.ForeignKeys)
            yield return new Constraint(key.Oid, key.Name, 'f', table) { Reference = key };
    }

    private static char Letter(ReferenceAction? action) => action switch
    {
        null => ' ',
        ReferenceAction.Restrict => 'r',
        ReferenceAction.Cascade => 'c',
        ReferenceAction.SetNull => 'n',
        ReferenceAction.SetDefault => 'd',
        _ => 'a',
    };

    private static uint[]? Operators(ViewContext context, Constraint constraint, Func<KeyOperators, uint> which)
    {
        if (constraint.Reference is not { } key
            || !context.Catalog.TryFindTable(new TableId(key.ReferencedTable), out TableEntry? referenced))
            return null;
        return
        [
            .. key.Columns.Zip(key.ReferencedColumns, (number, target) => KeyConversion.Operators(
                referenced.Column(target).Type, constraint.Table.Column(number).Type) is { } operators ? which(operators) : 0),
        ];
    }

    private static short[] ColumnsOf(TableEntry table, CheckEntry check)
    {
        IReadOnlyCollection<string> names = StoredExpressions.ColumnsOf(SqlParser.ParseExpression(check.Sql));
        return [.. table.LiveColumns.Where(column => names.Contains(column.Name)).Select(column => column.Number)];
    }
}
