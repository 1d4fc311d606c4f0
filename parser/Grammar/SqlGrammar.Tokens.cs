using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private readonly Lexer _lexer;
    private Token _token;
    private Token _next;
    private Token _afterNext;
    private int _peekedCount;
    private int _previousEnd;
    private int _brackets; // that are open here

    private bool Is(TokenKind kind) => _token.Kind == kind;

    private bool Is(Keyword keyword) => _token.Keyword == keyword;

    private bool Is(Keyword first, Keyword second) => _token.Keyword == first && Peek().Keyword == second;

    private ref readonly Token Peek()
    {
        if (_peekedCount == 0)
        {
            _next = _lexer.Read();
            _peekedCount = 1;
        }
        return ref _next;
    }

    private ref readonly Token PeekSecond()
    {
        Peek();
        if (_peekedCount == 1)
        {
            _afterNext = _lexer.Read();
            _peekedCount = 2;
        }
        return ref _afterNext;
    }

    private void Advance()
    {
        _previousEnd = _token.End;
        _memory?.Count(_token.Value?.Length ?? 0);
        if (_token.Kind is TokenKind.OpenParen or TokenKind.OpenBracket)
            _brackets++;
        else if (_token.Kind is TokenKind.CloseParen or TokenKind.CloseBracket)
            _brackets--;
        if (_peekedCount == 0)
        {
            _token = _lexer.Read();
            return;
        }
        _token = _next;
        _next = _afterNext;
        _peekedCount--;
    }

    private bool Accept(TokenKind kind)
    {
        if (_token.Kind != kind)
            return false;
        Advance();
        return true;
    }

    private bool Accept(Keyword keyword)
    {
        if (_token.Keyword != keyword)
            return false;
        Advance();
        return true;
    }

    /// <summary>Both words or neither.</summary>
    private bool Accept(Keyword first, Keyword second)
    {
        if (!Is(first, second))
            return false;
        Advance();
        Advance();
        return true;
    }

    private void Expect(TokenKind kind)
    {
        if (!Accept(kind))
            throw Unexpected();
    }

    private void Expect(Keyword keyword)
    {
        if (!Accept(keyword))
            throw Unexpected();
    }

    private void Expect(Keyword first, Keyword second)
    {
        Expect(first);
        Expect(second);
    }

    /// <summary>The current token cannot stand here.</summary>
    private SqlException Unexpected() => ErrorHere("syntax error");

    private SqlException ErrorHere(string message) =>
        SyntaxErrors.Near(_lexer.Text, message, _token.Start, _token.End, _token.Position);

    private static SqlException Error(string message, int position, string? hint = null) =>
        new(SqlState.SyntaxError, message, position, hint);

    private static SqlException NotSupported(string what, int position) =>
        new(SqlState.FeatureNotSupported, $"{what} not supported", position);

    private bool IsIntegerDigits => _token.Kind is TokenKind.Integer or TokenKind.LargeInteger;

    private bool IsNumber => IsIntegerDigits || Is(TokenKind.Numeric);

    private ReadOnlySpan<char> TokenText => _lexer.Text.AsSpan(_token.Start, _token.End - _token.Start);

    private LiteralNumber TokenNumber => new(_numbersLiterals ? _token.Literal : 0);

    /// <summary>A string constant.</summary>
    private string ExpectString()
    {
        if (_token.Kind != TokenKind.String || _token.Value is not { } value)
            throw Unexpected();
        Advance();
        return value;
    }

    /// <summary>Digits that fit an int.</summary>
    private int ExpectInteger()
    {
        if (!Is(TokenKind.Integer))
            throw Unexpected();
        int value = int.Parse(TokenText);
        Advance();
        return value;
    }

    /// <summary>A number with an optional sign, as a literal.</summary>
    private Expression ParseSignedNumber()
    {
        int position = _token.Position;
        bool isNegative = Is(TokenKind.Minus);
        if (isNegative || Is(TokenKind.Plus))
            Advance();
        if (!IsNumber)
            throw Unexpected();
        Expression number = ParseNumber() with { Position = position };
        return isNegative ? Negate(number) ?? number : number;
    }

    /// <summary>item, item, …</summary>
    private ValueList<T> ParseList<T>(Func<T> parseItem)
    {
        ListBuilder<T> items = default;
        do
            items.Add(parseItem());
        while (Accept(TokenKind.Comma));
        return items.ToList();
    }

    /// <summary>(item, item, …)</summary>
    private ValueList<T> ParseParenthesizedList<T>(Func<T> parseItem)
    {
        Expect(TokenKind.OpenParen);
        ValueList<T> items = ParseList(parseItem);
        Expect(TokenKind.CloseParen);
        return items;
    }
}
