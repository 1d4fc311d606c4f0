using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Definitions;

namespace VecSQL.Engine.Statements;

/// <summary>A column under another name, in the table and in the expressions stored with it.</summary>
internal static class ColumnRename
{
    internal static TableEntry Apply(TableEntry table, ColumnEntry column, string name, PlannerContext context)
    {
        Dictionary<string, string> spelled = new() { [column.Name] = SqlPrinter.QuoteIdentifier(name) };
        string RenamedKey(string sql)
        {
            if (sql.Length == 0)
                return sql;
            Expression expression = SqlParser.ParseExpression(sql);
            string text = Spelled(expression, table, null, context, spelled);
            return expression is ColumnReference ? text : IndexColumns.Enclosed(expression, text);
        }

        TableEntry renamed = TableColumns.With(table, column with { Name = name });
        return ShardPlacement.Renamed(renamed) with
        {
            Columns =
            [
                .. renamed.Columns.Select(entry => entry is { IsGenerated: true, DefaultSql: { } sql }
                    ? entry with { DefaultSql = Spelled(SqlParser.ParseExpression(sql), table, entry.Type, context, spelled) }
                    : entry),
            ],
            Indexes =
            [
                .. table.Indexes.Select(index => index with
                {
                    Expressions = [.. index.Expressions.Select(RenamedKey)],
                    Predicate = index.Predicate is { } predicate
                        ? Spelled(SqlParser.ParseExpression(predicate), table, SqlType.Bool, context, spelled)
                        : null,
                }),
            ],
            Checks =
            [
                .. table.Checks.Select(check => check with
                {
                    Sql = Spelled(SqlParser.ParseExpression(check.Sql), table, SqlType.Bool, context, spelled),
                }),
            ],
        };
    }

    /// <summary>An expression over the table with something else in place of some columns.</summary>
    internal static string Spelled(
        Expression expression, TableEntry table, SqlType? type, PlannerContext context, IReadOnlyDictionary<string, string> spelled) =>
        DefinitionText.Expression(expression, table, type, context, DefinitionLayout.Stored, spelled);
}
