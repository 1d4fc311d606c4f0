using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

/// <summary>A name of one or more parts, already folded to lower case where it was not quoted.</summary>
public sealed record QualifiedName(ValueList<string> Parts) : SyntaxNode
{
    /// <summary>The last part: the object's own name.</summary>
    public string Name => Parts[^1];

    /// <summary>The part before the last: its schema; null where there is one part.</summary>
    public string? Schema => Parts.Count > 1 ? Parts[^2] : null;

    public override string ToString() => string.Join('.', Parts);
}

/// <summary>A type as written: name, modifiers, array bounds.</summary>
/// <remarks>
/// SQL's spellings are kept as PostgreSQL's catalog names: <c>integer</c> is <c>pg_catalog.int4</c>, <c>character varying(3)</c> is
/// <c>pg_catalog.varchar</c> with modifier 3, <c>timestamp with time zone</c> is <c>pg_catalog.timestamptz</c>,
/// <c>interval day to second(3)</c> is <c>pg_catalog.interval</c> with <see cref="IntervalFields"/>.
/// </remarks>
/// <param name="Modifiers">What stands in parentheses, unevaluated.</param>
/// <param name="ArrayDimensions">How many pairs of brackets (or ARRAY) follow; their sizes mean nothing, as in PostgreSQL.</param>
/// <param name="IntervalFields">For intervals: <c>day to second</c> and the like, in lower case; null otherwise.</param>
/// <param name="IsSetOf">SETOF, in function definitions.</param>
public sealed record TypeName(
    QualifiedName Name,
    ValueList<Expression> Modifiers,
    int ArrayDimensions = 0,
    string? IntervalFields = null,
    bool IsSetOf = false) : SyntaxNode;
