using System.Collections.Immutable;
using VecSQL.Text.Analysis;

namespace VecSQL.Text.Search;

/// <summary>What is searched for: words, phrases in double quotes, with a plus what must be there, with a minus what must not.</summary>
/// <remarks>
/// A document matches if it has all that must be there, nothing that must not, and, where nothing must be there, any of the rest. A
/// query without anything that may be there matches nothing. Written words that give several terms count as those, except after a
/// minus, where they are a phrase.
/// </remarks>
public sealed class SearchQuery
{
    private SearchQuery(ImmutableArray<string> terms, ImmutableArray<SearchClause> clauses)
    {
        (Terms, Clauses) = (terms, clauses);
        MatchesNothing = clauses.All(static clause => clause.Kind == ClauseKind.MustNot);
        IsAnyTerm = !MatchesNothing && clauses.All(static clause => clause is { Kind: ClauseKind.Should, IsPhrase: false });
    }

    /// <summary>All terms, each once, in the order in which they were written.</summary>
    public ImmutableArray<string> Terms { get; }

    /// <summary>All clauses, each once.</summary>
    public ImmutableArray<SearchClause> Clauses { get; }

    public bool MatchesNothing { get; }

    /// <summary>Whether one term is enough and nothing else counts.</summary>
    public bool IsAnyTerm { get; }

    /// <summary>Whether some clause takes the order of words.</summary>
    public bool HasPhrases => Clauses.Any(static clause => clause.IsPhrase);

    public static SearchQuery Parse(string text, Analyzer analyzer)
    {
        ArgumentNullException.ThrowIfNull(text);
        TermReader reader = new(analyzer);
        List<string> terms = [];
        List<SearchClause> clauses = [];
        for (int at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            ClauseKind kind = text[at] switch { '+' => ClauseKind.Must, '-' => ClauseKind.MustNot, _ => ClauseKind.Should };
            at += kind == ClauseKind.Should ? 0 : 1;
            bool isQuoted = at < text.Length && text[at] == '"';
            int start = isQuoted ? at + 1 : at, end = isQuoted ? text.IndexOf('"', start) : EndOfWord(text, start);
            end = end < 0 ? text.Length : end;
            Add(reader, text[start..end], kind, isQuoted || kind == ClauseKind.MustNot, terms, clauses);
            at = isQuoted ? end + 1 : end;
        }
        return new SearchQuery([.. terms], [.. clauses]);
    }

    private static int EndOfWord(string text, int start)
    {
        int end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] != '"')
            end++;
        return end;
    }

    private static void Add(
        TermReader reader, string text, ClauseKind kind, bool isPhrase, List<string> terms, List<SearchClause> clauses)
    {
        List<int> numbers = [], places = [];
        reader.Begin(text);
        while (reader.MoveNext())
        {
            int number = terms.IndexOf(reader.Term);
            if (number < 0)
                terms.Add(reader.Term);
            numbers.Add(number < 0 ? terms.Count - 1 : number);
            places.Add(reader.Position);
        }
        if (isPhrase && numbers.Count > 1)
        {
            Add(new SearchClause(kind, [.. numbers], [.. places.Select(place => place - places[0])]), clauses);
            return;
        }
        foreach (int number in numbers)
            Add(new SearchClause(kind, [number], [0]), clauses);
    }

    private static void Add(SearchClause clause, List<SearchClause> clauses)
    {
        if (!clauses.Exists(known => known.Kind == clause.Kind && known.Terms.SequenceEqual(clause.Terms)
            && known.Offsets.SequenceEqual(clause.Offsets)))
            clauses.Add(clause);
    }
}
