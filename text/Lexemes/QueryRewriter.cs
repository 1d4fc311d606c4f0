namespace VecSQL.Text.Lexemes;

/// <summary>ts_rewrite: puts another query in place of each part of a query that is equal to a third.</summary>
/// <remarks>
/// Ands of ands and ors of ors are one with many parts, whose order does not matter; they come out in the order that PostgreSQL gives
/// them.
/// </remarks>
public static class QueryRewriter
{
    /// <summary>Null where nothing is left.</summary>
    public static LexemeQuery? Rewrite(LexemeQuery? query, LexemeQuery? target, LexemeQuery? substitute)
    {
        if (query is null || target is null)
            return query;
        Part? rewritten = Replace(Part.Of(query).Sorted(), Part.Of(target).Sorted(), substitute is null ? null : Part.Of(substitute, isFlat: false));
        return rewritten?.ToQuery();
    }

    private static Part? Replace(Part part, Part target, Part? substitute)
    {
        if (ReplaceHere(part, target, substitute) is not { } replaced)
            return null;
        if (replaced.IsKept || replaced.Operand is not null)
            return replaced;
        List<Part> left = [];
        foreach (Part inner in replaced.Parts)
        {
            if (Replace(inner, target, substitute) is { } kept)
                left.Add(kept);
        }
        if (left.Count == 0)
            return null;
        return left.Count == 1 && replaced.Kind != Part.Not ? left[0] : replaced with { Parts = left };
    }

    private static Part? ReplaceHere(Part part, Part target, Part? substitute)
    {
        Part? kept = substitute is null ? null : substitute with { IsKept = true };
        if (part.IsKept || part.Kind != target.Kind)
            return part;
        if (part.Operand is not null || part.Parts.Count == target.Parts.Count)
            return Part.Compare(part, target) == 0 ? kept : part;
        if (part.Parts.Count < target.Parts.Count)
            return part;
        List<Part> left = [];
        int next = 0;
        foreach (Part inner in part.Parts)
        {
            int order = next < target.Parts.Count ? Part.Compare(inner, target.Parts[next]) : -1;
            if (order > 0)
                return part;
            if (order == 0)
                next++;
            else
                left.Add(inner);
        }
        if (next < target.Parts.Count)
            return part;
        if (kept is not null)
            left.Add(kept);
        return (part with { Parts = left }).Sorted();
    }

    /// <param name="Kind">1 not, 2 and, 3 or, 4 phrase, 0 a lexeme.</param>
    /// <param name="Parts">The right side first.</param>
    /// <param name="IsKept">It was put in, and is not looked into.</param>
    private sealed record Part(int Kind, LexemeOperand? Operand, List<Part> Parts, int Distance, bool IsKept = false)
    {
        internal const int Not = 1;

        internal static Part Of(LexemeQuery query, bool isFlat = true)
        {
            switch (query)
            {
                case LexemeOperand operand:
                    return new Part(0, operand, [], 0);
                case LexemeNot not:
                    return new Part(Not, null, [Of(not.Operand, isFlat)], 0);
            }
            LexemeOperation operation = (LexemeOperation)query;
            Part part = new((int)operation.Operator, null, [], operation.Distance);
            foreach (LexemeQuery side in (LexemeQuery[])[operation.Right, operation.Left])
            {
                Part inner = Of(side, isFlat);
                if (isFlat && inner.Kind == part.Kind && operation.Operator != LexemeOperator.Phrase)
                    part.Parts.AddRange(inner.Parts);
                else
                    part.Parts.Add(inner);
            }
            return part;
        }

        /// <summary>With its parts in order, and theirs.</summary>
        internal Part Sorted()
        {
            IEnumerable<Part> sorted = Parts.Select(static part => part.Sorted());
            if (Kind is (int)LexemeOperator.And or (int)LexemeOperator.Or)
                sorted = sorted.Order(Comparer<Part>.Create(Compare)); // equal ones stay as they were
            return this with { Parts = [.. sorted] };
        }

        internal static int Compare(Part x, Part y)
        {
            if (x.Operand is null != y.Operand is null)
                return x.Operand is null ? -1 : 1;
            if (x.Operand is not null && y.Operand is not null)
            {
                int sumX = QueryOrder.Checksum(x.Operand.Text), sumY = QueryOrder.Checksum(y.Operand.Text);
                return sumX != sumY ? sumY.CompareTo(sumX) : x.Operand.Text.AsSpan().SequenceCompareTo(y.Operand.Text);
            }
            if (x.Kind != y.Kind)
                return y.Kind.CompareTo(x.Kind);
            if (x.Parts.Count != y.Parts.Count)
                return y.Parts.Count.CompareTo(x.Parts.Count);
            for (int i = 0; i < x.Parts.Count; i++)
            {
                int order = Compare(x.Parts[i], y.Parts[i]);
                if (order != 0)
                    return order;
            }
            return y.Distance.CompareTo(x.Distance);
        }

        internal LexemeQuery ToQuery()
        {
            if (Operand is not null)
                return Operand;
            if (Kind == Not)
                return new LexemeNot(Parts[0].ToQuery());
            LexemeQuery[] sides = [.. Parts.Select(static part => part.ToQuery())];
            if (sides.Length == 2)
                return Join(sides[0], sides[1]);
            // The first two become one, beside which the last stands; and so on with what is left.
            LexemeQuery first = sides[0], second = sides[1];
            for (int last = sides.Length - 1; last > 1; last--)
                (first, second) = (Join(first, second), sides[last]);
            return Join(first, second);
        }

        private LexemeOperation Join(LexemeQuery right, LexemeQuery left) => new((LexemeOperator)Kind, left, right, Distance);
    }
}
