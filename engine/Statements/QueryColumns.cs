using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>A query's result columns as the columns of a relation: for views and CREATE TABLE AS.</summary>
internal static class QueryColumns
{
    /// <param name="names">New names for the first columns.</param>
    internal static ImmutableArray<ColumnEntry> Of(PlannedStatement plan, ValueList<string> names)
    {
        var columns = ImmutableArray.CreateBuilder<ColumnEntry>(plan.Columns.Length);
        for (int i = 0; i < plan.Columns.Length; i++)
        {
            string name = i < names.Count ? names[i] : plan.Columns[i].Name;
            SqlType type = plan.Columns[i].Type.Oid == TypeOid.Unknown ? SqlType.Text : plan.Columns[i].Type;
            if (columns.Any(column => column.Name == name))
                throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
            TableDraft.RefusePseudo(name, type);
            columns.Add(new ColumnEntry((short)(i + 1), name, type));
        }
        return columns.ToImmutable();
    }
}
