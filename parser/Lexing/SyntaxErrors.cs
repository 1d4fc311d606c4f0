using VecSQL.Core.Errors;

namespace VecSQL.Parser.Lexing;

/// <summary>Syntax errors in PostgreSQL's words.</summary>
internal static class SyntaxErrors
{
    // A statement may be 100 MB long; the report of its error need not be.
    private const int QuotedLengthMax = 4096;

    internal static SqlException Near(string text, string message, int start, int end, int position)
    {
        if (start >= text.Length)
            return new SqlException(SqlState.SyntaxError, $"{message} at end of input", position);
        int length = Math.Min(end - start, QuotedLengthMax);
        return new SqlException(
            SqlState.SyntaxError, $"{message} at or near \"{text.AsSpan(start, length)}\"", position);
    }

    internal static SqlException TooDeep() => new(
        SqlState.StatementTooComplex,
        "stack depth limit exceeded",
        hint: "The statement is nested too deeply; split it into smaller statements, "
            + "or replace long chains of one operator with a list or an array.");
}
