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
        HashSet<string> texts = [.. Operands(query).Select(static operand => Convert.ToHexString(operand.Text))];
        return Operands(other).TrueForAll(operand => texts.Contains(Convert.ToHexString(operand.Text)));
    }

    /// <summary>The lexemes that are asked for, from left to right.</summary>
    internal static List<LexemeOperand> Operands(LexemeQuery? query)
    {
        List<LexemeOperand> operands = [];
        AddOperands(query, operands);
        return operands;
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

    private static void AddOperands(LexemeQuery? query, List<LexemeOperand> operands)
    {
        switch (query)
        {
            case LexemeOperand operand:
                operands.Add(operand);
                break;
            case LexemeNot not:
                AddOperands(not.Operand, operands);
                break;
            case LexemeOperation operation:
                AddOperands(operation.Left, operands);
                AddOperands(operation.Right, operands);
                break;
        }
    }
}
