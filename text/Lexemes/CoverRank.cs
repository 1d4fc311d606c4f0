namespace VecSQL.Text.Lexemes;

/// <summary>ts_rank_cd: how well a tsvector meets a tsquery, by how dense the passages are that do.</summary>
/// <remarks>
/// A cover is a passage that meets the query and has none in it that does; lexemes without positions count for nothing. Double precision, step by step as PostgreSQL's, so that the
/// results are equal. Paper: Clarke, Cormack, Tudhope, "Relevance ranking for one to three term queries", 1999.
/// </remarks>
public static class CoverRank
{
    /// <summary>A place of the text where lexemes of the query stand.</summary>
    private readonly record struct Word(int Place, int Weight, LexemeOperand[] Operands);

    private readonly record struct Cover(int First, int Last);

    /// <param name="weights">Of D, C, B and A.</param>
    /// <param name="normalization">As of <see cref="LexemeRank"/>, and 4 for the mean distance between covers.</param>
    public static float Of(ReadOnlySpan<float> weights, LexemeVector vector, LexemeQuery? query, int normalization)
    {
        ArgumentNullException.ThrowIfNull(vector);
        if (query is null || Words(vector, query) is not { Length: > 0 } words)
            return 0;
        Span<double> inverse = stackalloc double[weights.Length];
        for (int i = 0; i < weights.Length; i++)
            inverse[i] = 1.0 / weights[i];
        double rank = 0, inverseDistances = 0, before = 0;
        int covers = 0, from = 0;
        while (Next(words, query, ref from) is { } cover)
        {
            double sum = 0;
            for (int i = cover.First; i <= cover.Last; i++)
                sum += inverse[words[i].Weight];
            int span = cover.Last - cover.First, noise = words[cover.Last].Place - words[cover.First].Place - span;
            // Places end at a number: then how many words are between is not known, and taken for half of the cover's.
            rank += (span + 1) / sum / (1 + (noise < 0 ? span / 2 : noise));
            double middle = (words[cover.First].Place + words[cover.Last].Place) / 2.0;
            if (covers > 0 && middle > before)
                inverseDistances += 1.0 / (middle - before);
            before = middle;
            covers++;
        }
        return (float)Normalized(rank, vector, normalization, covers, inverseDistances);
    }

    private static double Normalized(double rank, LexemeVector vector, int normalization, int covers, double inverseDistances)
    {
        int length = vector.WordCount, count = vector.Lexemes.Count;
        if ((normalization & 1) != 0)
            rank /= Math.Log(length + 1);
        if ((normalization & 2) != 0)
            rank /= length;
        if ((normalization & 4) != 0 && covers > 0 && inverseDistances > 0)
            rank /= covers / inverseDistances;
        if ((normalization & 8) != 0)
            rank /= count;
        if ((normalization & 16) != 0)
            rank /= Math.Log(count + 1) / Math.Log(2);
        if ((normalization & 32) != 0)
            rank /= rank + 1;
        return rank;
    }

    private static Cover? Next(Word[] words, LexemeQuery query, ref int from)
    {
        while (from < words.Length)
        {
            Seen seen = new([]);
            int last = from;
            for (; last < words.Length; last++)
            {
                seen.Add(words[last], isReverse: false);
                if (LexemeMatch.IsMet(seen, query))
                    break;
            }
            if (last == words.Length)
                return null;
            Seen back = new([]);
            int first = last;
            for (; first >= from; first--)
            {
                back.Add(words[first], isReverse: true);
                if (LexemeMatch.IsMet(back, query))
                    break;
            }
            if (first >= from)
            {
                from = first + 1;
                return new Cover(first, last);
            }
            from++;
        }
        return null;
    }

    private static Word[] Words(LexemeVector vector, LexemeQuery query)
    {
        List<(LexemePosition Position, int Lexeme, LexemeOperand Operand)> found = [];
        foreach (LexemeOperand operand in QueryParts.Operands(query).Distinct(OperandComparer.Instance))
        {
            foreach (Lexeme lexeme in LexemeMatch.Matching(vector, operand))
            {
                foreach (LexemePosition position in lexeme.Positions)
                {
                    if (operand.Weights == 0 || (operand.Weights & (1 << position.Weight)) != 0)
                        found.Add((position, vector.IndexOf(lexeme.Text), operand));
                }
            }
        }
        return [.. found.GroupBy(static entry => (entry.Position.Place, entry.Position.Weight, entry.Lexeme)).OrderBy(static group => group.Key)
            .Select(static group => new Word(group.Key.Place, group.Key.Weight, [.. group.Select(static entry => entry.Operand)]))];
    }

    /// <summary>What of the query stands in a passage, and where.</summary>
    private readonly struct Seen(Dictionary<LexemeOperand, List<int>> places) : LexemeMatch.ILexemes
    {
        private readonly Dictionary<LexemeOperand, List<int>> _places = new(places, OperandComparer.Instance);

        public void Add(in Word word, bool isReverse)
        {
            foreach (LexemeOperand operand in word.Operands)
            {
                if (!_places.TryGetValue(operand, out List<int>? known))
                    _places[operand] = known = [];
                if (known.Count == 0 || known[isReverse ? 0 : ^1] != word.Place)
                    known.Insert(isReverse ? 0 : known.Count, word.Place);
            }
        }

        public LexemeMatch.Found Find(LexemeOperand operand, bool withPlaces) => _places.TryGetValue(operand, out List<int>? known)
            ? new LexemeMatch.Found(LexemeMatch.Truth.Yes, withPlaces ? [.. known] : [])
            : new LexemeMatch.Found(LexemeMatch.Truth.No, []);
    }

    private sealed class OperandComparer : IEqualityComparer<LexemeOperand>
    {
        public static readonly OperandComparer Instance = new();

        public bool Equals(LexemeOperand? x, LexemeOperand? y) => ReferenceEquals(x, y) || (x is not null && y is not null
            && x.Weights == y.Weights && x.IsPrefix == y.IsPrefix && x.Text.AsSpan().SequenceEqual(y.Text));

        public int GetHashCode(LexemeOperand operand)
        {
            HashCode hash = default;
            hash.AddBytes(operand.Text);
            hash.Add(operand.Weights);
            return hash.ToHashCode();
        }
    }
}
