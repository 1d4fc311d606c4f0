namespace VecSQL.Text.Lexemes;

/// <summary>What is asked of queries themselves.</summary>
public static class QueryParts
{
    /// <summary>querytree: the part of a query that an index could answer, that is without negations.</summary>
    /// <returns>The empty text for the empty query, T where everything would have to be looked at.</returns>
    public static string Indexable(LexemeQuery? query) => query is null ? "" : Without(query) is { } left ? LexemeQuery.Print(left) : "T";

    /// <summary>@&gt;: whether all lexemes of the other query are in this one too.</summary>
    public static bool Contains(LexemeQuery? query, LexemeQuery? other)
    {
        HashSet<string> texts = [];
        AddTexts(query, texts);
        HashSet<string> others = [];
        AddTexts(other, others);
        return others.IsSubsetOf(texts);
    }

    private static LexemeQuery? Without(LexemeQuery query)
    {
        if (query is not LexemeOperation operation)
            return query is LexemeNot ? null : query;
        LexemeQuery? left = Without(operation.Left), right = Without(operation.Right);
        if (left is not null && right is not null)
            return operation with { Left = left, Right = right };
        return operation.Operator == LexemeOperator.Or ? null : left ?? right;
    }

    private static void AddTexts(LexemeQuery? query, HashSet<string> texts)
    {
        switch (query)
        {
            case LexemeOperand operand:
                texts.Add(Convert.ToHexString(operand.Text));
                break;
            case LexemeNot not:
                AddTexts(not.Operand, texts);
                break;
            case LexemeOperation operation:
                AddTexts(operation.Left, texts);
                AddTexts(operation.Right, texts);
                break;
        }
    }
}
