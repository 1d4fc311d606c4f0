using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds TABLESAMPLE: a filter over the rows' ids.</summary>
internal static class TableSampleBinder
{
    /// <param name="scope">That of the query, where the table itself cannot be seen yet.</param>
    internal static (LogicalPlan Plan, SampleTest Test) Over(LogicalScan scan, TableSample sample, BindingState state, QueryScope scope)
    {
        if (sample.Method is not ("bernoulli" or "system"))
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"tablesample method {sample.Method} does not exist", sample.Position);
        }
        if (sample.Arguments.Count != 1)
        {
            throw new SqlException(SqlState.InvalidTablesampleArgument,
                $"tablesample method {sample.Method} requires 1 argument, not {sample.Arguments.Count}",
                sample.Position);
        }
        if (scan.RowId is not { } rowId)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "TABLESAMPLE of a system catalog is not supported", sample.Position);
        }
        var binder = new ExpressionBinder(state, scope);
        ScalarExpression percent = Bind(sample.Arguments[0], TypeOid.Float4, "TABLESAMPLE");
        ScalarExpression? seed = sample.Seed is null ? null : Bind(sample.Seed, TypeOid.Float8, "REPEATABLE");
        var test = new SampleTest(rowId, percent, seed, sample.Method == "system", state.NextTableId());
        return (new LogicalFilter(scan, test), test);

        ScalarExpression Bind(Expression syntax, uint type, string construct)
        {
            ScalarExpression value = scope.At(ExpressionPlace.FromFunction, () => binder.Bind(syntax));
            int position = ExpressionBinder.Start(syntax);
            return binder.Coercion.TryConvert(value, new SqlType(type), CastContext.Assignment, position)
                ?? throw new SqlException(SqlState.DatatypeMismatch,
                    $"argument of {construct} must be type {TypeFacts.Name(type)}, "
                    + $"not type {TypeFacts.Name(value.Type.Oid)}", position);
        }
    }
}
