using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Statements;
using VecSQL.Parser;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_depend and pg_description.</summary>
internal static class DependencyFamily
{
    private const uint ClassCatalog = 1259, DefaultCatalog = 2604, ConstraintCatalog = 2606, NamespaceCatalog = 2615;
    private const uint RewriteCatalog = 2618, TypeCatalog = 1247, FunctionCatalog = 1255, ExtensionCatalog = 3079;

    internal static readonly RowSource[] Sources =
    [
        new RowSource<Dependency>("pg_depend", Dependencies)
            .With("classid", dependency => dependency.Class)
            .With("objid", dependency => dependency.Object)
            .With("objsubid", dependency => (int)dependency.Column)
            .With("refclassid", dependency => dependency.OnClass)
            .With("refobjid", dependency => dependency.On)
            .With("refobjsubid", dependency => dependency.OnColumn)
            .With("deptype", dependency => dependency.Kind),

        new RowSource<Description>("pg_description", Descriptions)
            .With("objoid", description => description.Object)
            .With("classoid", description => description.Class)
            .With("objsubid", description => description.Column)
            .With("description", description => description.Text),
    ];

    private sealed record Dependency(uint Class, uint Object, uint OnClass, uint On, short OnColumn, char Kind)
    {
        public short Column { get; init; }
    }

    internal sealed record Description(uint Object, uint Class, short Column, string Text);

    private static IEnumerable<Dependency> Dependencies(ViewContext context)
    {
        foreach (SequenceEntry sequence in context.Catalog.Sequences.Where(sequence => sequence.OwnerTable != 0))
        {
            bool isIdentity = context.Catalog.TryFindTable(new TableId(sequence.OwnerTable), out TableEntry? owner)
                && owner.Column(sequence.OwnerColumn).Identity != IdentityKind.None;
            yield return new Dependency(
                ClassCatalog, sequence.Oid, ClassCatalog, sequence.OwnerTable, sequence.OwnerColumn, isIdentity ? 'i' : 'a');
        }
        foreach (SequenceEntry sequence in context.Catalog.Sequences)
            yield return new Dependency(ClassCatalog, sequence.Oid, NamespaceCatalog, sequence.SchemaOid, 0, 'n');
        foreach (Dependency member in OfExtension())
            yield return member;
        foreach (FunctionDefinition function in context.Catalog.Functions)
        {
            yield return new Dependency(FunctionCatalog, function.Oid, NamespaceCatalog, function.SchemaOid, 0, 'n');
            IEnumerable<uint> types = function.Arguments.Concat(function.Columns).Select(argument => argument.Type.Oid).Append(function.Result.Oid);
            foreach (uint type in types.Where(UserTypeOid.IsUserMade).Distinct())
                yield return new Dependency(FunctionCatalog, function.Oid, TypeCatalog, type, 0, 'n');
        }
        foreach (UserTypeEntry type in context.Catalog.Types)
        {
            yield return new Dependency(TypeCatalog, type.Oid, NamespaceCatalog, type.SchemaOid, 0, 'n');
            yield return new Dependency(TypeCatalog, BuiltinTypes.ArrayOf(type.Oid), TypeCatalog, type.Oid, 0, 'i');
        }
        foreach (TableEntry table in context.Catalog.Tables.OrderBy(table => table.Oid))
        {
            foreach (Dependency dependency in OfTable(table).Concat(OfView(context, table)))
                yield return dependency;
        }
    }

    /// <summary>What came with the extension: pg_dump leaves it to CREATE EXTENSION.</summary>
    private static IEnumerable<Dependency> OfExtension()
    {
        IEnumerable<(uint Catalog, uint Oid)> members =
        [
            .. BuiltinTypes.All.Where(type => BuiltinTypes.IsVectorFamily(type.Oid)).Select(type => (TypeCatalog, type.Oid)),
            .. FunctionFamily.All.Where(function => function.Schema == "public").Select(function => (FunctionCatalog, function.Oid)),
            .. OperatorFamily.OfExtension,
        ];
        return members.Select(member => new Dependency(member.Catalog, member.Oid, ExtensionCatalog, BuiltInExtension.Vector.Oid, 0, 'e'));
    }

    private static IEnumerable<Dependency> OfView(ViewContext context, TableEntry view)
    {
        if (view.Kind != TableKind.View)
            yield break;
        yield return new Dependency(RewriteCatalog, Relations.RuleOid(view.Oid), ClassCatalog, view.Oid, 0, 'n');
        foreach ((CatalogObject relation, IEnumerable<ColumnEntry> columns) in Statements.Dependencies.ReadBy(context.Session, context.Catalog, view))
        {
            foreach (short number in columns.Select(column => PlaceOf(relation, column)).DefaultIfEmpty((short)0))
                yield return new Dependency(RewriteCatalog, Relations.RuleOid(view.Oid), ClassCatalog, relation.Oid, number, 'n');
        }
    }

    private static short PlaceOf(CatalogObject relation, ColumnEntry column) =>
        relation is TableEntry table ? table.PlaceOf(column.Number) : column.Number;

