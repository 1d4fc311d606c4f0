using System.Text;
using VecSQL.Text.Lexemes;

namespace VecSQL.Text.Configurations;

/// <summary>Stands in a query for a word that does not count, until it is removed.</summary>
internal sealed record StopWord : LexemeQuery
{
    internal static readonly StopWord Instance = new();

    private StopWord()
    {
    }

    public override int NodeCount => 1;

    internal override void Write(MemoryStream bytes) => throw new InvalidOperationException("a stop word was left in a query");

    internal override void Append(StringBuilder text, int outerPriority, bool isRightOfPhrase) =>
        throw new InvalidOperationException("a stop word was left in a query");
}

/// <summary>Takes the words that do not count out of queries.</summary>
internal static class StopWords
{
    /// <param name="Query">Null where nothing is left.</param>
    /// <param name="Left">How much further the distance to what stands before it has become.</param>
    /// <param name="Right">And to what stands behind it.</param>
    private readonly record struct Cleaned(LexemeQuery? Query, int Left = 0, int Right = 0);

    /// <summary>Phrases keep the distances of the words that are left.</summary>
    internal static LexemeQuery? Remove(LexemeQuery? query) => query is null ? null : Clean(query).Query;

    private static Cleaned Clean(LexemeQuery query)
    {
        switch (query)
        {
            case StopWord:
                return default;
            case LexemeNot not:
                Cleaned inner = Clean(not.Operand);
                return inner.Query is null ? default : inner with { Query = new LexemeNot(inner.Query) };
            case LexemeOperation operation:
                return Clean(operation, Clean(operation.Left), Clean(operation.Right));
            default:
                return new Cleaned(query);
        }
    }

    private static Cleaned Clean(LexemeOperation operation, Cleaned left, Cleaned right)
    {
        bool isPhrase = operation.Operator == LexemeOperator.Phrase;
        switch ((left.Query, right.Query))
        {
            case (null, null):
                int gone = isPhrase ? left.Left + operation.Distance + right.Left : Math.Max(left.Left, right.Left);
                return new Cleaned(null, gone, gone);
            case (null, { } kept):
                return new Cleaned(kept, isPhrase ? left.Left + operation.Distance + right.Left : right.Left, right.Right);
            case ({ } kept, null):
                return new Cleaned(kept, left.Left, isPhrase ? left.Right + operation.Distance + right.Right : left.Right);
            case ({ } first, { } second) when isPhrase:
                int distance = operation.Distance + left.Right + right.Left;
                return new Cleaned(new LexemeOperation(LexemeOperator.Phrase, first, second, distance), left.Left, right.Right);
            case ({ } first, { } second):
                return new Cleaned(new LexemeOperation(operation.Operator, first, second));
        }
    }
}
