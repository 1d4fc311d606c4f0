using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds queries: WITH, bodies of every kind, and what stands around them.</summary>
internal sealed class QueryBinder(BindingState state)
{
    /// <summary>A query inside another one; the scope is that of the query around it.</summary>
    /// <param name="locking">FOR UPDATE and kin of the query around it, which mean these rows too.</param>
    internal BoundQuery BindSubquery(
        QueryExpression query, QueryScope? outer, IReadOnlyList<LockingClause>? locking = null) =>
        Build(query, outer, isTop: false, locking).Finish();

    internal BoundQuery BindTop(QueryExpression query) => Build(query, null, isTop: true).Finish();

    private static QueryExpression WithLocks(QueryExpression query, IReadOnlyList<LockingClause>? locking) =>
        locking is null || query.Body is ValuesBody ? query : query with { Locking = [.. query.Locking, .. locking] };

    /// <summary>An operand of a set operation.</summary>
    internal QueryBuilder Build(QueryBody body, QueryScope scope) => body is NestedBody nested
        ? Build(nested.Query, scope.Parent, isTop: false)
        : BuildBody(body, scope, new QueryExpression(body));

    internal QueryBuilder Build(
        QueryExpression query, QueryScope? outer, bool isTop, IReadOnlyList<LockingClause>? locking = null)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        if (query.With is not { } with)
            return BuildBody(query.Body, new QueryScope(outer), query, locking);
        var withScope = new QueryScope(outer);
        ImmutableArray<LogicalCommonTable> tables = new CommonTableBinder(state, with, withScope, isTop).Bind();
        QueryBuilder inner = BuildBody(query.Body, new QueryScope(withScope), query, locking);
        return new WithBuilder(inner, tables) { Form = FormOf(with) };
    }

    internal WithForm? FormOf(WithClause with) => state.Forms is not { } forms ? null
        : new WithForm(with.IsRecursive, [.. with.Tables.Where(forms.CommonTables.ContainsKey)
            .Select(table => new CommonForm(table, forms.CommonTables[table]))]);

    private QueryBuilder BuildBody(
        QueryBody body, QueryScope scope, QueryExpression query, IReadOnlyList<LockingClause>? locking = null)
    {
        switch (body)
        {
            case SelectBody select:
                return new SelectBuilder(state, scope, select, query, locking ?? []);
            case ValuesBody values:
                return new ValuesBuilder(state, scope, values, query);
            case SetOperationBody when locking is { Count: > 0 }:
                throw new SqlException(SqlState.FeatureNotSupported,
                    $"{SelectBuilder.Spell(locking[0].Strength)} is not allowed with UNION/INTERSECT/EXCEPT");
            case SetOperationBody operation:
                return new SetOperationBuilder(state, scope, operation, query);
            case TableBody table:
                var all = new SelectBody
                {
                    Items = [new SelectItem(new StarExpression((QualifiedName?)null), null)],
                    From = [new NamedTable(table.Name, null) { Position = table.Position }],
                };
                return new SelectBuilder(state, scope, all, query, locking ?? []);
            case NestedBody nested:
                return new OrderedBuilder(state, scope, Build(WithLocks(nested.Query, locking), scope, isTop: false), query);
            default:
                throw new SqlException(SqlState.FeatureNotSupported, "this query is not supported", body.Position);
        }
    }
}

/// <summary>A query under its WITH list.</summary>
internal sealed class WithBuilder(QueryBuilder inner, ImmutableArray<LogicalCommonTable> tables) : QueryBuilder
{
    internal WithForm? Form { get; init; }

    internal override int ColumnCount => inner.ColumnCount;

    internal override string ColumnName(int index) => inner.ColumnName(index);

    internal override SqlType ColumnType(int index) => inner.ColumnType(index);

    internal override int ColumnPosition(int index) => inner.ColumnPosition(index);

    internal override void Resolve(int index, SqlType type) => inner.Resolve(index, type);

    internal override BoundQuery Finish()
    {
        BoundQuery bound = inner.Finish();
        return bound with
        {
            Plan = new LogicalWith(tables, bound.Plan),
            Form = bound.Form is { } form ? form with { With = Form } : null,
        };
    }
}

/// <summary>A query in parentheses with ORDER BY or LIMIT behind them.</summary>
internal sealed class OrderedBuilder(BindingState state, QueryScope scope, QueryBuilder inner, QueryExpression query)
    : QueryBuilder
{
    internal override int ColumnCount => inner.ColumnCount;

    internal override string ColumnName(int index) => inner.ColumnName(index);

    internal override SqlType ColumnType(int index) => inner.ColumnType(index);

    internal override int ColumnPosition(int index) => inner.ColumnPosition(index);

    internal override void Resolve(int index, SqlType type) => inner.Resolve(index, type);

    internal override BoundQuery Finish() =>
        OutputOrder.Apply(state, scope, query, inner.Finish(), isSetOperation: false);
}
