using VecSQL.Core.Errors;
using VecSQL.Parser.Grammar;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser;

/// <summary>Turns SQL text into syntax trees.</summary>
/// <remarks>
/// Threads: any; parsing has no state outside the call.
/// Cost:    linear in the text.
/// Depth:   no tree is higher than <see cref="TreeHeightMax"/>, so those who walk it may recurse, at up to eight
///          kilobytes of stack a level; what is deeper is refused with 54001. Long AND and OR chains, lists and VALUES
///          are wide, not deep.
/// </remarks>
public static class SqlParser
{
    /// <summary>
    /// How many expressions may stand inside each other; each query counts as eight. <c>1 + 1 + … + 1</c> leans to the
    /// left and is as high as it is long. Raising it needs larger stacks in everything that walks trees: threads have 64 MiB
    /// by <c>System.Threading.DefaultStackSize</c> in the build, of which only what is used takes memory.
    /// </summary>
    public const int TreeHeightMax = 5_000;

    /// <summary>All statements of a script, in order; empty statements are left out.</summary>
    /// <exception cref="SqlException">42601 with a position: the text is not SQL; 54001: nested too deeply; 53200: too long for
    /// the memory given.</exception>
    /// <param name="memory">Where the trees' size is counted; its owner disposes it when the trees have gone.</param>
    /// <param name="numbersLiterals">Whether literals carry their <see cref="LiteralNumber"/>s.</param>
    /// <param name="strings">Null for the standard's way.</param>
    public static IReadOnlyList<Statement> Parse(
        string sql, SyntaxMemory? memory = null, bool numbersLiterals = false, StringRules? strings = null) =>
        new SqlGrammar(sql, memory, numbersLiterals, strings).ParseScript();

    /// <summary>A name as a statement that spells it out would have it: cut to 63 bytes, never inside a character.</summary>
    public static string CutName(string name) => Lexing.NameCache.Truncate(name);

    /// <summary>An expression that stands alone: a stored default, check or generated column.</summary>
    /// <exception cref="SqlException">As for <see cref="Parse"/>.</exception>
    public static Expression ParseExpression(string sql)
    {
        SqlGrammar grammar = new(sql);
        Expression expression = grammar.ParseExpression();
        grammar.ExpectEnd();
        return expression;
    }

    /// <summary>A block of PL/pgSQL: what stands in the string of DO.</summary>
    /// <exception cref="SqlException">As for <see cref="Parse"/>; 0A000 for what blocks may have in PostgreSQL and not here.</exception>
    /// <param name="memory">As for <see cref="Parse"/>.</param>
    /// <param name="strings">Null for the standard's way.</param>
    public static ProceduralBlock ParseBlock(string text, SyntaxMemory? memory = null, StringRules? strings = null) =>
        new SqlGrammar(text, memory, strings: strings).ParseBlockText();

    /// <summary>A type name that stands alone, as in a cast to regtype.</summary>
    /// <exception cref="SqlException">As for <see cref="Parse"/>.</exception>
    public static TypeName ParseTypeName(string sql)
    {
        SqlGrammar grammar = new(sql);
        TypeName type = grammar.ParseTypeName();
        grammar.ExpectEnd();
        return type;
    }
}
