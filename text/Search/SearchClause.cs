using System.Collections.Immutable;

namespace VecSQL.Text.Search;

/// <summary>A part of a search: a term, or terms that stand at fixed distances.</summary>
/// <param name="Terms">By their numbers in the query.</param>
/// <param name="Offsets">Where each stands, counted in words from the first.</param>
public sealed record SearchClause(ClauseKind Kind, ImmutableArray<int> Terms, ImmutableArray<int> Offsets)
{
    public bool IsPhrase => Terms.Length > 1;
}

/// <summary>Whether a clause may, must or must not match.</summary>
public enum ClauseKind : byte { Should, Must, MustNot }
