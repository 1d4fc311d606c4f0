using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding.Mining;

/// <summary>What pairs(), triplets() and hard_negatives() are told, and what they give: the names of arguments and columns.</summary>
internal static class MiningArguments
{
    internal const string Table = "tbl", Queries = "queries", Label = "label", QueryLabel = "query_label", Embedding = "embedding",
        QueryEmbedding = "query_embedding", Id = "id", QueryId = "query_id", Positive = "positive", Filter = "filter",
        QueryFilter = "query_filter", Candidates = "candidates", Metric = "metric";

    private static readonly SqlType Float8 = new(TypeOid.Float8);

    private static readonly (MiningOption Option, string Name, SqlType Type)[] Shared =
    [
        (MiningOption.Mining, "mining", SqlType.Text), (MiningOption.Margin, "margin", Float8),
        (MiningOption.RangeMin, "range_min", SqlType.Int8), (MiningOption.RangeMax, "range_max", SqlType.Int8),
        (MiningOption.Metric, Metric, SqlType.Text), (MiningOption.Seed, "seed", SqlType.Int8),
        (MiningOption.Noise, "noise", Float8), (MiningOption.Dropout, "dropout", Float8),
        (MiningOption.Validation, "validation", Float8), (MiningOption.Split, "split", SqlType.Text),
    ];

    internal static MiningKind? KindOf(string function) => function switch
    {
        "pairs" => MiningKind.Pairs,
        "triplets" => MiningKind.Triplets,
        "hard_negatives" => MiningKind.HardNegatives,
        _ => null,
    };

    /// <summary>In the order in which arguments without names are taken.</summary>
    internal static IReadOnlyList<string> Parameters(MiningKind kind)
    {
        string[] names = kind == MiningKind.HardNegatives
            ? [Table, Queries, Embedding, QueryEmbedding, Id, QueryId, Positive, Label, QueryLabel, Filter, QueryFilter]
            : [Table, Label, Embedding, Id, Filter];
        return [.. names, .. Options(kind).Select(static option => option.Name), Candidates];
    }

    internal static IEnumerable<(MiningOption Option, string Name, SqlType Type)> Options(MiningKind kind) => kind switch
    {
        MiningKind.Pairs =>
            [(MiningOption.Positives, "positives", SqlType.Int8), (MiningOption.Negatives, "negatives", SqlType.Int8), .. Shared],
        MiningKind.Triplets => [(MiningOption.Count, "per_anchor", SqlType.Int8),
            (MiningOption.PositiveMining, "positive_mining", SqlType.Text), .. Shared],
        _ => [(MiningOption.Count, "k", SqlType.Int8), .. Shared],
    };

    internal static IReadOnlyList<MiningPart> Parts(MiningKind kind) => kind switch
    {
        MiningKind.Pairs =>
        [
            MiningPart.AnchorKey, MiningPart.OtherKey, MiningPart.IsPositive, MiningPart.OtherDistance, MiningPart.AnchorVector,
            MiningPart.OtherVector, MiningPart.Split,
        ],
        MiningKind.Triplets =>
        [
            MiningPart.AnchorKey, MiningPart.PositiveKey, MiningPart.OtherKey, MiningPart.PositiveDistance, MiningPart.OtherDistance,
            MiningPart.AnchorVector, MiningPart.PositiveVector, MiningPart.OtherVector, MiningPart.Split,
        ],
        _ =>
        [
            MiningPart.AnchorKey, MiningPart.PositiveKey, MiningPart.OtherKey, MiningPart.Rank, MiningPart.PositiveDistance,
            MiningPart.OtherDistance, MiningPart.AnchorVector, MiningPart.PositiveVector, MiningPart.OtherVector, MiningPart.Split,
        ],
    };

    internal static string ColumnName(MiningKind kind, MiningPart part)
    {
        bool isPair = kind == MiningKind.Pairs, isQuery = kind == MiningKind.HardNegatives;
        return part switch
        {
            MiningPart.AnchorKey => isQuery ? "query_id" : "anchor_id",
            MiningPart.PositiveKey => "positive_id",
            MiningPart.OtherKey => isPair ? "other_id" : "negative_id",
            MiningPart.IsPositive => "is_similar",
            MiningPart.Rank => "rank",
            MiningPart.PositiveDistance => "positive_distance",
            MiningPart.OtherDistance => isPair ? "distance" : "negative_distance",
            MiningPart.AnchorVector => isQuery ? "query" : "anchor",
            MiningPart.PositiveVector => "positive",
            MiningPart.OtherVector => isPair ? "other" : "negative",
            _ => "split",
        };
    }
}
