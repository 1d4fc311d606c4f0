using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>Finds the rows of a corpus that match a query, part by part.</summary>
/// <remarks>Threads: one.</remarks>
internal sealed class TextFinder(TextCorpus corpus, ScoredQuery query, short column)
{
    /// <summary>Documents whose score was computed.</summary>
    internal long Scored { get; private set; }

    /// <summary>Offers the best rows, numbered by unit and place.</summary>
    internal void FindBest(TopScores best, CancellationToken cancellation)
    {
        foreach (CorpusPart part in corpus.Parts)
            Search(part, new BestSink(part, best), cancellation);
    }

    /// <summary>Offers the best of the rows that meet a condition, which is asked of the matching ones alone.</summary>
    internal void FindBest(TopScores best, RowCondition condition, CancellationToken cancellation)
    {
        foreach (CorpusPart part in corpus.Parts)
        {
            AllSink all = new();
            Search(part, all, cancellation);
            for (int start = 0; start < all.Found.Count; start += ColumnBatch.RowsMax)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(ColumnBatch.RowsMax, all.Found.Count - start);
                bool[] passes = condition.Test(corpus.Units, [.. all.Found.GetRange(start, count).Select(found => part.Find(found.Document))]);
                for (int i = 0; i < count; i++)
                {
                    (int document, double score) = all.Found[start + i];
                    if (passes[i])
                        best.Offer(score, NumberOf(part.Find(document)));
                }
            }
        }
    }

    /// <summary>The places of all rows of a part that match, ascending.</summary>
    internal List<(int Unit, int Place)> FindAll(CorpusPart part, CancellationToken cancellation)
    {
        AllSink all = new();
        Search(part, all, cancellation);
        return [.. all.Found.Select(found => part.Find(found.Document))];
    }

    internal static long NumberOf((int Unit, int Place) row) => ((long)row.Unit << 32) | (uint)row.Place;

    private void Search(CorpusPart part, IMatchSink sink, CancellationToken cancellation)
    {
        bool hasPhrases = query.Query.HasPhrases;
        PartSearch search = new(part.Index, query, part.Visible, hasPhrases ? new Texts(corpus.Units, part, column) : null,
            hasPhrases ? new TextMatcher(query.Query, corpus.Options.Analyzer) : null);
        search.Run(sink, cancellation);
        Scored += search.Scored;
    }

    private sealed class BestSink(CorpusPart part, TopScores best) : IMatchSink
    {
        public double Threshold => best.Threshold;

        public void Add(int document, double score) => best.Offer(score, NumberOf(part.Find(document)));
    }

    private sealed class AllSink : IMatchSink
    {
        internal List<(int Document, double Score)> Found { get; } = [];

        public double Threshold => double.Epsilon;

        public void Add(int document, double score) => Found.Add((document, score));
    }

    private sealed class Texts(IReadOnlyList<ScanUnit> units, CorpusPart part, short column) : ITextReader
    {
        public ReadOnlySpan<byte> Read(int document)
        {
            (int unit, int place) = part.Find(document);
            return ((BinaryColumn)units[unit].Gather([place], [column], withRowId: false).Columns[0].Expand())[0];
        }
    }
}
