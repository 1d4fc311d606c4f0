using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using VecSQL.Text.Lexemes;

namespace VecSQL.Executor.Functions.Families;

/// <summary>tsvector and tsquery as they are, without reading texts.</summary>
internal static class LexemeFunctions
{
    private static readonly float[] DefaultWeights = [0.1f, 0.2f, 0.4f, 1f];

    public static void Define(FunctionTable table)
    {
        foreach ((string name, ComparisonKind kind) in ((string, ComparisonKind)[])
            [("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
             ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual)])
        {
            table.Bool("tsvector_" + name, (in Row row) => kind.Holds(Compare(row.Bytes(0), row.Bytes(1))));
            table.Bool("tsquery_" + name, (in Row row) => kind.Holds(CompareQueries(row.Bytes(0), row.Bytes(1))));
        }
        table.Fixed("tsvector_cmp", static (in Row row) => Compare(row.Bytes(0), row.Bytes(1)));
        table.Fixed("tsquery_cmp", static (in Row row) => Math.Sign(CompareQueries(row.Bytes(0), row.Bytes(1))));
        table.Site("ts_match_vq", static _ => Match(vector: 0, query: 1));
        table.Site("ts_match_qv", static _ => Match(vector: 1, query: 0));
        table.Fixed("tsvector_length", static (in Row row) => Vector(row, 0).Lexemes.Count);
        table.Fixed("tsquery_numnode", static (in Row row) => Query(row, 0)?.NodeCount ?? 0);
        DefineVectors(table);
        DefineQueries(table);
        table.Fixed("ts_rank_wttf", static (in Row row) => Rank(Weights(row), row, 1, row.Int4(3)));
        table.Fixed("ts_rank_wtt", static (in Row row) => Rank(Weights(row), row, 1, 0));
        table.Fixed("ts_rank_ttf", static (in Row row) => Rank(DefaultWeights, row, 0, row.Int4(2)));
        table.Fixed("ts_rank_tt", static (in Row row) => Rank(DefaultWeights, row, 0, 0));
        table.Fixed("ts_rankcd_wttf", static (in Row row) => CoverRank.Of(Weights(row), Vector(row, 1), Query(row, 2), row.Int4(3)));
        table.Fixed("ts_rankcd_wtt", static (in Row row) => CoverRank.Of(Weights(row), Vector(row, 1), Query(row, 2), 0));
        table.Fixed("ts_rankcd_ttf", static (in Row row) => CoverRank.Of(DefaultWeights, Vector(row, 0), Query(row, 1), row.Int4(2)));
        table.Fixed("ts_rankcd_tt", static (in Row row) => CoverRank.Of(DefaultWeights, Vector(row, 0), Query(row, 1), 0));
    }

