using System.Globalization;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>CockroachDB's way to say it; what it calls the method.</summary>
    private bool IsVectorIndex =>
        Peek().Keyword == Keyword.Index && TokenText.Equals("vector", StringComparison.OrdinalIgnoreCase);

    private const string VectorIndexMethod = "cspann";

    /// <summary>VECTOR INDEX [name] (…) [WITH (…)] among a table's columns.</summary>
    private InlineIndex ParseInlineIndex()
    {
        int position = _token.Position;
        Advance();
        Expect(Keyword.Index);
        string? name = Is(TokenKind.OpenParen) ? null : ParseColumnName();
        ValueList<IndexElement> elements = ParseParenthesizedList(ParseIndexElement);
        return new InlineIndex(name, VectorIndexMethod, elements, Accept(Keyword.With) ? ParseStorageOptions() : []) { Position = position };
    }

    private CreateIndexStatement ParseCreateIndex()
    {
        bool isVector = IsVectorIndex;
        if (isVector)
            Advance();
        bool isUnique = !isVector && Accept(Keyword.Unique);
        Expect(Keyword.Index);
        bool isConcurrent = Accept(Keyword.Concurrently);
        bool ifNotExists = AcceptIfNotExists();
        string? name = ifNotExists || !Is(Keyword.On) ? ParseColumnName() : null;
        Expect(Keyword.On);
        QualifiedName table = ParseRelation();
        string method = Accept(Keyword.Using) ? ParseColumnName() : isVector ? VectorIndexMethod : "btree";
        ValueList<IndexElement> elements = ParseParenthesizedList(ParseIndexElement);
        ValueList<string> include = Accept(Keyword.Include) ? ParseColumnNames() : [];
        bool nullsNotDistinct = ParseNullsNotDistinct();
        ValueList<Option> options = Accept(Keyword.With) ? ParseStorageOptions() : [];
        RefuseTablespace();
        return new CreateIndexStatement(table)
        {
            Name = name,
            IfNotExists = ifNotExists,
            IsUnique = isUnique,
            IsConcurrent = isConcurrent,
            Method = method,
            Elements = elements,
            Include = include,
            NullsNotDistinct = nullsNotDistinct,
            Options = options,
            Where = ParseOptionalWhere(),
        };
    }

    /// <summary>A column, a call, or an expression in parentheses, with collation, operator class and order.</summary>
    private IndexElement ParseIndexElement()
    {
        int position = _token.Position;
        Expression expression;
        if (Accept(TokenKind.OpenParen))
        {
            expression = ParseExpression();
            Expect(TokenKind.CloseParen);
        }
        else if (IsColumnName(_token) && Peek().Kind is not (TokenKind.OpenParen or TokenKind.Dot))
        {
            expression = ParseColumnWord();
        }
        else
        {
            expression = ParseFunctionCall();
        }
        QualifiedName? collation = Accept(Keyword.Collate) ? ParseAnyName() : null;
        bool hasClass = IsColumnName(_token) && !Is(Keyword.Nulls, Keyword.First) && !Is(Keyword.Nulls, Keyword.Last);
        QualifiedName? operatorClass = hasClass ? ParseAnyName() : null;
        if (operatorClass is not null && Is(TokenKind.OpenParen))
            throw NotSupported("operator class parameters are", _token.Position);
        return new IndexElement(expression)
        {
            Position = position,
            Collation = collation,
            OperatorClass = operatorClass,
            IsDescending = ParseDirection(),
            NullsFirst = ParseNullsOrder(),
        };
    }

    private CreateSequenceStatement ParseCreateSequence(bool isTemporary)
    {
        Expect(Keyword.Sequence);
        bool ifNotExists = AcceptIfNotExists();
        QualifiedName name = ParseRelationName();
        return new CreateSequenceStatement(name, ifNotExists, isTemporary, ParseSequenceOptions());
    }

    private ValueList<SequenceOption> ParseOptionalSequenceOptions()
    {
        if (!Accept(TokenKind.OpenParen))
            return [];
        ValueList<SequenceOption> options = ParseSequenceOptions();
        if (options.IsEmpty)
            throw Unexpected();
        Expect(TokenKind.CloseParen);
        return options;
    }

    private ValueList<SequenceOption> ParseSequenceOptions()
    {
        ListBuilder<SequenceOption> options = default;
        while (TryParseSequenceOption() is { } option)
            options.Add(option);
        return options.ToList();
    }

    private SequenceOption? TryParseSequenceOption()
    {
        int position = _token.Position;
        switch (_token.Keyword)
        {
            case Keyword.As:
                Advance();
                return new SequenceOption("as", null) { Position = position, Type = ParseSimpleType() };
            case Keyword.Cache or Keyword.Maxvalue or Keyword.Minvalue:
                return new SequenceOption(TakeName(), ParseLong()) { Position = position };
            case Keyword.Cycle:
                return new SequenceOption(TakeName(), null) { Position = position };
            case Keyword.No when Peek().Keyword is Keyword.Maxvalue or Keyword.Minvalue or Keyword.Cycle:
                Advance();
                return new SequenceOption($"no {TakeName()}", null) { Position = position };
            case Keyword.Increment:
                Advance();
                Accept(Keyword.By);
                return new SequenceOption("increment", ParseLong()) { Position = position };
            case Keyword.Start:
                Advance();
                Accept(Keyword.With);
                return new SequenceOption("start", ParseLong()) { Position = position };
            case Keyword.Restart:
                Advance();
                bool hasValue = Accept(Keyword.With) || IsNumber || Is(TokenKind.Minus) || Is(TokenKind.Plus);
                return new SequenceOption("restart", hasValue ? ParseLong() : null) { Position = position };
            case Keyword.Owned:
                Expect(Keyword.Owned, Keyword.By);
                return new SequenceOption("owned by", null) { Position = position, ObjectName = ParseAnyName() };
            case Keyword.Sequence when Peek().Keyword == Keyword.Name:
                Expect(Keyword.Sequence, Keyword.Name);
                return new SequenceOption("sequence name", null) { Position = position, ObjectName = ParseAnyName() };
            default:
                return null;
        }
    }

    private long ParseLong()
    {
        int position = _token.Position;
        string text = ParseSignedNumber() switch
        {
            IntegerLiteral integer => integer.Text,
            NumericLiteral numeric => throw new SqlException(
                SqlState.InvalidTextRepresentation,
                $"invalid input syntax for type bigint: \"{numeric.Text}\"",
                position),
            _ => throw Unexpected(),
        };
        return long.TryParse(text, NumberStyles.AllowLeadingSign, null, out long value)
            ? value
            : throw new SqlException(
                SqlState.NumericValueOutOfRange, $"value \"{text}\" is out of range for type bigint", position);
    }
}
