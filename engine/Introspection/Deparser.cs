using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Statements;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Introspection;

/// <summary>Definitions as SQL, in the words of PostgreSQL's pg_get functions.</summary>
internal static class Deparser
{
    /// <summary>The default or generation expression of a column; null where there is none.</summary>
    internal static string? Default(ViewContext context, ColumnEntry column)
    {
        if (column.Identity != IdentityKind.None)
            return null;
        if (column.SequenceOid != 0)
            return $"nextval({SqlPrinter.QuoteLiteral(RelationName(context, column.SequenceOid))}::regclass)";
        if (column.DefaultSql is not { } sql)
            return null;
        Expression expression = SqlParser.ParseExpression(sql);
        // A plain string takes the column's type when it is stored, and shows it.
        return expression is StringLiteral ? $"{sql}::{BuiltinTypes.FormatType(column.Type.Oid, null)}" : Wrapped(expression, sql);
    }

    internal static string Check(CheckEntry check, bool isPretty)
    {
        string condition = isPretty ? check.Sql : Wrapped(SqlParser.ParseExpression(check.Sql), check.Sql);
        return $"CHECK ({condition}){(check.IsNotValid ? " NOT VALID" : "")}";
    }

    internal static string Key(TableEntry table, IndexEntry index)
    {
        string kind = index.IsPrimary ? "PRIMARY KEY" : index.NullsNotDistinct ? "UNIQUE NULLS NOT DISTINCT" : "UNIQUE";
        string sql = $"{kind} ({Columns(table, index.Columns)})";
        if (index.Include.Length > 0)
            sql += $" INCLUDE ({Columns(table, index.Include)})";
        return sql + Timing(index.IsDeferrable, index.IsInitiallyDeferred);
    }

    internal static string ForeignKey(ViewContext context, TableEntry table, ForeignKeyEntry key)
    {
        string referenced = RelationName(context, key.ReferencedTable);
        string targets = context.Catalog.TryFindTable(new TableId(key.ReferencedTable), out TableEntry? target)
            ? Columns(target, key.ReferencedColumns) : "";
        string sql = $"FOREIGN KEY ({Columns(table, key.Columns)}) REFERENCES {referenced}({targets})";
        if (key.MatchesFull)
            sql += " MATCH FULL";
        if (key.OnUpdate != ReferenceAction.NoAction)
            sql += " ON UPDATE " + ActionWords(key.OnUpdate);
        if (key.OnDelete != ReferenceAction.NoAction)
            sql += " ON DELETE " + ActionWords(key.OnDelete);
        if (key.SetColumns.Length > 0)
            sql += $" ({Columns(table, key.SetColumns)})";
        sql += Timing(key.IsDeferrable, key.IsInitiallyDeferred);
        return key.IsNotValid ? sql + " NOT VALID" : sql;
    }

    private static string Timing(bool isDeferrable, bool isInitiallyDeferred) =>
        (isDeferrable ? " DEFERRABLE" : "") + (isInitiallyDeferred ? " INITIALLY DEFERRED" : "");

    internal static string ActionWords(ReferenceAction action) => action switch
    {
        ReferenceAction.Restrict => "RESTRICT",
        ReferenceAction.Cascade => "CASCADE",
        ReferenceAction.SetNull => "SET NULL",
        ReferenceAction.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    };

    /// <param name="isPretty">For people: names of what is visible without schema, no parentheses around the predicate.</param>
    internal static string Index(ViewContext context, TableEntry table, IndexEntry index, bool isPretty = false)
    {
        string name = isPretty ? RelationName(context, table.Oid) : $"{Quote(context.SchemaName(table.SchemaOid))}.{Quote(table.Name)}";
        string keys = string.Join(", ", index.Columns.Select((number, i) => IndexColumn(table, index, i)));
        string sql = $"CREATE {(index.IsUnique ? "UNIQUE " : "")}INDEX {Quote(index.Name)} ON " +
            $"{name} USING {index.Method} ({keys})";
        if (index.Include.Length > 0)
            sql += $" INCLUDE ({Columns(table, index.Include)})";
        if (index.NullsNotDistinct)
            sql += " NULLS NOT DISTINCT";
        if (index.Options.Length > 0)
            sql += $" WITH ({string.Join(", ", index.Options.Select(Option))})";
        if (index.Predicate is { } predicate)
            sql += $" WHERE {(isPretty ? predicate : Condition(predicate))}";
        return sql;
    }

    /// <summary>Expressions without the parentheses around them that PostgreSQL leaves out for people.</summary>
    internal static string? Pretty(string? sql) =>
        sql is not null && SqlParser.Parse($"SELECT {sql}")[0] is QueryStatement { Query.Body: SelectBody select }
            ? string.Join(", ", select.Items.Select(item => SqlPrinter.Print(item.Expression)))
            : sql;

    internal static string Condition(string sql) => Wrapped(SqlParser.ParseExpression(sql), sql);

    /// <summary>A key of an index, as pg_get_indexdef gives it by its number; an included column behind the keys.</summary>
    internal static string IndexKey(TableEntry table, IndexEntry index, int position) => position < index.Columns.Length
        ? IndexColumns.KeySql(table, index, position)
        : Quote(table.Column(index.Include[position - index.Columns.Length]).Name);

    // As PostgreSQL does: a value that could be a name stands as it is.
    private static string Option(KeyValuePair<string, string> option) =>
        $"{Quote(option.Key)}={(Quote(option.Value) == option.Value ? option.Value : SqlPrinter.QuoteLiteral(option.Value))}";

    private static string IndexColumn(TableEntry table, IndexEntry index, int position)
    {
        ColumnEntry column = table.Column(index.Columns[position]);
        string name = IndexKey(table, index, position);
        if (index.OperatorClasses.Length > position && index.OperatorClasses[position].Length > 0
            && index.OperatorClasses[position] != VectorOperatorClass.DefaultFor(index.Method, column.Type))
            name += $" {index.OperatorClasses[position]}";
        return index.Orders.Length > position && index.Orders[position].Length > 0
            ? $"{name} {index.Orders[position]}"
            : name;
    }

    private static string Columns(TableEntry table, IEnumerable<short> numbers) =>
        string.Join(", ", numbers.Select(number => Quote(table.Column(number).Name)));

    /// <summary>A relation's name, qualified unless the search path finds it.</summary>
    internal static string RelationName(ViewContext context, uint oid)
    {
        (uint Schema, string Name)? found = Relations.Find(context, oid);
        if (found is not { } relation)
            return oid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Relations.IsVisible(context, relation.Schema, relation.Name)
            ? Quote(relation.Name)
            : $"{Quote(context.SchemaName(relation.Schema))}.{Quote(relation.Name)}";
    }

    internal static string Quote(string name) => SqlPrinter.QuoteIdentifier(name);

    /// <summary>Operators are wrapped in parentheses, as PostgreSQL prints them where it does not print prettily.</summary>
    private static string Wrapped(Expression expression, string sql) => expression is BinaryExpression or UnaryExpression
        or LogicalExpression or NotExpression or IsNullExpression or BooleanTestExpression or BetweenExpression
        or InListExpression or LikeExpression or DistinctFromExpression or QuantifiedArrayExpression
        ? $"({sql})"
        : sql;
}
