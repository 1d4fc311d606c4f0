using System.Runtime.CompilerServices;
using VecSQL.Core.Errors;

namespace VecSQL.Parser.Lexing;

/// <summary>Cuts SQL text into tokens by PostgreSQL's lexical rules, one at a time.</summary>
/// <remarks>
/// Memory: key words and punctuation make no strings; names come from a small cache.
/// Cost:   linear in the text; nothing is scanned more than twice.
/// Source: PostgreSQL manual, "Lexical Structure".
/// </remarks>
internal sealed partial class Lexer(string text, StringRules? strings = null)
{
    private const int OperatorLengthMax = 63;
    private readonly NameCache _names = new();
    private int _at;
    private int _tokenStart;

    private int _literals;

    // Characters outside the basic plane take two UTF-16 units but count once in positions.
    private int _pairsCountedTo;
    private int _pairsSeen;

    // Up to here the text is known to hold only plus and minus signs, each an operator of its own.
    private int _signsEnd;

    internal string Text => text;

    /// <summary>The next token; after the last one <see cref="TokenKind.End"/>, as often as asked.</summary>
    internal Token Read()
    {
        SkipBlanks();
        _tokenStart = _at;
        Token token = new() { Start = _at, Position = PositionOf(_at) };
        if (_at < text.Length)
            ReadInto(ref token);
        if (token.Kind is TokenKind.Integer or TokenKind.LargeInteger or TokenKind.Numeric or TokenKind.String)
            token.Literal = ++_literals;
        token.End = _at;
        return token;
    }

    /// <summary>The character position, from 1, of an offset at or behind all offsets asked for before.</summary>
    internal int PositionOf(int offset)
    {
        if (offset < _pairsCountedTo)
            return CountedFromStart(offset);
        foreach (char c in text.AsSpan(_pairsCountedTo, offset - _pairsCountedTo))
        {
            if (char.IsLowSurrogate(c))
                _pairsSeen++;
        }
        _pairsCountedTo = offset;
        return offset - _pairsSeen + 1;
    }

    /// <summary>The name a token spells: folded to lower case where it was not quoted, cut to 63 bytes.</summary>
    internal string NameOf(in Token token) =>
        token.Value ?? _names.Fold(text.AsSpan(token.Start, token.End - token.Start));

    private int CountedFromStart(int offset)
    {
        int pairs = 0;
        foreach (char c in text.AsSpan(0, offset))
        {
            if (char.IsLowSurrogate(c))
                pairs++;
        }
        return offset - pairs + 1;
    }

    private void ReadInto(ref Token token)
    {
        char c = text[_at];
        if (CharacterClass.IsNameStart(c))
            ReadWord(ref token, c);
        else if (CharacterClass.IsDigit(c))
            ReadNumber(ref token);
        else if (CharacterClass.IsOperatorPart(c))
            ReadOperator(ref token);
        else
            ReadMark(ref token, c);
    }

    private void ReadMark(ref Token token, char c)
    {
        char next = CharAt(_at + 1);
        switch (c)
        {
            case '\'':
                token.Kind = TokenKind.String;
                token.Value = strings is { HasEscapes: true }
                    ? ReadEscaped(_at + 1, strings.Warn)
                    : ReadQuoted(_at + 1, "unterminated quoted string");
                return;
            case '"':
                token.Kind = TokenKind.Identifier;
                token.Value = NameCache.Truncate(ReadDelimitedName(_at + 1));
                return;
            case '$':
                ReadDollar(ref token);
                return;
            case '.' when CharacterClass.IsDigit(next):
                ReadNumber(ref token);
                return;
        }
        (token.Kind, int length) = (c, next) switch
        {
            ('.', '.') => (TokenKind.DotDot, 2),
            ('.', _) => (TokenKind.Dot, 1),
            (':', ':') => (TokenKind.TypeCast, 2),
            (':', '=') => (TokenKind.ColonEqual, 2),
            (':', _) => (TokenKind.Colon, 1),
            (',', _) => (TokenKind.Comma, 1),
            (';', _) => (TokenKind.Semicolon, 1),
            ('(', _) => (TokenKind.OpenParen, 1),
            (')', _) => (TokenKind.CloseParen, 1),
            ('[', _) => (TokenKind.OpenBracket, 1),
            (']', _) => (TokenKind.CloseBracket, 1),
            _ => (TokenKind.Other, 1),
        };
        _at += length;
    }

    private void ReadWord(ref Token token, char first)
    {
        char next = CharAt(_at + 1);
        if (next is '\'' or '&' && TryReadPrefixedString(ref token, first, next))
            return;
        int end = _at + 1;
        while (end < text.Length && CharacterClass.IsNamePart(text[end]))
            end++;
        ReadOnlySpan<char> word = text.AsSpan(_at, end - _at);
        _at = end;
        token.Keyword = FindKeyword(word);
        token.Kind = token.Keyword == Keyword.NoKeyword ? TokenKind.Identifier : TokenKind.Keyword;
    }

