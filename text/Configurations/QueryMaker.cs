using VecSQL.Text.Lexemes;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Configurations;

/// <summary>Makes tsqueries of what people write.</summary>
public static class QueryMaker
{
    /// <summary>to_tsquery: the text form of a tsquery, its words made lexemes.</summary>
    /// <exception cref="Core.Errors.SqlException">42601: it is none.</exception>
    public static LexemeQuery? Structured(TextConfiguration configuration, ReadOnlySpan<byte> text) =>
        StopWords.Remove(LexemeQueryParser.Parse(text, operand => Words(configuration, operand, LexemeOperator.Phrase)));

    /// <summary>plainto_tsquery: all the words.</summary>
    public static LexemeQuery? Plain(TextConfiguration configuration, ReadOnlySpan<byte> text) =>
        StopWords.Remove(Words(configuration, new LexemeOperand(text.ToArray(), 0, false), LexemeOperator.And));

    /// <summary>phraseto_tsquery: the words one after the other.</summary>
    public static LexemeQuery? Phrase(TextConfiguration configuration, ReadOnlySpan<byte> text) =>
        StopWords.Remove(Words(configuration, new LexemeOperand(text.ToArray(), 0, false), LexemeOperator.Phrase));

    /// <summary>websearch_to_tsquery: words, "phrases", or, and - for not; there are no errors.</summary>
    public static LexemeQuery? Web(TextConfiguration configuration, ReadOnlySpan<byte> text) =>
        StopWords.Remove(new WebQueryParser(text, word => Words(configuration, new LexemeOperand(word, 0, false), LexemeOperator.Phrase)).Parse());

    private static LexemeQuery Words(TextConfiguration configuration, LexemeOperand operand, LexemeOperator joiner)
    {
        LexemeQuery? query = null;
        int missing = 0; // stop words since the last word: they keep the distance
        TokenReader tokens = new(operand.Text);
        while (tokens.MoveNext())
        {
            if (configuration.DictionaryOf(tokens.Kind) is not { } dictionary || tokens.End - tokens.Start > TextConfiguration.WordBytesMax)
                continue;
            byte[] lexeme = dictionary.Lexize(tokens.Token);
            if (lexeme.Length == 0)
            {
                missing++;
                continue;
            }
            for (; query is not null && missing > 0; missing--)
                query = Join(query, StopWord.Instance, joiner);
            missing = 0;
            LexemeQuery word = operand with { Text = lexeme };
            query = query is null ? word : Join(query, word, joiner);
        }
        return query ?? StopWord.Instance;
    }

    private static LexemeOperation Join(LexemeQuery left, LexemeQuery right, LexemeOperator joiner) =>
        new(joiner, left, right, joiner == LexemeOperator.Phrase ? 1 : 0);
}