    internal static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) =>
        LexemeVector.Read(x).ToOrderedBytes().AsSpan().SequenceCompareTo(LexemeVector.Read(y).ToOrderedBytes());

    internal static int CompareQueries(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) =>
        QueryOrder.ToOrderedBytes(LexemeQuery.Read(x)).AsSpan().SequenceCompareTo(QueryOrder.ToOrderedBytes(LexemeQuery.Read(y)));

    private static VectorFunction Match(int vector, int query)
    {
        LastUsed<ReadQuery> last = new(static bytes => new ReadQuery(LexemeQuery.Read(bytes)));
        return RowFunctions.Bool((in Row row) => LexemeMatch.IsMet(row.Bytes(vector), last.Get(row.Bytes(query)).Query));
    }

    private sealed record ReadQuery(LexemeQuery? Query);

    private static void DefineVectors(FunctionTable table)
    {
        table.Binary("tsvector_strip", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Vector(row, 0).Map(static lexeme => lexeme with { Positions = [] }).ToBytes()));
        table.Binary("tsvector_concat", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Vector(row, 0).Then(Vector(row, 1)).ToBytes()));
        table.Binary("tsvector_setweight", static (in Row row, BinaryColumnBuilder target) =>
        {
            int weight = WeightOf(row.Int2(1));
            target.Append(Vector(row, 0).Map(lexeme => With(lexeme, weight)).ToBytes());
        });
        table.Binary("tsvector_setweight_by_filter", static (in Row row, BinaryColumnBuilder target) =>
        {
            int weight = WeightOf(row.Int2(1));
            HashSet<string> wanted = Lexemes(row.Bytes(2));
            target.Append(Vector(row, 0).Map(lexeme => wanted.Contains(TextOf(lexeme)) ? With(lexeme, weight) : lexeme).ToBytes());
        });
        table.Binary("tsvector_delete_str", static (in Row row, BinaryColumnBuilder target) =>
        {
            string gone = row.Text(1);
            target.Append(Vector(row, 0).Map(lexeme => TextOf(lexeme) == gone ? null : lexeme).ToBytes());
        });
        table.Binary("tsvector_delete_arr", static (in Row row, BinaryColumnBuilder target) =>
        {
            HashSet<string> gone = Lexemes(row.Bytes(1));
            target.Append(Vector(row, 0).Map(lexeme => gone.Contains(TextOf(lexeme)) ? null : lexeme).ToBytes());
        });
        table.Binary("tsvector_filter", static (in Row row, BinaryColumnBuilder target) => Filter(row, target));
        table.Binary("tsvector_to_array", static (in Row row, BinaryColumnBuilder target) =>
        {
            ArrayBuilder array = new(TypeOid.Text);
            foreach (Lexeme lexeme in Vector(row, 0).Lexemes)
                ((BinaryColumnBuilder)array.Elements).Append(lexeme.Text);
            array.AppendTo(target);
        });
        table.Binary("array_to_tsvector", static (in Row row, BinaryColumnBuilder target) =>
        {
            HashSet<string> lexemes = Lexemes(row.Bytes(0));
            if (lexemes.Contains(""))
                throw new SqlException(SqlState.ZeroLengthCharacterString, "lexeme array may not contain empty strings");
            target.Append(LexemeVector.Of(lexemes.Select(static text => new Lexeme(Encoding.UTF8.GetBytes(text), []))).ToBytes());
        });
    }

    private static void DefineQueries(FunctionTable table)
    {
        Join(table, "tsquery_and", static (left, right, _) => new LexemeOperation(LexemeOperator.And, left, right));
        Join(table, "tsquery_or", static (left, right, _) => new LexemeOperation(LexemeOperator.Or, left, right));
        Join(table, "tsquery_phrase", static (left, right, _) => new LexemeOperation(LexemeOperator.Phrase, left, right, 1));
        Join(table, "tsquery_phrase_distance",
            static (left, right, distance) => new LexemeOperation(LexemeOperator.Phrase, left, right, distance));
        table.Bool("tsq_mcontains", static (in Row row) => QueryParts.Contains(Query(row, 0), Query(row, 1)));
        table.Bool("tsq_mcontained", static (in Row row) => QueryParts.Contains(Query(row, 1), Query(row, 0)));
        table.Binary("tsquerytree", static (in Row row, BinaryColumnBuilder target) => target.Append(QueryParts.Indexable(Query(row, 0))));
        table.Binary("tsquery_rewrite", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(LexemeQuery.ToBytes(QueryRewriter.Rewrite(Query(row, 0), Query(row, 1), Query(row, 2)))));
        table.Binary("tsquery_not", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(LexemeQuery.ToBytes(Query(row, 0) is { } query ? new LexemeNot(query) : null)));
    }

    private static void Join(FunctionTable table, string name, Func<LexemeQuery, LexemeQuery, int, LexemeQuery> join) =>
        table.Binary(name, (in Row row, BinaryColumnBuilder target) =>
        {
            int distance = row.Count > 2 ? row.Int4(2) : 1;
            if (distance is < 0 or > LexemeOperation.DistanceMax)
            {
                throw new SqlException(SqlState.InvalidParameterValue,
                    $"distance in phrase operator must be an integer value between zero and {LexemeOperation.DistanceMax} inclusive");
            }
            LexemeQuery? left = Query(row, 0), right = Query(row, 1);
            target.Append(LexemeQuery.ToBytes(left is null ? right : right is null ? left : join(left, right, distance)));
        });

    private static LexemeVector Vector(in Row row, int argument) => LexemeVector.Read(row.Bytes(argument));

    private static LexemeQuery? Query(in Row row, int argument) => LexemeQuery.Read(row.Bytes(argument));

    private static string TextOf(Lexeme lexeme) => Encoding.UTF8.GetString(lexeme.Text);

    private static Lexeme With(Lexeme lexeme, int weight) =>
        lexeme with { Positions = [.. lexeme.Positions.Select(position => position with { Weight = weight })] };

    private static int WeightOf(short letter)
    {
        int weight = LexemeVectorText.WeightOf((byte)letter);
        return weight >= 0 ? weight : throw new SqlException(SqlState.InternalError, $"unrecognized weight: {(sbyte)letter}");
    }

    private static HashSet<string> Lexemes(ReadOnlySpan<byte> bytes)
    {
        ArrayValue array = new(bytes);
        HashSet<string> texts = [];
        for (int i = 0; i < array.Count; i++)
        {
            if (array.IsNull(i))
                throw new SqlException(SqlState.NullValueNotAllowed, "lexeme array may not contain nulls");
            texts.Add(Encoding.UTF8.GetString(array[i]));
        }
        return texts;
    }

    private static void Filter(in Row row, BinaryColumnBuilder target)
    {
        ArrayValue array = new(row.Bytes(1));
        int kept = 0;
        for (int i = 0; i < array.Count; i++)
        {
            if (array.IsNull(i))
                throw new SqlException(SqlState.NullValueNotAllowed, "weight array may not contain nulls");
            byte letter = array[i][0];
            int weight = LexemeVectorText.WeightOf(letter);
            kept |= weight >= 0
                ? 1 << weight : throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized weight: \"{(char)letter}\"");
        }
        target.Append(Vector(row, 0).Map(lexeme =>
        {
            LexemePosition[] positions = Array.FindAll(lexeme.Positions, position => (kept & (1 << position.Weight)) != 0);
            return positions.Length == 0 ? null : lexeme with { Positions = positions };
        }).ToBytes());
    }

    private static float Rank(float[] weights, in Row row, int vector, int normalization) =>
        LexemeRank.Of(weights, Vector(row, vector), Query(row, vector + 1), normalization);

    private static float[] Weights(in Row row)
    {
        ArrayValue array = new(row.Bytes(0));
        if (array.Dimensions != 1)
            throw new SqlException(SqlState.ArraySubscriptError, "array of weight must be one-dimensional");
        if (array.Count < DefaultWeights.Length)
            throw new SqlException(SqlState.ArraySubscriptError, "array of weight is too short");
        if (array.HasNulls)
            throw new SqlException(SqlState.NullValueNotAllowed, "array of weight must not contain nulls");
        float[] weights = [.. array.Values<float>()[..DefaultWeights.Length]];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = weights[i] >= 0 ? weights[i] : DefaultWeights[i];
            if (weights[i] > 1)
                throw new SqlException(SqlState.InvalidParameterValue, "weight out of range");
        }
        return weights;
    }
}
