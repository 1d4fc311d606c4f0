using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds ON CONFLICT: which unique indexes arbitrate, and what becomes of the row in the way.</summary>
internal sealed class ConflictBinder(
    BindingState state, TableEntry table, TableExpressions expressions, string targetName)
{
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
        var scope = new QueryScope(null);
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
        };
    }

    private ImmutableArray<uint> FindIndexes(OnConflictClause clause)
    {
        if (clause.ConstraintName is { } name)
        {
            IndexEntry index =
                table.Indexes.FirstOrDefault(index => index.Name == name && index.IsUnique && index.ConstraintOid != 0)
                ?? throw new SqlException(SqlState.UndefinedObject,
                    $"constraint \"{name}\" for table \"{table.Name}\" does not exist");
            return [index.Oid];
        }
        if (clause.TargetColumns.IsEmpty)
            return [];
        HashSet<short> columns = [];
        foreach (Expression target in clause.TargetColumns)
        {
            if (target is not ColumnReference { Name.Parts: [var column] })
                throw NoMatch();
            int position = FindColumn(column, target.Position);
            columns.Add(expressions.Live[position].Number);
        }
        if (clause.TargetWhere is { } where)
        {
            expressions.Over(expressions.NewRow(new QueryScope(null), table.Name), ExpressionPlace.Where,
                binder => binder.BindCondition(where, "WHERE"));
        }
        ImmutableArray<uint> found = [.. table.Indexes
            .Where(index => index.IsUnique && columns.SetEquals(index.Columns)).Select(index => index.Oid)];
        return found.IsEmpty ? throw NoMatch() : found;
    }

    private int FindColumn(string name, int position)
    {
        for (int i = 0; i < expressions.Live.Length; i++)
        {
            if (expressions.Live[i].Name == name)
                return i;
        }
        throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" does not exist", position);
    }

    private static SqlException NoMatch() => new(SqlState.InvalidColumnReference,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification");
}