    private static IEnumerable<Dependency> OfTable(TableEntry table)
    {
        yield return new Dependency(ClassCatalog, table.Oid, NamespaceCatalog, table.SchemaOid, 0, 'n');
        if (table.Kind == TableKind.View)
            yield return new Dependency(RewriteCatalog, Relations.RuleOid(table.Oid), ClassCatalog, table.Oid, 0, 'i');
        foreach (ColumnEntry column in table.LiveColumns.Where(column => UserTypeOid.IsUserMade(column.Type.Oid)))
            yield return new Dependency(ClassCatalog, table.Oid, TypeCatalog, column.Type.Oid, 0, 'n') { Column = column.Number };
        foreach (ColumnEntry column in table.LiveColumns.Where(RelationFamily.HasDefault))
        {
            uint value = Relations.DefaultOid(table.Oid, table.PlaceOf(column.Number));
            yield return new Dependency(
                DefaultCatalog, value, ClassCatalog, table.Oid, table.PlaceOf(column.Number), column.IsGenerated ? 'i' : 'a');
            foreach (short number in ColumnsOfValue(table, column))
                yield return new Dependency(DefaultCatalog, value, ClassCatalog, table.Oid, number, 'n');
            if (column.SequenceOid != 0)
                yield return new Dependency(DefaultCatalog, value, ClassCatalog, column.SequenceOid, 0, 'n');
        }
        foreach (ConstraintFamily.Constraint constraint in ConstraintFamily.Of(table))
        {
            foreach (short number in constraint.Columns)
                yield return new Dependency(ConstraintCatalog, constraint.Oid, ClassCatalog, table.Oid, number, 'a');
            foreach (short number in constraint.Check is null ? [] : constraint.Columns)
                yield return new Dependency(ConstraintCatalog, constraint.Oid, ClassCatalog, table.Oid, number, 'n');
            if (constraint.Reference is not { } reference)
                continue;
            foreach (short number in reference.ReferencedColumns)
                yield return new Dependency(ConstraintCatalog, constraint.Oid, ClassCatalog, reference.ReferencedTable, number, 'n');
            yield return new Dependency(ConstraintCatalog, constraint.Oid, ClassCatalog, reference.IndexOid, 0, 'n');
        }
        foreach (IndexEntry index in table.Indexes.Where(static index => index.Replaces == 0))
        {
            if (index.ConstraintOid != 0)
            {
                yield return new Dependency(ClassCatalog, index.Oid, ConstraintCatalog, index.ConstraintOid, 0, 'i');
                continue;
            }
            foreach (ColumnEntry column in table.LiveColumns.Where(column => IndexColumns.Mentions(index, column)))
                yield return new Dependency(ClassCatalog, index.Oid, ClassCatalog, table.Oid, table.PlaceOf(column.Number), 'a');
        }
    }

    /// <summary>The columns that a generated one is computed from.</summary>
    private static IEnumerable<short> ColumnsOfValue(TableEntry table, ColumnEntry column)
    {
        if (column is not { IsGenerated: true, DefaultSql: { } sql })
            return [];
        IReadOnlyCollection<string> names = StoredExpressions.ColumnsOf(SqlParser.ParseExpression(sql));
        return table.LiveColumns.Where(other => names.Contains(other.Name)).Select(static other => other.Number);
    }

    internal static IEnumerable<Description> Descriptions(ViewContext context)
    {
        foreach (BuiltInExtension extension in BuiltInExtension.All)
            yield return new Description(extension.Oid, ExtensionCatalog, 0, extension.Comment);
        foreach (CatalogObject entry in context.Catalog.Objects.OrderBy(found => found.Oid))
        {
            switch (entry)
            {
                case SchemaEntry { Comment: { } text }:
                    yield return new Description(entry.Oid, NamespaceCatalog, 0, text);
                    break;
                case SequenceEntry { Comment: { } text }:
                    yield return new Description(entry.Oid, ClassCatalog, 0, text);
                    break;
                case FunctionDefinition { Comment: { } text }:
                    yield return new Description(entry.Oid, FunctionCatalog, 0, text);
                    break;
                case UserTypeEntry { Comment: { } text }:
                    yield return new Description(entry.Oid, TypeCatalog, 0, text);
                    break;
                case TableEntry table:
                    foreach (Description description in OfParts(table))
                        yield return description;
                    break;
            }
        }
    }

    private static IEnumerable<Description> OfParts(TableEntry table)
    {
        if (table.Comment is { } text)
            yield return new Description(table.Oid, ClassCatalog, 0, text);
        foreach (ColumnEntry column in table.LiveColumns)
        {
            if (column.Comment is { } comment)
                yield return new Description(table.Oid, ClassCatalog, table.PlaceOf(column.Number), comment);
        }
        foreach (CheckEntry check in table.Checks)
        {
            if (check.Comment is { } comment)
                yield return new Description(check.Oid, ConstraintCatalog, 0, comment);
        }
        foreach (ForeignKeyEntry key in table.ForeignKeys)
        {
            if (key.Comment is { } comment)
                yield return new Description(key.Oid, ConstraintCatalog, 0, comment);
        }
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.Comment is { } comment)
            {
                yield return index.ConstraintOid != 0
                    ? new Description(index.ConstraintOid, ConstraintCatalog, 0, comment)
                    : new Description(index.Oid, ClassCatalog, 0, comment);
            }
        }
    }
}
