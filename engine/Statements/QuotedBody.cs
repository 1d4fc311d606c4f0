using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>A text in a statement that is read for itself: the body of a function or of a block.</summary>
internal static class QuotedBody
{
    /// <summary>An error at a place in the body, at its place in the statement.</summary>
    internal static SqlException Place(SqlException error, Statement statement, StringLiteral body)
    {
        if (error.Position == 0)
            return error;
        string text = statement.Text.Value;
        int start = body.Position - statement.Position; // where the quotes begin
        int quotes = 1;
        if (start >= 0 && start < text.Length && text[start] == '$')
            quotes = text.IndexOf('$', start + 1) - start + 1;
        int position = body.Position + quotes + error.Position - 1;
        return error.Placed(position);
    }
}
