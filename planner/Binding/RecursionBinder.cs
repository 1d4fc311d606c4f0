using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds WITH RECURSIVE: the seed gives the columns, the step reads the rows of the round before.</summary>
internal sealed class RecursionBinder(BindingState state, QueryBinder binder)
{
    /// <returns>Null where the query does not refer to itself: it is then bound like any other.</returns>
    internal BoundQuery? TryBind(
        CommonTable table, QueryExpression query, CommonTableBinding binding, QueryScope scope)
    {
        var union = (SetOperationBody)query.Body;
        QueryScope inner = new(scope);
        binding.Bar = RecursionBar.Subquery;
        ImmutableArray<LogicalCommonTable> tables = query.With is { } with
            ? new CommonTableBinder(state, with, inner, isTop: false).Bind()
            : [];
        binding.Bar = RecursionBar.NonRecursiveTerm;
        QueryBuilder seedBuilder = binder.Build(union.Left, new QueryScope(inner));
        for (int i = 0; i < seedBuilder.ColumnCount; i++)
        {
            if (seedBuilder.ColumnType(i).Oid == TypeOid.Unknown)
                seedBuilder.Resolve(i, SqlType.Text);
        }
        BoundQuery seed = seedBuilder.Finish();
        CommonTableBinder.Name(table, binding, seed.Columns);
        binding.Source = []; // each reference has fresh columns: a round's rows are not the seed's
        binding.Marks = RecursionMarks.TryMake(state, table, binding.Columns);

        binding.Bar = RecursionBar.None;
        QueryScope stepScope = new(inner);
        QueryBuilder stepBuilder = binder.Build(union.Right, stepScope);
        if (binding.SelfReferences == 0)
            return null;
        RefuseDecoration(query, table.Position);
        Match(table, seed, seedBuilder, stepBuilder);
        SqlType[] types = [.. seed.Columns.Select(column => column.Column.Type)];
        if (binding.Marks is { } marks)
        {
            marks.RequireSelects(table, union, stepBuilder, binding, stepScope);
            BoundQuery marked = marks.Continue(stepBuilder, binding.CarriedMarks, types);
            return Combine(union, binding, marks.Begin(seed), marked, tables) with
            {
                Form = FormOf(query, union, seed, marked),
            };
        }
        BoundQuery step = stepBuilder.Finish();
        MatchCollations(table, seed, seedBuilder, step);
        return Combine(union, binding, seed, SetOperationBuilder.Convert(state, step, types), tables) with
        {
            Form = FormOf(query, union, seed, step),
        };
    }

    private QueryForm? FormOf(QueryExpression query, SetOperationBody union, BoundQuery seed, BoundQuery step) =>
        seed.Form is not { } first || step.Form is not { } second ? null
            : new QueryForm(new SetForm(union.Operator, union.IsAll, first, second))
            {
                With = query.With is { } with ? binder.FormOf(with) : null,
            };

    private BoundQuery Combine(
        SetOperationBody union, CommonTableBinding binding, BoundQuery seed, BoundQuery step,
        ImmutableArray<LogicalCommonTable> tables)
    {
        ImmutableArray<ColumnExpression> columns =
            [.. seed.Columns.Select(column => state.NewColumn(column.Column.Type, column.Name))];
        LogicalPlan plan = new LogicalRecursiveUnion(
            columns, seed.AsInput(), step.AsInput(), binding.Id, union.IsAll);
        if (!tables.IsEmpty)
            plan = new LogicalWith(tables, plan);
        return new BoundQuery(plan, [.. columns.Select((column, i) => new OutputColumn(seed.Columns[i].Name, column))]);
    }

    private static void RefuseDecoration(QueryExpression query, int position)
    {
        string? misplaced = query switch
        {
            { OrderBy.IsEmpty: false } => "ORDER BY",
            { Offset: not null } => "OFFSET",
            { Limit: not null } => "LIMIT",
            { Locking.IsEmpty: false } => "FOR UPDATE/SHARE",
            _ => null,
        };
        if (misplaced is not null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"{misplaced} in a recursive query is not implemented", position);
        }
    }

    private void MatchCollations(CommonTable table, BoundQuery seed, QueryBuilder seedBuilder, BoundQuery step)
    {
        for (int i = 0; i < seed.Columns.Length; i++)
        {
            string? first = state.Collations.Of(seed.Columns[i].Column), next = state.Collations.Of(step.Columns[i].Column);
            if (first is null && next is not null)
            {
                throw new SqlException(SqlState.CollationMismatch,
                    $"recursive query \"{table.Name}\" column {i + 1} has collation \"default\" in non-recursive term but collation "
                    + $"\"{next}\" overall", seedBuilder.ColumnPosition(i),
                    "Use the COLLATE clause to set the collation of the non-recursive term.");
            }
        }
    }

    private static void Match(CommonTable table, BoundQuery seed, QueryBuilder seedBuilder, QueryBuilder step)
    {
        if (seed.Columns.Length != step.ColumnCount)
        {
            throw new SqlException(SqlState.SyntaxError,
                "each UNION query must have the same number of columns", step.ColumnPosition(0));
        }
        for (int i = 0; i < step.ColumnCount; i++)
        {
            SqlType left = seed.Columns[i].Column.Type, right = step.ColumnType(i);
            if (right.Oid == TypeOid.Unknown)
            {
                step.Resolve(i, left);
                continue;
            }
            uint common = CommonType.Select([left.Oid, right.Oid], [0, step.ColumnPosition(i)], "UNION");
            if (common != left.Oid || (left.Modifier >= 0 && left.Modifier != right.Modifier))
            {
                throw new SqlException(SqlState.DatatypeMismatch,
                    $"recursive query \"{table.Name}\" column {i + 1} has type {BuiltinTypes.FormatType(left)} "
                    + $"in non-recursive term but type {TypeFacts.Name(common)} overall", seedBuilder.ColumnPosition(i),
                    "Cast the output of the non-recursive term to the correct type.");
            }
        }
    }
}
