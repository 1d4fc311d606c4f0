using System.Text;
using VecSQL.Executor.Expressions;
using VecSQL.Text.Analysis;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Functions.Text;

/// <summary>What a call site has made of the query it was given last, which is nearly always the same.</summary>
/// <remarks>Threads: any; two at once each make their own, and one of these is kept.</remarks>
internal sealed class KnownQueries
{
    private Known? _idle;

    /// <summary>Scores a text in its column's corpus.</summary>
    internal double Score(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> query, ITextCorpora corpora, uint table, short column)
    {
        Known known = Interlocked.Exchange(ref _idle, null) ?? new Known();
        ScoredQuery scored = known.Scored(query, corpora, table, column);
        TextMatcher matcher = known.Matcher(scored.Query, corpora.AnalyzerOf(table, column));
        double score = scored.Of(matcher, matcher.Read(text));
        _idle = known;
        return score;
    }

    /// <summary>Whether a text matches.</summary>
    internal bool Matches(ReadOnlySpan<byte> text, ReadOnlySpan<byte> query, Analyzer analyzer)
    {
        Known known = Interlocked.Exchange(ref _idle, null) ?? new Known();
        TextMatcher matcher = known.Matcher(known.Parsed(query, analyzer), analyzer);
        matcher.Read(text);
        bool isMatch = matcher.IsMatch();
        _idle = known;
        return isMatch;
    }

    private sealed class Known
    {
        private byte[] _text = [];
        private Analyzer _analyzer;
        private SearchQuery? _query;
        private TextMatcher? _matcher;

        // A site may outlive the statement, whose tables it must not hold.
        private WeakReference<ITextCorpora>? _corpora;
        private ScoredQuery? _scored;

        internal ScoredQuery Scored(ReadOnlySpan<byte> text, ITextCorpora corpora, uint table, short column)
        {
            if (_scored is not null && text.SequenceEqual(_text) && _corpora is not null
                && _corpora.TryGetTarget(out ITextCorpora? last) && last == corpora)
                return _scored;
            _scored = corpora.Score(table, column, Encoding.UTF8.GetString(text));
            (_text, _corpora) = (text.ToArray(), new WeakReference<ITextCorpora>(corpora));
            return _scored;
        }

        internal SearchQuery Parsed(ReadOnlySpan<byte> text, Analyzer analyzer)
        {
            if (_query is not null && _analyzer == analyzer && text.SequenceEqual(_text))
                return _query;
            (_text, _analyzer, _query) = (text.ToArray(), analyzer, SearchQuery.Parse(Encoding.UTF8.GetString(text), analyzer));
            return _query;
        }

        internal TextMatcher Matcher(SearchQuery query, Analyzer analyzer)
        {
            if (_matcher is null || _matcher.Query != query)
                _matcher = new TextMatcher(query, analyzer);
            return _matcher;
        }
    }
}
