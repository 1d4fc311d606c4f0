using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Text.Inverted;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>The texts of a column that a statement sees, and what scores take from all of them.</summary>
/// <remarks>
/// With an index, its segments answer for their rows, and rows of no indexed segment are read once and remembered. Without, each query
/// reads all texts once. Counts are of the visible rows alone, so that scores follow from what the statement sees and from nothing
/// else: not from how rows are spread over segments, nor from rows deleted or not yet committed.
/// Threads: any.
/// </remarks>
internal sealed class TextCorpus
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ScoredQuery> _queries = [];
    private readonly short _column;
    private readonly CancellationToken _cancellation;
    private List<CorpusPart>? _parts;
    private CorpusCounts _counts;

    internal TextCorpus(TableView view, TableEntry table, short column, CancellationToken cancellation)
    {
        (Units, _column, _cancellation) = (view.Units, column, cancellation);
        Index = TextIndexOptions.FindIndex(table, column);
        Options = TextIndexOptions.For(table, column);
    }

    internal TextIndexOptions Options { get; }

    /// <summary>Null where there is none.</summary>
    internal IndexEntry? Index { get; }

    internal IReadOnlyList<ScanUnit> Units { get; }

    /// <summary>The parts that together have all rows; only with an index.</summary>
    internal IReadOnlyList<CorpusPart> Parts
    {
        get
        {
            lock (_gate)
                return KnownParts();
        }
    }

    internal ScoredQuery Score(string text)
    {
        lock (_gate)
        {
            if (_queries.TryGetValue(text, out ScoredQuery? known))
                return known;
            SearchQuery query = SearchQuery.Parse(text, Options.Analyzer);
            ScoredQuery scored = Index is null ? CountTexts(query) : CountParts(query);
            _queries.Add(text, scored);
            return scored;
        }
    }

    private ScoredQuery CountParts(SearchQuery query)
    {
        List<CorpusPart> parts = KnownParts();
        long[] frequencies = new long[query.Terms.Length];
        for (int term = 0; term < frequencies.Length; term++)
        {
            foreach (CorpusPart part in parts)
                frequencies[term] += part.CountOf(query.Terms[term]);
        }
        return new ScoredQuery(query, Options.Parameters, _counts, frequencies);
    }

    private List<CorpusPart> KnownParts()
    {
        if (_parts is not null)
            return _parts;
        _parts = FindParts(Index ?? throw new InvalidOperationException("there is no index"));
        foreach (CorpusPart part in _parts)
            _counts = new CorpusCounts(_counts.DocumentCount + part.Counts.DocumentCount, _counts.TermTotal + part.Counts.TermTotal);
        return _parts;
    }

    private ScoredQuery CountTexts(SearchQuery query)
    {
        TextMatcher matcher = new(query, Options.Analyzer);
        long[] frequencies = new long[query.Terms.Length];
        long documents = 0, terms = 0;
        foreach (ScanUnit unit in Units)
        {
            using UnitReader reader = unit.Open([_column], withRowId: false, []);
            while (reader.Next() is { } batch)
            {
                _cancellation.ThrowIfCancellationRequested();
                var texts = (BinaryColumn)batch.Columns[0].Expand();
                for (int row = 0; row < texts.Length; row++)
                {
                    int length = texts.IsNull(row) ? 0 : matcher.Read(texts[row]);
                    if (length == 0)
                        continue;
                    documents++;
                    terms += length;
                    for (int term = 0; term < frequencies.Length; term++)
                        frequencies[term] += matcher.FrequencyOf(term) > 0 ? 1 : 0;
                }
            }
        }
        return new ScoredQuery(query, Options.Parameters, new CorpusCounts(documents, terms), frequencies);
    }

    private List<CorpusPart> FindParts(IndexEntry index)
    {
        List<CorpusPart> parts = [];
        InvertedIndex? last = null;
        List<(int Unit, int Start)> units = [];
        for (int i = 0; i < Units.Count; i++)
        {
            InvertedIndex? built = (Units[i].FindIndex(index.Oid, out int start) as TextIndex)?.Find(_column);
            if (last is not null && built != last)
                parts.Add(new CorpusPart(last, Units, [.. units]));
            if (built != last)
                units.Clear();
            last = built;
            if (built is not null)
                units.Add((i, start));
            else
                parts.Add(new CorpusPart(TextTails.Read(Units[i], _column, Options.Analyzer, _cancellation), Units, [(i, 0)]));
        }
        if (last is not null)
            parts.Add(new CorpusPart(last, Units, [.. units]));
        return parts;
    }
}
