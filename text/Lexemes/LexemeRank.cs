namespace VecSQL.Text.Lexemes;

/// <summary>ts_rank: how well a tsvector meets a tsquery, by how often and how near its lexemes stand.</summary>
/// <remarks>Single precision, step by step as PostgreSQL's, so that the results are equal.</remarks>
public static class LexemeRank
{
    // Where a lexeme has no positions it counts as standing at the very end.
    private static readonly LexemePosition[] Nowhere = [new(LexemePosition.PlaceMax, 0)];

    /// <param name="weights">Of D, C, B and A.</param>
    /// <param name="normalization">Bits: 1 divides by the logarithm of the length, 2 by the length, 8 by the number of lexemes, 16 by
    /// its logarithm, 32 by itself plus one.</param>
    public static float Of(ReadOnlySpan<float> weights, LexemeVector vector, LexemeQuery? query, int normalization)
    {
        ArgumentNullException.ThrowIfNull(vector);
        if (query is null || vector.Lexemes.Count == 0)
            return 0;
        LexemeOperand[] operands = Operands(query);
        bool isJoined = query is LexemeOperation { Operator: not LexemeOperator.Or };
        float rank = isJoined && operands.Length > 1 ? OfAll(weights, vector, operands) : OfAny(weights, vector, operands);
        if (rank < 0)
            rank = 1e-20f;
        return Normalized(rank, vector, normalization);
    }

    private static float Normalized(float rank, LexemeVector vector, int normalization)
    {
        int length = vector.WordCount, count = vector.Lexemes.Count;
        if ((normalization & 1) != 0)
            rank = (float)(rank / (Math.Log(length + 1) / Math.Log(2)));
        if ((normalization & 2) != 0 && length > 0)
            rank /= length;
        if ((normalization & 8) != 0)
            rank /= count;
        if ((normalization & 16) != 0)
            rank = (float)(rank / (Math.Log(count + 1) / Math.Log(2)));
        if ((normalization & 32) != 0)
            rank /= rank + 1;
        return rank;
    }

    private static float OfAny(ReadOnlySpan<float> weights, LexemeVector vector, LexemeOperand[] operands)
    {
        const double InverseSquares = 1.64493406685; // of all whole numbers: π² / 6
        float rank = 0;
        foreach (LexemeOperand operand in operands)
        {
            foreach (Lexeme lexeme in LexemeMatch.Matching(vector, operand))
            {
                LexemePosition[] positions = lexeme.Positions.Length == 0 ? Nowhere : lexeme.Positions;
                float sum = 0, best = -1;
                int bestAt = 0;
                for (int i = 0; i < positions.Length; i++)
                {
                    float weight = weights[positions[i].Weight];
                    sum += weight / ((i + 1) * (i + 1));
                    if (weight > best)
                        (best, bestAt) = (weight, i);
                }
                rank = (float)(rank + ((best + sum - (best / ((bestAt + 1) * (bestAt + 1)))) / InverseSquares));
            }
        }
        return rank / operands.Length;
    }

    private static float OfAll(ReadOnlySpan<float> weights, LexemeVector vector, LexemeOperand[] operands)
    {
        float rank = -1;
        LexemePosition[]?[] known = new LexemePosition[]?[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            foreach (Lexeme lexeme in LexemeMatch.Matching(vector, operands[i]))
            {
                LexemePosition[] positions = lexeme.Positions.Length == 0 ? Nowhere : lexeme.Positions;
                known[i] = positions;
                for (int k = 0; k < i; k++)
                {
                    if (known[k] is { } others)
                        AddPairs(weights, positions, others, ref rank);
                }
            }
        }
        return rank;
    }

    private static void AddPairs(ReadOnlySpan<float> weights, LexemePosition[] positions, LexemePosition[] others, ref float rank)
    {
        foreach (LexemePosition position in positions)
        {
            foreach (LexemePosition other in others)
            {
                int distance = Math.Abs(position.Place - other.Place);
                if (distance == 0 && positions != Nowhere && others != Nowhere)
                    continue;
                if (distance == 0)
                    distance = LexemePosition.PlaceMax + 1;
                float pair = (float)Math.Sqrt(weights[position.Weight] * weights[other.Weight] * Nearness(distance));
                rank = rank < 0 ? pair : (float)(1.0 - ((1.0 - rank) * (1.0 - pair)));
            }
        }
    }

    private static float Nearness(int distance) =>
        distance > 100 ? 1e-30f : (float)(1.0 / (1.005 + (0.05 * Math.Exp(((float)distance / 1.5) - 2))));

    /// <summary>The query's lexemes, each once, in their order; of those that differ in weights only the last.</summary>
    private static LexemeOperand[] Operands(LexemeQuery query)
    {
        List<LexemeOperand> operands = [];
        Add(query, operands);
        operands = [.. operands.Order(Comparer<LexemeOperand>.Create(static (x, y) => x.Text.AsSpan().SequenceCompareTo(y.Text)))];
        return [.. operands.Where((operand, i) => i == 0 || !operand.Text.AsSpan().SequenceEqual(operands[i - 1].Text))];
    }

    private static void Add(LexemeQuery query, List<LexemeOperand> operands)
    {
        switch (query)
        {
            case LexemeOperand operand:
                operands.Add(operand);
                break;
            case LexemeNot not:
                Add(not.Operand, operands);
                break;
            case LexemeOperation operation:
                Add(operation.Right, operands);
                Add(operation.Left, operands);
                break;
        }
    }
}
