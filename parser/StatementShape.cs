using System.Buffers;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser;

/// <summary>A query or data change without the values of its literals: what statements that differ only there have in common.</summary>
/// <remarks>
/// Two texts with equal <see cref="Key"/>s consist of the same tokens but for literals, and where one has a literal the other has one of the
/// same kind: a string, or a number that an int, a bigint or only a numeric holds.
/// Cost: linear in the text; a part of what parsing takes.
/// Threads: immutable.
/// </remarks>
public sealed class StatementShape
{
    private const int LengthMax = 16_384, LiteralsMax = 512;

    private readonly ShapeLiteral[] _literals;

    private StatementShape(string key, string source, Range text, ShapeLiteral[] literals, int parameterMax) =>
        (Key, Source, Place, _literals, ParameterMax) = (key, source, text, literals, parameterMax);

    public string Key { get; }

    /// <summary>The whole text that was read.</summary>
    public string Source { get; }

    /// <summary>Where the statement stands in the text: without blanks, comments and semicolons around it.</summary>
    public Range Place { get; }

    /// <summary>The literals in their order; the number of the first is 1.</summary>
    public ReadOnlySpan<ShapeLiteral> Literals => _literals;

    /// <summary>The highest n of $n; 0 without parameters.</summary>
    public int ParameterMax { get; }

    public ShapeLiteral Literal(int number) => _literals[number - 1];

    /// <summary>The shape of a text; null for one that is not a single query or data change, has hints, reads AS OF SYSTEM TIME, is long, or has mistakes.</summary>
    public static StatementShape? Read(string sql)
    {
        if (sql.Length > LengthMax)
            return null;
        // A literal of one character becomes three, another token takes one more.
        char[] key = ArrayPool<char>.Shared.Rent((3 * sql.Length) + 16);
        try
        {
            return Read(new Lexer(sql), key);
        }
        catch (SqlException)
        {
            return null; // the parser says what is wrong
        }
        finally
        {
            ArrayPool<char>.Shared.Return(key);
        }
    }

    private static StatementShape? Read(Lexer lexer, char[] keyBuffer)
    {
        Token token = lexer.Read();
        if (!Begins(token))
            return null;
        int start = token.Start, end = 0, parameterMax = 0;
        KeyWriter key = new(keyBuffer);
        List<ShapeLiteral>? literals = null;
        Keyword before = Keyword.NoKeyword;
        for (; token.Kind is not (TokenKind.End or TokenKind.Semicolon); token = lexer.Read())
        {
            end = token.End;
            if (token.Kind == TokenKind.Other || (token.Keyword == Keyword.System && before == Keyword.Of))
                return null;
            before = token.Keyword;
            if (token.Literal == 0)
            {
                ReadOnlySpan<char> word = lexer.Text.AsSpan(token.Start, token.End - token.Start);
                if (token.Kind == TokenKind.Parameter)
                {
                    if (!int.TryParse(word[1..], out int number) || number > ushort.MaxValue)
                        return null;
                    parameterMax = Math.Max(parameterMax, number);
                }
                key.Add(word);
                continue;
            }
            ShapeLiteral literal = LiteralOf(lexer.Text, token);
            if (literal.Kind == ShapeLiteralKind.Other || token.Literal > LiteralsMax)
                return null;
            key.Add(Mark(literal.Kind));
            (literals ??= []).Add(literal);
        }
        while (token.Kind == TokenKind.Semicolon)
            token = lexer.Read();
        if (token.Kind != TokenKind.End || lexer.Hints.Count > 0)
            return null;
        return new StatementShape(key.ToString(), lexer.Text, start..end, literals?.ToArray() ?? [], parameterMax);
    }

    private static bool Begins(in Token token) => token.Kind == TokenKind.OpenParen
        || token.Keyword is Keyword.Select or Keyword.Insert or Keyword.Update or Keyword.Delete or Keyword.With or Keyword.Values;

    private static ReadOnlySpan<char> Mark(ShapeLiteralKind kind) => kind switch
    {
        ShapeLiteralKind.Int4 => "\u0001i",
        ShapeLiteralKind.Int8 => "\u0001l",
        ShapeLiteralKind.Numeric => "\u0001n",
        ShapeLiteralKind.Digits => "\u0001d",
        _ => "\u0001s",
    };

    private static ShapeLiteral LiteralOf(string sql, in Token token)
    {
        if (token.Kind == TokenKind.String)
            return new ShapeLiteral(ShapeLiteralKind.String, token.Value ?? "", token.Start, token.End);
        ReadOnlySpan<char> digits = sql.AsSpan(token.Start, token.End - token.Start);
        ShapeLiteralKind kind = token.Kind switch
        {
            TokenKind.Integer => ShapeLiteralKind.Int4,
            TokenKind.Numeric => ShapeLiteralKind.Numeric,
            _ => KindOf(digits),
        };
        return new ShapeLiteral(kind, Grammar.SmallNumbers.TextOf(digits), token.Start, token.End);
    }

    /// <summary>The two numbers whose type a minus sign changes are of no kind.</summary>
    private static ShapeLiteralKind KindOf(ReadOnlySpan<char> digits)
    {
        if (!ulong.TryParse(digits, out ulong value))
            return ShapeLiteralKind.Digits;
        return value switch
        {
            1UL << 31 or 1UL << 63 => ShapeLiteralKind.Other,
            < 1UL << 63 => ShapeLiteralKind.Int8,
            _ => ShapeLiteralKind.Digits,
        };
    }

    private ref struct KeyWriter(Span<char> buffer)
    {
        private readonly Span<char> _buffer = buffer;
        private int _used;

        internal void Add(ReadOnlySpan<char> token)
        {
            token.CopyTo(_buffer[_used..]);
            _used += token.Length;
            _buffer[_used++] = '\n';
        }

        public override readonly string ToString() => new(_buffer[.._used]);
    }
}

/// <param name="Text">A string's value; a number's digits, without a sign.</param>
/// <param name="Start">Where it begins in the text, in UTF-16 units from 0.</param>
/// <param name="End">What follows its last character.</param>
public readonly record struct ShapeLiteral(ShapeLiteralKind Kind, string Text, int Start, int End);

/// <summary>What decides a literal's type, as far as its text does.</summary>
public enum ShapeLiteralKind : byte
{
    String,
    Int4,
    Int8,

    /// <summary>With a point or an exponent.</summary>
    Numeric,

    /// <summary>An integer beyond bigint.</summary>
    Digits,

    /// <summary>What must not be left out.</summary>
    Other,
}
