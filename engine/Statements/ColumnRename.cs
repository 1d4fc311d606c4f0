using VecSQL.Catalog.Objects;
using VecSQL.Parser.Printing;

namespace VecSQL.Engine.Statements;

/// <summary>A column under another name, in the table and in the expressions stored with it.</summary>
internal static class ColumnRename
{
    internal static TableEntry Apply(TableEntry table, ColumnEntry column, string name)
    {
        string Renamed(string sql) => Replace(sql, column.Name, SqlPrinter.QuoteIdentifier(name));
        HashSet<short> generated = [.. Dependencies.GeneratedFrom(table, column).Select(entry => entry.Number)];
        HashSet<CheckEntry> checks = [.. Dependencies.ChecksOn(table, column)];
        return TableColumns.With(table, column with { Name = name }) with
        {
            Columns =
            [
                .. TableColumns.With(table, column with { Name = name }).Columns.Select(entry =>
                    (entry.IsHidden || generated.Contains(entry.Number)) && entry.DefaultSql is { } sql
                        ? entry with { DefaultSql = Renamed(sql) }
                        : entry),
            ],
            Indexes =
            [
                .. table.Indexes.Select(index => index with
                {
                    Expressions = [.. index.Expressions.Select(Renamed)],
                    Predicate = index.Predicate is { } predicate ? Renamed(predicate) : null,
                }),
            ],
            Checks = [.. table.Checks.Select(
                check => checks.Contains(check) ? check with { Sql = Renamed(check.Sql) } : check)],
        };
    }

    /// <summary>Replaces the name where it stands as a column: names are whole words outside of strings and after no dot.</summary>
    internal static string Replace(string sql, string name, string newText)
    {
        string oldText = SqlPrinter.QuoteIdentifier(name);
        var renamed = new System.Text.StringBuilder();
        int at = 0;
        while (at < sql.Length)
        {
            int end = TokenEnd(sql, at);
            string token = sql[at..end];
            bool isCallOrQualified = end < sql.Length && sql[end] is '(' or '.';
            renamed.Append(token == oldText && !isCallOrQualified ? newText : token);
            at = end;
        }
        return renamed.ToString();
    }

    private static int TokenEnd(string sql, int at)
    {
        if (sql[at] is '\'' or '"')
        {
            char quote = sql[at++];
            while (at < sql.Length)
            {
                if (sql[at++] != quote)
                    continue;
                if (at >= sql.Length || sql[at] != quote)
                    break;
                at++;
            }
            return at;
        }
        int end = at;
        while (end < sql.Length && (char.IsLetterOrDigit(sql[end]) || sql[end] is '_' or '$'))
            end++;
        return end > at ? end : at + 1;
    }
}
