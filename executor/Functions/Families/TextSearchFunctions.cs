using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Text;
using VecSQL.Text.Analysis;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Functions.Families;

/// <summary>BM25 of texts themselves, with what the statement knows of their corpus; and the fusion of ranks.</summary>
internal static class TextSearchFunctions
{
    /// <summary>k where none is given.</summary>
    internal const int RankOffset = 60;

    public static void Define(FunctionTable table)
    {
        table.Vector("bm25_score", RowFunctions.Nullable<double>(static (in Row row) =>
            row.IsNull(1) ? null : throw NoCorpus()));
        table.Site("bm25_score_in", static _ =>
        {
            KnownQueries known = new();
            return RowFunctions.Nullable<double>((in Row row) => Score(row, known));
        });
        table.Site("bm25_match", static _ =>
        {
            KnownQueries known = new();
            return RowFunctions.Bool((in Row row) => known.Matches(row.Bytes(0), row.Bytes(1), Analyzer.English));
        });
        table.Site("bm25_match_in", static _ =>
        {
            KnownQueries known = new();
            return RowFunctions.Bool((in Row row) => known.Matches(row.Bytes(0), row.Bytes(1),
                CorporaOf(row.Context).AnalyzerOf((uint)row.Int8(2), (short)row.Int8(3))));
        });
        table.Nullable<double>("rrf", static (in Row row) => ReciprocalRank(row));
    }

    /// <summary>weight / (k + rank); 0 for a row that is not in the list.</summary>
    internal static double? ReciprocalRank(in Row row)
    {
        if ((row.Count > 1 && row.IsNull(1)) || (row.Count > 2 && row.IsNull(2)))
            return null;
        int k = row.Count > 1 ? row.Int4(1) : RankOffset;
        double weight = row.Count > 2 ? row.Float8(2) : 1;
        return row.IsNull(0) ? 0 : ReciprocalRank(row.Int8(0), k, weight);
    }

    /// <exception cref="SqlException">22023: a rank below 1, or a negative k.</exception>
    internal static double ReciprocalRank(long rank, int k, double weight)
    {
        if (rank < 1)
            throw new SqlException(SqlState.InvalidParameterValue, $"rank {rank} is not positive", hint: "Ranks begin with 1.");
        if (k < 0)
            throw new SqlException(SqlState.InvalidParameterValue, $"k = {k} is negative");
        return weight / ((double)k + rank);
    }

    private static double? Score(in Row row, KnownQueries known)
    {
        if (row.IsNull(1))
            return null;
        if (row.IsNull(0))
            return 0;
        return known.Score(row.Bytes(0), row.Bytes(1), CorporaOf(row.Context), (uint)row.Int8(2), (short)row.Int8(3));
    }

    private static ITextCorpora CorporaOf(EvaluationContext context) => context.Corpora ?? throw NoCorpus();

    private static SqlException NoCorpus() => new(SqlState.FeatureNotSupported, "bm25_score is of a column of a table",
        hint: "A score depends on all texts of the column; write the column itself as the first argument.");
}
