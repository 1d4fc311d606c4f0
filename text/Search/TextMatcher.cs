using VecSQL.Text.Analysis;

namespace VecSQL.Text.Search;

/// <summary>Evaluates a query on texts themselves, without an index.</summary>
/// <remarks>Threads: one.</remarks>
public sealed class TextMatcher(SearchQuery query, Analyzer analyzer)
{
    private readonly TermReader _reader = new(analyzer);
    private readonly Dictionary<string, int> _numbers = query.Terms.Select(static (term, i) => (term, i)).ToDictionary();
    private readonly List<int>[] _places = [.. query.Terms.Select(static _ => new List<int>())];

    public SearchQuery Query => query;

    /// <summary>Counts the query's terms in a text.</summary>
    /// <returns>How many terms the text has in all.</returns>
    public int Read(ReadOnlySpan<byte> utf8)
    {
        foreach (List<int> places in _places)
            places.Clear();
        int length = 0;
        for (_reader.Begin(utf8); _reader.MoveNext(); length++)
        {
            if (_numbers.TryGetValue(_reader.Term, out int number))
                _places[number].Add(_reader.Position);
        }
        return length;
    }

    /// <summary>How often the text that was read last has a term of the query.</summary>
    public int FrequencyOf(int term) => _places[term].Count;

    /// <summary>Whether the text that was read last meets a clause, whatever its kind.</summary>
    public bool Meets(SearchClause clause)
    {
        ArgumentNullException.ThrowIfNull(clause);
        if (!clause.IsPhrase)
            return _places[clause.Terms[0]].Count > 0;
        foreach (int first in _places[clause.Terms[0]])
        {
            int i = 1;
            while (i < clause.Terms.Length && _places[clause.Terms[i]].BinarySearch(first + clause.Offsets[i]) >= 0)
                i++;
            if (i == clause.Terms.Length)
                return true;
        }
        return false;
    }

    /// <summary>Whether the text that was read last matches the query.</summary>
    public bool IsMatch() => IsMatch(query, i => Meets(query.Clauses[i]));

    internal static bool IsMatch(SearchQuery query, Predicate<int> meets)
    {
        bool isAny = false, hasMust = false;
        for (int i = 0; i < query.Clauses.Length; i++)
        {
            ClauseKind kind = query.Clauses[i].Kind;
            if (kind == ClauseKind.Should)
                isAny = isAny || meets(i);
            else if (meets(i) != (kind == ClauseKind.Must))
                return false;
            hasMust |= kind == ClauseKind.Must;
        }
        return isAny || hasMust;
    }
}
