using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;

using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Definitions as SQL, the way PostgreSQL's pg_get functions print them.</summary>
/// <remarks>A definition is bound where it was made, and written with the names that things have where it is read.</remarks>
public static class DefinitionText
{
    /// <summary>What views' queries see beside their tables: the rows that rules would speak of.</summary>
    private static readonly string[] ReservedNames = ["old", "new"];

    /// <summary>A view's query.</summary>
    /// <param name="context">What its names mean.</param>
    /// <param name="reader">What things are called in the text.</param>
    public static string View(
        QueryExpression query, IReadOnlyList<string> columns, PlannerContext context, PlannerContext reader, DefinitionLayout layout)
    {
        var forms = new FormRecord();
        var state = new BindingState(context) { Forms = forms };
        BoundQuery bound = new QueryBinder(state).BindTop(query);
        var writer = new DefinitionWriter(state, forms, new DefinitionNames(ReaderOf(reader, layout)), layout, usesPrefix: true);
        writer.Query(bound.Form ?? throw new InvariantException("a query was bound without its form"), isNamed: true, columns, ReservedNames);
        return writer.ToString();
    }

    /// <summary>An expression over a table's columns, or over nothing.</summary>
    /// <param name="target">What it is assigned to, where it has no type of its own.</param>
    /// <param name="spelled">What stands for columns instead of their names.</param>
    public static string Expression(
        Expression expression, TableEntry? table, SqlType? target, PlannerContext context, DefinitionLayout layout,
        IReadOnlyDictionary<string, string>? spelled = null)
    {
        var forms = new FormRecord { PinsModels = true };
        var state = new BindingState(context) { Forms = forms };
        var scope = new QueryScope(null) { Place = table is null ? ExpressionPlace.Default : ExpressionPlace.Check };
        var names = new DefinitionNames(ReaderOf(context, layout));
        if (table is not null)
            AddTable(table, scope, state);
        var binder = new ExpressionBinder(state, scope);
        ScalarExpression bound = binder.Bind(expression);
        if (bound is UnknownLiteral)
            bound = binder.Coercion.Coerce(bound, new SqlType(target?.Oid ?? TypeOid.Text), CastContext.Assignment, 0);
        var writer = new DefinitionWriter(state, forms, names, layout, usesPrefix: false);
        if (table is not null)
            writer.Name(scope.AllItems[0], table, spelled ?? new Dictionary<string, string>());
        writer.Write(bound, showsImplicit: false);
        return writer.ToString();
    }

    /// <summary>What is stored is read by anyone: it depends on no search path, and on nobody's way of writing dates.</summary>
    private static PlannerContext ReaderOf(PlannerContext reader, DefinitionLayout layout) =>
        layout.IsStored ? reader with { SearchPath = [], Format = FormatContext.Default } : reader;

    private static void AddTable(TableEntry table, QueryScope scope, BindingState state)
    {
        var expressions = new TableExpressions(state, table);
        ImmutableArray<ColumnExpression> row = expressions.NewRow(scope, table.Name);
        NamespaceItem item = expressions.ItemOver(row, table.Name);
        scope.Items.Add(item);
        scope.AllItems.Add(item);
        for (int i = 0; i < item.Columns.Length; i++)
            state.Forms?.Columns.Add(((ColumnExpression)item.Columns[i].Value).ColumnId, (item, i));
    }
}
