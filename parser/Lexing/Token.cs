namespace VecSQL.Parser.Lexing;

/// <summary>The smallest piece of SQL that has a meaning.</summary>
/// <remarks>
/// Start and End are offsets into the text in UTF-16 units; Position counts characters from 1, as error reports do.
/// </remarks>
internal struct Token
{
    internal TokenKind Kind;
    internal Keyword Keyword;
    internal int Start;
    internal int End;
    internal int Position;

    /// <summary>Which of the text's literals it is, from 1; 0 for what is none. Bit strings are not counted.</summary>
    internal int Literal;

    /// <summary>
    /// The value of a string constant or of a quoted identifier, without quotes and escapes; null for all else.
    /// </summary>
    internal string? Value;
}

internal enum TokenKind : byte
{
    End,
    Identifier,
    Keyword,

    /// <summary>Digits that fit an int.</summary>
    Integer,

    /// <summary>Digits that do not fit an int.</summary>
    LargeInteger,

    /// <summary>A number with point or exponent.</summary>
    Numeric,
    String,

    /// <summary>B'…'; the value is what stands between the quotes.</summary>
    BinaryString,

    /// <summary>X'…'; the value is what stands between the quotes.</summary>
    HexString,

    /// <summary>$n</summary>
    Parameter,

    /// <summary>Any operator that has no kind of its own below.</summary>
    Operator,
    Comma,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    Semicolon,
    Colon,
    Dot,
    DotDot,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Caret,
    Less,
    Greater,
    Equal,
    LessEqual,
    GreaterEqual,
    NotEqual,

    /// <summary>::</summary>
    TypeCast,

    /// <summary>:=</summary>
    ColonEqual,

    /// <summary>=&gt;</summary>
    Arrow,

    /// <summary>A character that begins nothing.</summary>
    Other,
}
