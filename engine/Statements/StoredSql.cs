using System.Text;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>SQL that the catalog keeps: names that users gave to types and their labels are marks in it, and may change.</summary>
internal static class StoredSql
{
    /// <summary>The text with marks for names.</summary>
    /// <param name="bind">Binds the text as an expression.</param>
    internal static string Of(string sql, PlannerContext context, Action<Expression, PlannerContext> bind)
    {
        if (!context.Catalog.HasUserTypes)
            return sql;
        NameUses uses = new();
        bind(SqlParser.ParseExpression(sql), context with { Uses = uses });
        return Marked(sql, uses);
    }

    /// <summary>A query's text with marks for names.</summary>
    internal static string OfQuery(string sql, PlannerContext context) =>
        context.Catalog.HasUserTypes ? Marked(sql, QueryPlanner.FindNames(SqlParser.Parse(sql)[0], context)) : sql;

    private static string Marked(string sql, NameUses uses)
    {
        StringBuilder marked = new(sql.Length);
        int at = 0;
        foreach (NameUse use in uses.Found)
        {
            int begin = IndexOf(sql, use.Position);
            marked.Append(sql, at, begin - at).Append(use.IsLiteral ? SqlPrinter.QuoteLiteral(use.Mark) : use.Mark);
            at = use.IsLiteral ? EndOfLiteral(sql, begin) : EndOfName(sql, begin);
        }
        return marked.Append(sql, at, sql.Length - at).ToString();
    }

    /// <summary>Positions count characters, of which some take two places.</summary>
    private static int IndexOf(string sql, int position)
    {
        int index = 0;
        for (int character = 1; character < position; character++)
            index += char.IsHighSurrogate(sql[index]) ? 2 : 1;
        return index;
    }

    private static int EndOfName(string sql, int at)
    {
        while (true)
        {
            if (sql[at] == '"')
                at = EndOfQuoted(sql, at, hasEscapes: false);
            else
            {
                while (at < sql.Length && (char.IsAsciiLetterOrDigit(sql[at]) || sql[at] is '_' or '$' or > '\u007f'))
                    at++;
            }
            if (at == sql.Length || sql[at] != '.')
                return at;
            at++;
        }
    }

    private static int EndOfLiteral(string sql, int at)
    {
        bool hasEscapes = sql[at] is 'E' or 'e';
        return EndOfQuoted(sql, hasEscapes ? at + 1 : at, hasEscapes);
    }

    private static int EndOfQuoted(string sql, int at, bool hasEscapes)
    {
        char quote = sql[at++];
        while (true)
        {
            if (hasEscapes && sql[at] == '\\')
                at += 2;
            else if (sql[at] != quote)
                at++;
            else if (at + 1 < sql.Length && sql[at + 1] == quote)
                at += 2;
            else
                return at + 1;
        }
    }
}
