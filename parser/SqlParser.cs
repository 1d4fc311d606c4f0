using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser;

/// <summary>Turns SQL text into syntax trees.</summary>
/// <remarks>Threads: any; parsing has no state outside the call. Cost: linear in the text.</remarks>
public static class SqlParser
{
    /// <summary>All statements of a script, in order; empty statements are left out.</summary>
    /// <exception cref="SqlException">42601 with a position: the text is not SQL; 54001: nested too deeply.</exception>
    public static IReadOnlyList<Statement> Parse(string sql) => throw new NotImplementedException();

    /// <summary>An expression that stands alone: a stored default, check or generated column.</summary>
    public static Expression ParseExpression(string sql) => throw new NotImplementedException();

    /// <summary>A type name that stands alone, as in a cast to regtype.</summary>
    public static TypeName ParseTypeName(string sql) => throw new NotImplementedException();
}
