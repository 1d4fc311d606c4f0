using VecSQL.Text.Inverted;

namespace VecSQL.Text.Search;

/// <summary>Finds the documents of one part that match a query, the best ones without looking at all.</summary>
/// <remarks>
/// Where any term is enough, terms that could not lift a document above the threshold are looked up only in documents that other terms
/// found (MaxScore: Turtle and Flood, 1995), and stretches in which all terms together could not are passed over by the bounds of
/// their blocks (block-max: Ding and Suel, 2011). Other queries look at each document that may match.
/// Threads: one.
/// </remarks>
/// <param name="live">Bit i: document i counts. Empty for all.</param>
/// <param name="texts">Needed where the query has phrases.</param>
public sealed class PartSearch(
    ITextPart part, ScoredQuery query, ReadOnlyMemory<ulong> live, ITextReader? texts, TextMatcher? matcher)
{
    // Bounds are sums in another order than scores are.
    private const double Slack = 1 + 1e-9;

    private readonly ReadOnlyMemory<int> _lengths = part.Lengths;
    private readonly PostingCursor?[] _cursors = new PostingCursor?[query.Query.Terms.Length];

    /// <summary>Documents whose score was computed.</summary>
    public long Scored { get; private set; }

    public void Run(IMatchSink sink, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (query.Query.MatchesNothing)
            return;
        for (int term = 0; term < _cursors.Length; term++)
            _cursors[term] = part.Open(query.Query.Terms[term], query.ScoreOf(term));
        if (query.Query.IsAnyTerm)
            FindAny(sink, cancellation);
        else
            FindClauses(sink, cancellation);
    }

    private bool IsLive(int document) =>
        live.IsEmpty || (live.Span[document >> 6] & (1UL << (document & 63))) != 0;

    private void FindAny(IMatchSink sink, CancellationToken cancellation)
    {
        PostingCursor[] cursors = [.. _cursors.OfType<PostingCursor>().OrderBy(static cursor => cursor.Bound)];
        double[] sums = new double[cursors.Length]; // what a term and those before it can add
        for (int i = 0; i < sums.Length; i++)
            sums[i] = ((i == 0 ? 0 : sums[i - 1]) + cursors[i].Bound) * Slack;
        int first = 0, checkedTo = -1, rounds = 0; // documents have one of the terms from the first on
        double checkedAt = -1;
        while (true)
        {
            if ((++rounds & 0xffff) == 0)
                cancellation.ThrowIfCancellationRequested();
            double threshold = sink.Threshold;
            while (first < cursors.Length && sums[first] < threshold)
                first++;
            ReadOnlySpan<PostingCursor> needed = cursors.AsSpan(first);
            int document = PostingCursor.End;
            foreach (PostingCursor cursor in needed)
                document = Math.Min(document, cursor.Document);
            if (document == PostingCursor.End)
                return;
            if (document > checkedTo || threshold > checkedAt)
            {
                double bound = first == 0 ? 0 : sums[first - 1];
                checkedTo = PostingCursor.End;
                foreach (PostingCursor cursor in needed)
                {
                    bound += cursor.BoundFrom(document, out int last);
                    checkedTo = Math.Min(checkedTo, last);
                }
                checkedAt = threshold;
                if (bound * Slack < threshold)
                {
                    if (checkedTo == PostingCursor.End)
                        return;
                    foreach (PostingCursor cursor in needed)
                        cursor.Seek(checkedTo + 1);
                    continue;
                }
            }
            if (IsLive(document) && MayReach(document, cursors, sums, first, threshold))
                sink.Add(document, ScoreOf(document));
            foreach (PostingCursor cursor in needed)
            {
                if (cursor.Document == document)
                    cursor.MoveNext();
            }
        }
    }

    /// <summary>Whether a document's score may reach the threshold; the cursors then stand on it where it has their terms.</summary>
    private bool MayReach(int document, PostingCursor[] cursors, double[] sums, int first, double threshold)
    {
        if (first == 0)
            return true;
        double bound = 0;
        for (int i = cursors.Length - 1; i >= first; i--)
            bound += cursors[i].Document == document ? cursors[i].BoundFrom(document, out _) : 0;
        for (int i = first - 1; i >= 0; i--)
        {
            if ((bound + sums[i]) * Slack < threshold)
                return false;
            cursors[i].Seek(document);
            bound += cursors[i].Document == document ? cursors[i].Bound : 0;
        }
        return bound * Slack >= threshold;
    }

    private double ScoreOf(int document)
    {
        Scored++;
        int length = _lengths.Span[document];
        double score = 0;
        foreach (SearchClause clause in query.Query.Clauses)
        {
            int term = clause.Terms[0];
            if (_cursors[term] is { } cursor && cursor.Document == document)
                score += query.ScoreOf(term).Of(cursor.Frequency, length);
        }
        return score;
    }

    private void FindClauses(IMatchSink sink, CancellationToken cancellation)
    {
        int[] must = TermsOf(ClauseKind.Must), may = TermsOf(ClauseKind.Should);
        if (Array.Exists(must, term => _cursors[term] is null))
            return;
        bool[] met = new bool[query.Query.Clauses.Length];
        int rounds = 0;
        for (int document = 0;; document++)
        {
            if ((++rounds & 0xffff) == 0)
                cancellation.ThrowIfCancellationRequested();
            document = must.Length > 0 ? NextWithAll(must, document) : NextWithAny(may, document);
            if (document == PostingCursor.End)
                return;
            if (!IsLive(document))
                continue;
            foreach (PostingCursor? cursor in _cursors)
                cursor?.Seek(document);
            if (!MayMatch(document, sink.Threshold))
                continue;
            Scored++;
            if (Matches(document, met))
                sink.Add(document, ScoreOf(document, met));
        }
    }

    private int[] TermsOf(ClauseKind kind) =>
        [.. query.Query.Clauses.Where(clause => clause.Kind == kind).SelectMany(static clause => clause.Terms).Distinct()];

    private int NextWithAll(int[] terms, int document)
    {
        for (int i = 0; i < terms.Length; i++)
        {
            if (_cursors[terms[i]] is not { } cursor)
                return PostingCursor.End;
            cursor.Seek(document);
            if (cursor.Document == document)
                continue;
            (document, i) = (cursor.Document, -1); // begin again from there
            if (document == PostingCursor.End)
                return document;
        }
        return document;
    }

    private int NextWithAny(int[] terms, int document)
    {
        int next = PostingCursor.End;
        foreach (int term in terms)
        {
            if (_cursors[term] is not { } cursor)
                continue;
            cursor.Seek(document);
            next = Math.Min(next, cursor.Document);
        }
        return next;
    }

    private bool HasTerms(int document, SearchClause clause)
    {
        foreach (int term in clause.Terms)
        {
            if (_cursors[term]?.Document != document)
                return false;
        }
        return true;
    }

    /// <summary>Whether a document may match and reach the threshold, as far as its terms tell without their order.</summary>
    private bool MayMatch(int document, double threshold)
    {
        double bound = 0;
        int length = _lengths.Span[document];
        foreach (SearchClause clause in query.Query.Clauses)
        {
            bool hasTerms = HasTerms(document, clause);
            if ((clause.Kind == ClauseKind.Must && !hasTerms) || (clause.Kind == ClauseKind.MustNot && hasTerms && !clause.IsPhrase))
                return false;
            if (clause.Kind == ClauseKind.MustNot || !hasTerms)
                continue;
            foreach (int term in clause.Terms)
                bound += query.ScoreOf(term).Of(_cursors[term]?.Frequency ?? 0, length);
        }
        return bound >= threshold;
    }

    private bool Matches(int document, bool[] met)
    {
        bool isRead = false;
        for (int i = 0; i < met.Length; i++)
        {
            SearchClause clause = query.Query.Clauses[i];
            met[i] = HasTerms(document, clause);
            if (!met[i] || !clause.IsPhrase)
                continue;
            if (texts is null || matcher is null)
                throw new InvalidOperationException("a query with phrases needs the texts");
            if (!isRead)
                matcher.Read(texts.Read(document));
            isRead = true;
            met[i] = matcher.Meets(clause);
        }
        return TextMatcher.IsMatch(query.Query, i => met[i]);
    }

    private double ScoreOf(int document, bool[] met)
    {
        int length = _lengths.Span[document];
        double score = 0;
        for (int i = 0; i < met.Length; i++)
        {
            SearchClause clause = query.Query.Clauses[i];
            if (clause.Kind == ClauseKind.MustNot || !met[i])
                continue;
            foreach (int term in clause.Terms)
                score += query.ScoreOf(term).Of(_cursors[term]?.Frequency ?? 0, length);
        }
        return score;
    }
}
