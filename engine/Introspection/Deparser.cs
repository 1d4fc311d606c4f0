using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Statements;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Definitions;

namespace VecSQL.Engine.Introspection;

/// <summary>Definitions as SQL, in the words of PostgreSQL's pg_get functions.</summary>
internal static class Deparser
{
    /// <summary>A view's query, as pg_get_viewdef gives it.</summary>
    internal static string? View(ViewContext context, TableEntry view, DefinitionLayout layout)
    {
        if (view.ViewSql is not { } sql || SqlParser.Parse(sql)[0] is not QueryStatement query)
            return null;
        PlannerContext reader = context.Planning;
        PlannerContext own = view.ViewSearchPath.IsDefaultOrEmpty ? reader : reader with { SearchPath = view.ViewSearchPath };
        return DefinitionText.View(query.Query, [.. view.LiveColumns.Select(static column => column.Name)], own, reader, layout) + ";";
    }

    /// <summary>The rule that makes a table a view.</summary>
    internal static string? Rule(ViewContext context, TableEntry view, bool isPretty)
    {
        if (View(context, view, isPretty ? DefinitionLayout.Pretty : DefinitionLayout.Lines) is not { } query)
            return null;
        string name = isPretty ? RelationName(context, view.Oid) : $"{Quote(context.SchemaName(view.SchemaOid))}.{Quote(view.Name)}";
        return $"CREATE RULE \"_RETURN\" AS\n    ON SELECT TO {name} DO INSTEAD {query}";
    }

    /// <summary>The default or generation expression of a column; null where there is none.</summary>
    internal static string? Default(ViewContext context, TableEntry? table, ColumnEntry column)
    {
        if (column.Identity != IdentityKind.None)
            return null;
        if (column.SequenceOid != 0)
            return $"nextval({SqlPrinter.QuoteLiteral(RelationName(context, column.SequenceOid))}::regclass)";
        return column.DefaultSql is { } sql
            ? Expression(context, column.IsGenerated ? table : null, sql, isPretty: false, column.Type)
            : null;
    }

    internal static string Check(ViewContext context, TableEntry table, CheckEntry check, bool isPretty) =>
        $"CHECK ({Expression(context, table, check.Sql, isPretty)}){(check.IsNotValid ? " NOT VALID" : "")}";

    /// <summary>An expression stored with a table.</summary>
    /// <param name="type">What it is assigned to; null where its own type stands.</param>
    internal static string Expression(
        ViewContext context, TableEntry? table, string sql, bool isPretty, SqlType? type = null) =>
        DefinitionText.Expression(SqlParser.ParseExpression(sql), table, type, context.Planning,
            isPretty ? DefinitionLayout.Pretty : DefinitionLayout.Lines);

    /// <summary>Expressions in a list, as system views hand them to pg_get_expr.</summary>
    internal static string? List(ViewContext context, uint relation, string? sql, bool isPretty)
    {
        if (sql is null || !isPretty)
            return sql;
        TableEntry? table = Relations.FindRelation(context, relation)?.Table;
        return SqlParser.Parse($"SELECT {sql}")[0] is QueryStatement { Query.Body: SelectBody select }
            ? string.Join(", ", select.Items.Select(item => DefinitionText.Expression(
                item.Expression, table, null, context.Planning, DefinitionLayout.Pretty)))
            : sql;
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
        string keys = string.Join(", ", index.Columns.Select((number, i) => IndexColumn(context, table, index, i, isPretty)));
        string sql = $"CREATE {(index.IsUnique ? "UNIQUE " : "")}INDEX {Quote(index.Name)} ON " +
            $"{name} USING {index.Method} ({keys})";
        if (index.Include.Length > 0)
            sql += $" INCLUDE ({Columns(table, index.Include)})";
        if (index.NullsNotDistinct)
            sql += " NULLS NOT DISTINCT";
        if (index.Options.Length > 0)
            sql += $" WITH ({string.Join(", ", index.Options.Select(Option))})";
        if (index.Predicate is { } predicate)
            sql += $" WHERE {Expression(context, table, predicate, isPretty)}";
        return sql;
    }

    /// <summary>A key of an index, as pg_get_indexdef gives it by its number; an included column behind the keys.</summary>
    internal static string IndexKey(ViewContext context, TableEntry table, IndexEntry index, int position, bool isPretty)
    {
        if (position >= index.Columns.Length)
            return Quote(table.Column(index.Include[position - index.Columns.Length]).Name);
        if (IndexColumns.OwnColumn(table, index, position) is not 0 and short number)
            return Quote(table.Column(number).Name);
        string sql = index.ExpressionOf(position) ?? throw new InvariantException("a key of an index is neither column nor expression");
        return IndexColumns.Enclosed(SqlParser.ParseExpression(sql), Expression(context, table, sql, isPretty));
    }

    // As PostgreSQL does: a value that could be a name stands as it is.
    private static string Option(KeyValuePair<string, string> option) =>
        $"{Quote(option.Key)}={(Quote(option.Value) == option.Value ? option.Value : SqlPrinter.QuoteLiteral(option.Value))}";

    private static string IndexColumn(ViewContext context, TableEntry table, IndexEntry index, int position, bool isPretty)
    {
        ColumnEntry column = table.Column(index.Columns[position]);
        string name = IndexKey(context, table, index, position, isPretty);
        if (index.OperatorClasses.Length > position && index.OperatorClasses[position].Length > 0
            && index.OperatorClasses[position] != VectorOperatorClass.DefaultFor(index.Method, column.Type))
        {
            bool isVectors = VectorOperatorClass.IsVectorMethod(index.Method) || BuiltinTypes.IsVectorFamily(column.Type.Oid);
            string schema = isVectors && !context.SearchPath.Contains("public") ? "public." : "";
            name += $" {schema}{index.OperatorClasses[position]}";
        }
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
}
