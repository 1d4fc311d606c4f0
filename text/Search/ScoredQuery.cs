using VecSQL.Text.Inverted;

namespace VecSQL.Text.Search;

/// <summary>A query with what each of its terms is worth in a corpus.</summary>
/// <remarks>
/// A document that matches scores the sum over the clauses it meets, and over the terms of each, of BM25; one that does not match
/// scores 0. The inverse document frequency is ln(1 + (N − n + ½) / (n + ½)), which is above 0, and so is the score of a match. Sums
/// run in the order of the query, so that scores are equal to the last bit however they were found.
/// Threads: any.
/// </remarks>
public sealed class ScoredQuery
{
    private readonly TermScore[] _scores;

    /// <param name="documentFrequencies">For each term of the query, how many documents of the corpus have it.</param>
    public ScoredQuery(SearchQuery query, Bm25Parameters parameters, CorpusCounts corpus, ReadOnlySpan<long> documentFrequencies)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(parameters);
        Query = query;
        double mean = corpus.DocumentCount == 0 ? 1 : (double)corpus.TermTotal / corpus.DocumentCount;
        _scores = new TermScore[query.Terms.Length];
        for (int i = 0; i < _scores.Length; i++)
        {
            // Rows that came after the count was taken may have a term oftener than there are documents.
            double have = documentFrequencies[i], lack = Math.Max(0, corpus.DocumentCount - have);
            double weight = Math.Log(1 + ((lack + 0.5) / (have + 0.5)));
            _scores[i] = new TermScore(
                weight * (parameters.K1 + 1), parameters.K1 * (1 - parameters.B), parameters.K1 * parameters.B / mean);
        }
    }

    public SearchQuery Query { get; }

    internal TermScore ScoreOf(int term) => _scores[term];

    /// <summary>The score of a text that is read already.</summary>
    /// <param name="length">Terms of the text.</param>
    public double Of(TextMatcher text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Query.MatchesNothing || !text.IsMatch())
            return 0;
        double score = 0;
        foreach (SearchClause clause in Query.Clauses)
        {
            if (clause.Kind == ClauseKind.MustNot || !text.Meets(clause))
                continue;
            foreach (int term in clause.Terms)
                score += _scores[term].Of(text.FrequencyOf(term), length);
        }
        return score;
    }
}
