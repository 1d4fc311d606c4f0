using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>
    /// Calls whose arguments have a grammar of their own: EXTRACT, SUBSTRING, TRIM, COALESCE …; null for others.
    /// </summary>
    private Expression? TryParseSpecialCall()
    {
        int position = _token.Position;
        switch (_token.Keyword)
        {
            case Keyword.Coalesce:
                return new CoalesceExpression(TakeArguments()) { Position = position };
            case Keyword.Greatest:
                return new MinMaxExpression(IsGreatest: true, TakeArguments()) { Position = position };
            case Keyword.Least:
                return new MinMaxExpression(IsGreatest: false, TakeArguments()) { Position = position };
            case Keyword.Grouping:
                return new GroupingExpression(TakeArguments()) { Position = position };
            case Keyword.Nullif:
                return ParseNullIf();
            case Keyword.Extract:
                return ParseExtract();
            case Keyword.Position:
                return ParsePosition();
            case Keyword.Substring:
                return ParseSubstring();
            case Keyword.Overlay:
                return ParseOverlay();
            case Keyword.Trim:
                return ParseTrim();
            case Keyword.Normalize:
                return ParseNormalize();
            case Keyword.Treat:
                throw NotSupported("TREAT is", position);
            case Keyword.Xmlattributes or Keyword.Xmlconcat or Keyword.Xmlelement or Keyword.Xmlexists
                or Keyword.Xmlforest or Keyword.Xmlparse or Keyword.Xmlpi or Keyword.Xmlroot or Keyword.Xmlserialize:
                throw NotSupported("XML is", position);
            default:
                return null;
        }
    }

    private ValueList<Expression> TakeArguments()
    {
        Advance();
        return ParseParenthesizedList(ParseExpression);
    }

    private NullIfExpression ParseNullIf()
    {
        int position = _token.Position;
        Advance();
        Expect(TokenKind.OpenParen);
        Expression left = ParseExpression();
        Expect(TokenKind.Comma);
        Expression right = ParseExpression();
        Expect(TokenKind.CloseParen);
        return new NullIfExpression(left, right) { Position = position };
    }

    /// <summary>EXTRACT(field FROM x): the field is a word or a string.</summary>
    private FunctionCall ParseExtract()
    {
        int position = _token.Position;
        Advance();
        Expect(TokenKind.OpenParen);
        int fieldPosition = _token.Position;
        bool isWord = Is(TokenKind.Identifier) || _token.Keyword is Keyword.Year or Keyword.Month or Keyword.Day
            or Keyword.Hour or Keyword.Minute or Keyword.Second;
        StringLiteral field = new(isWord ? TakeName() : ExpectString()) { Position = fieldPosition };
        Expect(Keyword.From);
        Expression source = ParseExpression();
        Expect(TokenKind.CloseParen);
        return SystemCall("extract", position, field, source);
    }

    /// <summary>POSITION(a IN b)</summary>
    private FunctionCall ParsePosition()
    {
        int position = _token.Position;
        Advance();
        Expect(TokenKind.OpenParen);
        Expression part = ParseRestrictedExpression();
        Expect(Keyword.In);
        Expression whole = ParseRestrictedExpression();
        Expect(TokenKind.CloseParen);
        return SystemCall("position", position, whole, part);
    }

    /// <summary>SUBSTRING(x FROM a FOR b), SUBSTRING(x SIMILAR p ESCAPE e), or a plain call.</summary>
    private FunctionCall ParseSubstring()
    {
        int position = _token.Position;
        QualifiedName name = new([TakeName()]) { Position = position };
        Expect(TokenKind.OpenParen);
        if (Accept(TokenKind.CloseParen))
            return new FunctionCall(name, []) { Position = position };
        FunctionArgument first = ParseArgument();
        if (first.Name is not null || _token.Keyword is not (Keyword.From or Keyword.For or Keyword.Similar))
            return FinishPlainCall(name, first);
        Expression source = first.Value;
        FunctionCall call;
        if (Accept(Keyword.Similar))
        {
            Expression pattern = ParseExpression();
            Expect(Keyword.Escape);
            call = SystemCall("substring", position, source, pattern, ParseExpression());
        }
        else if (Accept(Keyword.From))
        {
            Expression start = ParseExpression();
            call = Accept(Keyword.For)
                ? SystemCall("substring", position, source, start, ParseExpression())
                : SystemCall("substring", position, source, start);
        }
        else
        {
            call = ParseSubstringFor(source, position);
        }
        Expect(TokenKind.CloseParen);
        return call;
    }

    /// <summary>FOR b [FROM a]; a length alone counts from the first character and is an integer.</summary>
    private FunctionCall ParseSubstringFor(Expression source, int position)
    {
        Expect(Keyword.For);
        Expression length = ParseExpression();
        if (Accept(Keyword.From))
            return SystemCall("substring", position, source, ParseExpression(), length);
        CastExpression integer = new(length, BuiltIn("int4", length.Position)) { Position = length.Position };
        return SystemCall("substring", position, source, new IntegerLiteral("1"), integer);
    }

    /// <summary>OVERLAY(x PLACING y FROM a FOR b), or a plain call.</summary>
    private FunctionCall ParseOverlay()
    {
        int position = _token.Position;
        QualifiedName name = new([TakeName()]) { Position = position };
        Expect(TokenKind.OpenParen);
        if (Accept(TokenKind.CloseParen))
            return new FunctionCall(name, []) { Position = position };
        FunctionArgument first = ParseArgument();
        if (first.Name is not null || !Accept(Keyword.Placing))
            return FinishPlainCall(name, first);
        Expression replacement = ParseExpression();
        Expect(Keyword.From);
        Expression start = ParseExpression();
        FunctionCall call = Accept(Keyword.For)
            ? SystemCall("overlay", position, first.Value, replacement, start, ParseExpression())
            : SystemCall("overlay", position, first.Value, replacement, start);
        Expect(TokenKind.CloseParen);
        return call;
    }

    private FunctionCall FinishPlainCall(QualifiedName name, FunctionArgument first)
    {
        ListBuilder<FunctionArgument> arguments = default;
        arguments.Add(first);
        while (Accept(TokenKind.Comma))
            arguments.Add(ParseArgument());
        Expect(TokenKind.CloseParen);
        return new FunctionCall(name, arguments.ToList()) { Position = name.Position };
    }

    /// <summary>TRIM([BOTH|LEADING|TRAILING] [characters] [FROM] x, …)</summary>
    private FunctionCall ParseTrim()
    {
        int position = _token.Position;
        Advance();
        Expect(TokenKind.OpenParen);
        string function = _token.Keyword switch
        {
            Keyword.Leading => "ltrim",
            Keyword.Trailing => "rtrim",
            _ => "btrim",
        };
        if (_token.Keyword is Keyword.Leading or Keyword.Trailing or Keyword.Both)
            Advance();
        ListBuilder<Expression> arguments = default;
        Expression? characters = null;
        if (!Accept(Keyword.From))
        {
            Expression first = ParseExpression();
            if (Accept(Keyword.From))
                characters = first;
            else
                arguments.Add(first);
        }
        if (arguments.Count == 0)
            arguments.Add(ParseExpression());
        while (Accept(TokenKind.Comma))
            arguments.Add(ParseExpression());
        if (characters is not null)
            arguments.Add(characters);
        Expect(TokenKind.CloseParen);
        return SystemCall(function, position, arguments.ToList().AsSpan());
    }

    /// <summary>NORMALIZE(x [, form])</summary>
    private FunctionCall ParseNormalize()
    {
        int position = _token.Position;
        Advance();
        Expect(TokenKind.OpenParen);
        Expression text = ParseExpression();
        if (Accept(TokenKind.CloseParen))
            return SystemCall("normalize", position, text);
        Expect(TokenKind.Comma);
        if (_token.Keyword is not (Keyword.Nfc or Keyword.Nfd or Keyword.Nfkc or Keyword.Nfkd))
            throw Unexpected();
        StringLiteral form = new(KeywordTable.Word(_token.Keyword).ToUpperInvariant()) { Position = _token.Position };
        Advance();
        Expect(TokenKind.CloseParen);
        return SystemCall("normalize", position, text, form);
    }
}
