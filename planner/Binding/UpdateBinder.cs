using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Views;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds UPDATE: a query that finds rows, and the new value of every column.</summary>
internal sealed class UpdateBinder(BindingState state, UpdateStatement update, QueryScope? outer)
{
    private readonly QueryScope _scope = new(outer);

    internal (LogicalModification Plan, ImmutableArray<OutputColumn> Columns) Bind()
    {
        (TableEntry table, TargetView? view) = ModificationBinder.Target(state, update.Table, ViewChange.Update);
        var expressions = new TableExpressions(state, table, view);
        var from = new FromBinder(state, _scope);
        (LogicalPlan rows, LogicalScan scan, NamespaceItem item, NamespaceItem shown) =
            ModificationBinder.BindRows(from, table, view, update.Alias);
        _scope.Items.Add(shown);
        // The target is not among what LATERAL items of FROM may refer to.
        (shown.IsLateralOnly, shown.IsLateralAllowed) = (true, false);
        LogicalPlan input = from.Bind(update.From, rows) ?? rows;
        (shown.IsLateralOnly, shown.IsLateralAllowed) = (false, true);
        ScalarExpression?[] assigned = new AssignmentBinder(
            state, _scope, expressions, i => Current(expressions.Live[i], scan)).Bind(update.Assignments);
        if (update.Where is { } where)
        {
            var binder = new ExpressionBinder(state, _scope);
            ScalarExpression condition = _scope.At(ExpressionPlace.Where, () => binder.BindCondition(where, "WHERE"));
            input = new LogicalFilter(input, condition);
        }
        // RETURNING sees the new row under the target's name.
        string name = update.Alias ?? view?.View.Name ?? table.Name;
        ImmutableArray<ColumnExpression> row = expressions.NewRow(_scope, name);
        _scope.Items = [expressions.ItemOver(row, name, rowId: item.RowId), .. _scope.Items.Where(other => other != shown)];
        (ImmutableArray<ProjectItem> returning, ImmutableArray<OutputColumn> columns) =
            ModificationBinder.BindReturning(state, _scope, update.Returning);
        HashSet<int> positions = [.. Enumerable.Range(0, assigned.Length).Where(i => assigned[i] is not null)];
        ImmutableArray<GeneratedColumn> generated = expressions.Generated(row, positions);
        var plan = new LogicalUpdate(table, input, item.RowId
            ?? throw new InvariantException("a table without row ids"),
            Values(expressions, scan, assigned, generated), row)
        {
            Assigned = [.. positions.Union(generated.Select(column => column.Ordinal)).Order()],
            Generated = generated,
            Checks = expressions.Checks(row),
            Returning = returning,
        };
        return (plan, columns);
    }

    internal static ColumnExpression Current(ColumnEntry column, LogicalScan scan) =>
        scan.Columns.First(read => read.Number == column.Number).Column;

    /// <summary>New values; a column that is generated anew is null until then.</summary>
    internal static ImmutableArray<ScalarExpression> Values(
        TableExpressions expressions, LogicalScan scan, ScalarExpression?[] assigned,
            ImmutableArray<GeneratedColumn> generated)
    {
        var values = ImmutableArray.CreateBuilder<ScalarExpression>();
        for (int i = 0; i < assigned.Length; i++)
        {
            ColumnEntry column = expressions.Live[i];
            bool isGenerated = generated.Any(made => made.Ordinal == i);
            values.Add(isGenerated
                ? Coercion.Null(column.Type)
                : assigned[i] ?? Current(column, scan));
        }
        return values.ToImmutable();
    }
}
