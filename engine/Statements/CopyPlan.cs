using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>The plan that stores COPY's rows: an insert fed from outside, with COPY's WHERE in front.</summary>
internal static class CopyPlan
{
    /// <param name="table">Replaced by the table of the statement's name as the catalog has it: while its lock was waited for, it may have been
    /// altered, or made anew.</param>
    internal static PlannedStatement Insert(
        SessionState session, CatalogSnapshot catalog, ref TableEntry table, CopyStatement statement)
    {
        QualifiedName name = statement.Table ?? throw new InvariantException("COPY FROM without a table");
        TableEntry now = session.Names.GetTable(catalog, name);
        CopyCommand.RefuseTarget(now);
        table = now;
        ImmutableArray<short> columns = [.. CopyCommand.Columns(now, statement.Columns).Select(column => column.Number)];
        PlannerContext context = session.PlanningContext(catalog);
        PlannedStatement plan = QueryPlanner.PlanBulkInsert(now, columns, context);
        if (statement.Where is not { } where)
            return plan;
        ScalarExpression condition = QueryPlanner.BindOverTable(where, now, null, context);
        if (condition.Type.Oid is not (TypeOid.Bool or TypeOid.Unknown))
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"argument of COPY FROM WHERE must be type boolean, not type {BuiltinTypes.FormatType(condition.Type)}")
            { Position = where.Position };
        }
        condition = QueryPlanner.BindOverTable(where, now, SqlType.Bool, context);
        if (plan.Plan is not InsertPlan insert)
            throw new InvariantException("the plan of COPY is no insert");
        return plan with
        {
            Plan = insert with { Input = new FilterPlan(insert.Input, condition) { Output = insert.Input.Output } },
        };
    }
}
