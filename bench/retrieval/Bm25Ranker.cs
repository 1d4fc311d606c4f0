using VecSQL.Bench.Retrieval.Texts;
using VecSQL.Text.Analysis;

namespace VecSQL.Bench.Retrieval;

/// <summary>BM25 over stemmed words, k1 1.2 and b .75: what a full-text index finds.</summary>
internal sealed class Bm25Ranker : IRanker
{
    private const double K1 = 1.2, B = 0.75;

    private readonly Dictionary<string, List<(int Document, int Count)>> _postings = [];
    private readonly int[] _lengths;
    private readonly double _meanLength;
    private readonly bool _areWordsParted;

    /// <param name="areWordsParted">Parts identifiers into words, as the embedder does.</param>
    internal Bm25Ranker(IReadOnlyList<string> documents, bool areWordsParted)
    {
        _areWordsParted = areWordsParted;
        _lengths = new int[documents.Count];
        for (int number = 0; number < documents.Count; number++)
        {
            List<string> terms = TermsOf(documents[number]);
            _lengths[number] = terms.Count;
            foreach (IGrouping<string, string> term in terms.GroupBy(static term => term))
            {
                if (!_postings.TryGetValue(term.Key, out List<(int, int)>? list))
                    _postings[term.Key] = list = [];
                list.Add((number, term.Count()));
            }
        }
        _meanLength = _lengths.Average();
    }

    public string Name => _areWordsParted ? "BM25, identifiers parted" : "BM25";

    public int[] Rank(string query)
    {
        Dictionary<int, double> scores = [];
        foreach (string term in TermsOf(query).Distinct())
        {
            if (!_postings.TryGetValue(term, out List<(int Document, int Count)>? list))
                continue;
            double weight = Math.Log(1 + ((_lengths.Length - list.Count + 0.5) / (list.Count + 0.5)));
            foreach ((int document, int count) in list)
            {
                double length = K1 * (1 - B + (B * _lengths[document] / _meanLength));
                scores[document] = scores.GetValueOrDefault(document) + (weight * count * (K1 + 1) / (count + length));
            }
        }
        return [.. scores.OrderByDescending(static score => score.Value).ThenBy(static score => score.Key).Take(Quality.Depth)
            .Select(static score => score.Key)];
    }

    private List<string> TermsOf(string text) =>
        Terms.Of(_areWordsParted ? string.Join(' ', TextTasks.WordsOf(text)) : text);
}
