using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds WITH RECURSIVE: the seed gives the columns, the step reads the rows of the round before.</summary>
internal sealed class RecursionBinder(BindingState state, QueryBinder binder)
{
    internal BoundQuery Bind(CommonTable table, QueryExpression query, CommonTableBinding binding, QueryScope scope)
    {
        var union = (SetOperationBody)query.Body;
        QueryScope inner = new(scope);
        if (query.With is { } with)
            throw new SqlException(SqlState.FeatureNotSupported, "WITH inside a recursive query is not supported",
                with.Position);
        QueryBuilder seedBuilder = binder.Build(union.Left, new QueryScope(inner));
        for (int i = 0; i < seedBuilder.ColumnCount; i++)
        {
            if (seedBuilder.ColumnType(i).Oid == TypeOid.Unknown)
                seedBuilder.Resolve(i, SqlType.Text);
        }
        BoundQuery seed = seedBuilder.Finish();
        QueryBinder.Name(table, binding, seed.Columns);
        binding.Source = []; // each reference has fresh columns: a round's rows are not the seed's

        binding.IsRecursing = true;
        inner.CommonTables.Add(binding);
        QueryBuilder stepBuilder = binder.Build(union.Right, new QueryScope(inner));
        Match(table, seed, seedBuilder, stepBuilder);
        BoundQuery step = stepBuilder.Finish();
        binding.IsRecursing = false;
        SqlType[] types = [.. seed.Columns.Select(column => column.Column.Type)];
        step = SetOperationBuilder.Convert(state, step, types);

        ImmutableArray<ColumnExpression> columns =
            [.. seed.Columns.Select(column => state.NewColumn(column.Column.Type, column.Name))];
        LogicalPlan plan = Combine(table, query, union, binding, columns, seed, step);
        return new BoundQuery(plan, [.. columns.Select((column, i) => new OutputColumn(seed.Columns[i].Name, column))]);
    }

    private static LogicalPlan Combine(
        CommonTable table, QueryExpression query, SetOperationBody union, CommonTableBinding binding,
        ImmutableArray<ColumnExpression> columns, BoundQuery seed, BoundQuery step)
    {
        if (binding.SelfReferences > 1)
        {
            throw new SqlException(SqlState.InvalidRecursion,
                $"recursive reference to query \"{table.Name}\" must not appear more than once", table.Position);
        }
        bool isRecursive = binding.SelfReferences == 1;
        string? misplaced = query switch
        {
            { OrderBy.IsEmpty: false } => "ORDER BY",
            { Limit: not null } => "LIMIT",
            { Offset: not null } => "OFFSET",
            { Locking.IsEmpty: false } => "FOR UPDATE/SHARE",
            _ => null,
        };
        if (misplaced is not null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"{misplaced} in a recursive query is not implemented", table.Position);
        }
        if (isRecursive)
            return new LogicalRecursiveUnion(columns, seed.AsInput(), step.AsInput(), binding.Id, union.IsAll);
        LogicalPlan plan = new LogicalAppend(columns, [seed.AsInput(), step.AsInput()]);
        return union.IsAll ? plan : new LogicalDistinct(plan, columns);
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
