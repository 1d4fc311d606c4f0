using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Binding;

/// <summary>Binds ON CONFLICT: which unique indexes arbitrate, and what becomes of the row in the way.</summary>
internal sealed class ConflictBinder(
    BindingState state, TableEntry table, TableExpressions expressions, string targetName, QueryScope? outer)
{
    private readonly ConstantFolding _folding = new(state.Context);

    internal LogicalConflict Bind(OnConflictClause clause)
    {
        ImmutableArray<uint> indexes = FindIndexes(clause);
        if (!clause.DoesUpdate)
            return new LogicalConflict(indexes, [], []);
        if (indexes.IsEmpty)
        {
            throw new SqlException(SqlState.SyntaxError,
                "ON CONFLICT DO UPDATE requires inference specification or constraint name", clause.Position,
                "For example, ON CONFLICT (column_name).");
        }
        var scope = new QueryScope(outer);
        ImmutableArray<ColumnExpression> existing = expressions.NewRow(scope, targetName);
        ImmutableArray<ColumnExpression> excluded = expressions.NewRow(scope, "excluded");
        scope.Items = [expressions.ItemOver(existing, targetName),
            expressions.ItemOver(excluded, "excluded", isTarget: false)];
        scope.AllItems.AddRange(scope.Items);
        var assignments = new AssignmentBinder(state, scope, expressions, i => existing[i]);
        ScalarExpression?[] assigned = assignments.Bind(clause.Assignments);
        ScalarExpression? where = clause.Where is { } condition
            ? scope.At(ExpressionPlace.Where, () =>
                new ExpressionBinder(state, scope).BindCondition(condition, "WHERE"))
            : null;
        return new LogicalConflict(indexes, existing, excluded)
        {
            Assignments = [.. assigned.Select((value, i) => value ?? existing[i])],
            Where = where,
            Visibility = expressions.Visibility(existing),
        };
    }

    private ImmutableArray<uint> FindIndexes(OnConflictClause clause)
    {
        if (clause.ConstraintName is { } name)
        {
            if (table.Checks.Any(check => check.Name == name))
            {
                throw new SqlException(SqlState.WrongObjectType,
                    "constraint in ON CONFLICT clause has no associated index");
            }
            IndexEntry index =
                table.Indexes.FirstOrDefault(index => index.Name == name && index.IsUnique && index.ConstraintOid != 0)
                ?? throw new SqlException(SqlState.UndefinedObject,
                    $"constraint \"{name}\" for table \"{table.Name}\" does not exist");
            return [index.Oid];
        }
        if (clause.TargetColumns.IsEmpty)
            return [];
        ImmutableArray<ColumnExpression> row = expressions.NewRow(new QueryScope(null), table.Name);
        ScalarExpression[] targets = [.. clause.TargetColumns.Select(target => Target(target, row))];
        ScalarExpression? where = clause.TargetWhere is { } condition
            ? _folding.Apply(expressions.Over(row, ExpressionPlace.Where, binder => binder.BindCondition(condition, "WHERE")))
            : null;
        ImmutableArray<uint> found = [.. table.Indexes
            .Where(index => index.IsUnique && Fits(index, targets, where, row)).Select(index => index.Oid)];
        return found.IsEmpty ? throw NoMatch() : found;
    }

    private ScalarExpression Target(Expression target, ImmutableArray<ColumnExpression> row) =>
        target is ColumnReference { Name.Parts: [var column] }
            ? row[expressions.HasView ? expressions.Find(column, target.Position) : FindColumn(column, target.Position)]
            : Bound(target, row);

    /// <summary>The keys are what was named, in any order, and rows that meet the condition meet the index's.</summary>
    private bool Fits(
        IndexEntry index, ScalarExpression[] targets, ScalarExpression? where, ImmutableArray<ColumnExpression> row)
    {
        ScalarExpression[] keys = [.. index.Columns.Select((number, key) => index.ExpressionOf(key) is { } sql
            ? Bound(SqlParser.ParseExpression(sql), row)
            : row[expressions.Live.IndexOf(table.Column(number))])];
        return keys.All(targets.Contains) && targets.All(keys.Contains)
            && (index.Predicate is null
                || new Implication(state.Context).Holds(where, Bound(SqlParser.ParseExpression(index.Predicate), row)));
    }

    private ScalarExpression Bound(Expression expression, ImmutableArray<ColumnExpression> row) =>
        _folding.Apply(StatementBinder.Finish(expressions.Over(
            row, ExpressionPlace.Where, binder => binder.Coercion.Settle(binder.Bind(expression))), state));

    private int FindColumn(string name, int position)
    {
        for (int i = 0; i < expressions.Live.Length; i++)
        {
            if (expressions.Live[i].Name == name && !expressions.Live[i].IsHidden)
                return i;
        }
        throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" does not exist", position);
    }

    private static SqlException NoMatch() => new(SqlState.InvalidColumnReference,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification");
}
