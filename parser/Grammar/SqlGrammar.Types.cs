using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    internal TypeName ParseTypeName()
    {
        int position = _token.Position;
        bool isSetOf = Accept(Keyword.Setof);
        TypeName type = ParseSimpleType();
        return type with { ArrayDimensions = ParseArrayBounds(), IsSetOf = isSetOf, Position = position };
    }

    /// <summary>A type without array bounds.</summary>
    private TypeName ParseSimpleType()
    {
        if (TryParseBuiltInType(isConstant: false) is { } builtIn)
            return builtIn;
        int position = _token.Position;
        QualifiedName name = ParseNameBehind(ParseFunctionName(), position);
        return new TypeName(name, ParseOptionalExpressions()) { Position = position };
    }

    private int ParseArrayBounds()
    {
        int dimensions = 0;
        if (Accept(Keyword.Array))
        {
            if (Accept(TokenKind.OpenBracket))
            {
                ExpectInteger();
                Expect(TokenKind.CloseBracket);
            }
            return 1;
        }
        while (Accept(TokenKind.OpenBracket))
        {
            if (Is(TokenKind.Integer))
                Advance();
            Expect(TokenKind.CloseBracket);
            dimensions++;
        }
        return dimensions;
    }

    private ValueList<Expression> ParseOptionalExpressions() =>
        Is(TokenKind.OpenParen) ? ParseParenthesizedList(ParseExpression) : [];

    /// <summary>A type whose name is a key word of SQL; null where there is none.</summary>
    /// <param name="isConstant">In front of a string, where bit and char without a length have no limit.</param>
    private TypeName? TryParseBuiltInType(bool isConstant)
    {
        int position = _token.Position;
        switch (_token.Keyword)
        {
            case Keyword.Int or Keyword.Integer:
                return TakeBuiltIn("int4");
            case Keyword.Smallint:
                return TakeBuiltIn("int2");
            case Keyword.Bigint:
                return TakeBuiltIn("int8");
            case Keyword.Real:
                return TakeBuiltIn("float4");
            case Keyword.Boolean:
                return TakeBuiltIn("bool");
            case Keyword.Double when Peek().Keyword == Keyword.Precision:
                Advance();
                return TakeBuiltIn("float8") with { Position = position };
            case Keyword.Float:
                return ParseFloat();
            case Keyword.Decimal or Keyword.Dec or Keyword.Numeric:
                return TakeBuiltIn("numeric") with { Modifiers = ParseOptionalExpressions() };
            case Keyword.Bit:
                return ParseBit(isConstant);
            case Keyword.Character or Keyword.Char or Keyword.Nchar or Keyword.National or Keyword.Varchar:
                return ParseCharacter(isConstant);
            case Keyword.Timestamp or Keyword.Time:
                return ParseTime();
            case Keyword.Interval:
                return ParseInterval();
            default:
                return null;
        }
    }

    private TypeName TakeBuiltIn(string name)
    {
        int position = _token.Position;
        Advance();
        return BuiltIn(name, position);
    }

    private static TypeName BuiltIn(string name, int position) =>
        new(new QualifiedName(["pg_catalog", name]) { Position = position }, []) { Position = position };

    private TypeName ParseFloat()
    {
        int position = _token.Position;
        Advance();
        if (!Accept(TokenKind.OpenParen))
            return BuiltIn("float8", position);
        int precisionPosition = _token.Position;
        int precision = ExpectInteger();
        Expect(TokenKind.CloseParen);
        return precision switch
        {
            < 1 => throw new SqlException(
                SqlState.InvalidParameterValue, "precision for type float must be at least 1 bit", precisionPosition),
            <= 24 => BuiltIn("float4", position),
            <= 53 => BuiltIn("float8", position),
            _ => throw new SqlException(
                SqlState.InvalidParameterValue,
                "precision for type float must be less than 54 bits",
                precisionPosition),
        };
    }

    private TypeName ParseBit(bool isConstant)
    {
        int position = _token.Position;
        Advance();
        bool isVarying = Accept(Keyword.Varying);
        TypeName type = BuiltIn(isVarying ? "varbit" : "bit", position);
        if (Is(TokenKind.OpenParen))
            return type with { Modifiers = ParseOptionalExpressions() };
        return isVarying || isConstant ? type : type with { Modifiers = [new IntegerLiteral("1")] };
    }

    private TypeName ParseCharacter(bool isConstant)
    {
        int position = _token.Position;
        bool isVarying = Is(Keyword.Varchar);
        if (Accept(Keyword.National) && !(Is(Keyword.Character) || Is(Keyword.Char)))
            throw Unexpected();
        Advance();
        isVarying = isVarying || Accept(Keyword.Varying);
        TypeName type = BuiltIn(isVarying ? "varchar" : "bpchar", position);
        if (Accept(TokenKind.OpenParen))
        {
            type = type with { Modifiers = [ParsePrecision()] };
            Expect(TokenKind.CloseParen);
            return type;
        }
        return isVarying || isConstant ? type : type with { Modifiers = [new IntegerLiteral("1")] };
    }

    /// <summary>An integer in the place of a type's modifier.</summary>
    private IntegerLiteral ParsePrecision()
    {
        IntegerLiteral literal = new(TokenText.ToString()) { Position = _token.Position };
        ExpectInteger();
        return literal;
    }

    private ValueList<Expression> ParseOptionalPrecision()
    {
        if (!Accept(TokenKind.OpenParen))
            return [];
        ValueList<Expression> precision = [ParsePrecision()];
        Expect(TokenKind.CloseParen);
        return precision;
    }

    private TypeName ParseTime()
    {
        int position = _token.Position;
        string name = Is(Keyword.Time) ? "time" : "timestamp";
        Advance();
        ValueList<Expression> precision = ParseOptionalPrecision();
        bool hasZone = Is(Keyword.With, Keyword.Time);
        if (hasZone || Is(Keyword.Without))
        {
            Advance();
            Expect(Keyword.Time, Keyword.Zone);
        }
        return BuiltIn(hasZone ? name + "tz" : name, position) with { Modifiers = precision };
    }

    private TypeName ParseInterval()
    {
        TypeName type = TakeBuiltIn("interval");
        return Is(TokenKind.OpenParen) ? type with { Modifiers = ParseOptionalPrecision() } : WithIntervalFields(type);
    }

    /// <summary>year, day to second(3) and the like, or nothing.</summary>
    private TypeName WithIntervalFields(TypeName interval)
    {
        Keyword first = _token.Keyword;
        if (first is not (Keyword.Year or Keyword.Month or Keyword.Day or Keyword.Hour or Keyword.Minute
            or Keyword.Second))
            return interval;
        Advance();
        Keyword last = first;
        if (first != Keyword.Second && first != Keyword.Month && Accept(Keyword.To))
        {
            last = _token.Keyword;
            bool isAllowed = first switch
            {
                Keyword.Year => last == Keyword.Month,
                Keyword.Day => last is Keyword.Hour or Keyword.Minute or Keyword.Second,
                Keyword.Hour => last is Keyword.Minute or Keyword.Second,
                _ => last == Keyword.Second,
            };
            if (!isAllowed)
                throw Unexpected();
            Advance();
        }
        string fields = KeywordTable.Word(first) + (last == first ? "" : " to " + KeywordTable.Word(last));
        return interval with
        {
            IntervalFields = fields,
            Modifiers = last == Keyword.Second ? ParseOptionalPrecision() : interval.Modifiers,
        };
    }
}