    /// <summary>B'…', X'…', N'…', E'…', U&amp;'…' and U&amp;"…".</summary>
    private bool TryReadPrefixedString(ref Token token, char first, char next)
    {
        char afterNext = CharAt(_at + 2);
        switch (char.ToUpperInvariant(first), next)
        {
            case ('B', '\''):
                token.Kind = TokenKind.BinaryString;
                token.Value = ReadQuoted(_at + 2, "unterminated bit string literal");
                return true;
            case ('X', '\''):
                token.Kind = TokenKind.HexString;
                token.Value = ReadQuoted(_at + 2, "unterminated hexadecimal string literal");
                return true;
            case ('N', '\''):
                // national character: the string behind it is read as a constant of type nchar
                token.Kind = TokenKind.Keyword;
                token.Keyword = Keyword.Nchar;
                _at++;
                return true;
            case ('E', '\''):
                token.Kind = TokenKind.String;
                token.Value = ReadEscaped(_at + 2, warn: null);
                return true;
            case ('U', '&') when afterNext == '\'':
                if (strings is { HasEscapes: true })
                    throw UnsafeUnicode();
                token.Kind = TokenKind.String;
                int valueStart = _at + 3;
                token.Value = DecodeUnicode(ReadQuoted(valueStart, "unterminated quoted string"), valueStart);
                return true;
            case ('U', '&') when afterNext == '"':
                token.Kind = TokenKind.Identifier;
                int nameStart = _at + 3;
                token.Value = NameCache.Truncate(DecodeUnicode(ReadDelimitedName(nameStart), nameStart));
                return true;
            default:
                return false;
        }
    }

    private static Keyword FindKeyword(ReadOnlySpan<char> word)
    {
        if (word.Length > KeywordTable.LengthMax)
            return Keyword.NoKeyword;
        Span<char> folded = stackalloc char[KeywordTable.LengthMax];
        for (int index = 0; index < word.Length; index++)
            folded[index] = NameCache.FoldCharacter(word[index]);
        return KeywordTable.Find(folded[..word.Length]);
    }

    private void ReadNumber(ref Token token)
    {
        token.Kind = TokenKind.Integer;
        SkipDigits();
        if (CharAt(_at) == '.' && CharAt(_at + 1) != '.') // 1..2 is a range, not the number "1."
        {
            token.Kind = TokenKind.Numeric;
            _at++;
            SkipDigits();
        }
        if (CharAt(_at) is 'e' or 'E')
        {
            int exponent = CharAt(_at + 1) is '+' or '-' ? _at + 2 : _at + 1;
            if (CharacterClass.IsDigit(CharAt(exponent)))
            {
                token.Kind = TokenKind.Numeric;
                _at = exponent;
                SkipDigits();
            }
            else if (exponent == _at + 2)
            {
                _at = exponent;
                throw Error("trailing junk after numeric literal");
            }
        }
        RefuseJunk("trailing junk after numeric literal");
        if (token.Kind == TokenKind.Integer && !int.TryParse(text.AsSpan(_tokenStart, _at - _tokenStart), out _))
            token.Kind = TokenKind.LargeInteger;
    }

    private void ReadDollar(ref Token token)
    {
        if (CharacterClass.IsDigit(CharAt(_at + 1)))
        {
            token.Kind = TokenKind.Parameter;
            _at++;
            SkipDigits();
            RefuseJunk("trailing junk after parameter");
            return;
        }
        int end = _at + 1;
        if (end < text.Length && CharacterClass.IsNameStart(text[end]))
        {
            while (end < text.Length && CharacterClass.IsNamePart(text[end]) && text[end] != '$')
                end++;
        }
        if (CharAt(end) != '$' || end == text.Length)
        {
            token.Kind = TokenKind.Other;
            _at++;
            return;
        }
        token.Kind = TokenKind.String;
        token.Value = ReadDollarQuoted(end + 1);
    }

    private void RefuseJunk(string message)
    {
        if (_at >= text.Length || !CharacterClass.IsNameStart(text[_at]))
            return;
        while (_at < text.Length && CharacterClass.IsNamePart(text[_at]))
            _at++;
        throw Error(message);
    }

    private void SkipDigits()
    {
        while (_at < text.Length && CharacterClass.IsDigit(text[_at]))
            _at++;
    }

    /// <summary>The character there, or NUL behind the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private char CharAt(int offset) => (uint)offset < (uint)text.Length ? text[offset] : '\0';

    /// <summary>An error at the token being read, quoting it up to here.</summary>
    private SqlException Error(string message) => Error(message, _tokenStart, _at);

    private SqlException Error(string message, int start, int end) =>
        SyntaxErrors.Near(text, message, start, end, PositionOf(start));
}
