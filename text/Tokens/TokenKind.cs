namespace VecSQL.Text.Tokens;

/// <summary>What a piece of a text is, numbered as PostgreSQL's default parser numbers its token types.</summary>
public enum TokenKind : byte
{
    None, AsciiWord, Word, NumericWord, Email, Url, Host, Scientific, Version, NumericPart, Part, AsciiPart, Blank, Tag, Protocol,
    NumericCompound, AsciiCompound, Compound, UrlPath, File, Decimal, SignedInteger, UnsignedInteger, Entity,
}

/// <summary>How the kinds of tokens are called.</summary>
public static class TokenKinds
{
    private static readonly (string Alias, string Description)[] Names =
    [
        ("asciiword", "Word, all ASCII"), ("word", "Word, all letters"), ("numword", "Word, letters and digits"),
        ("email", "Email address"), ("url", "URL"), ("host", "Host"), ("sfloat", "Scientific notation"),
        ("version", "Version number"), ("hword_numpart", "Hyphenated word part, letters and digits"),
        ("hword_part", "Hyphenated word part, all letters"), ("hword_asciipart", "Hyphenated word part, all ASCII"),
        ("blank", "Space symbols"), ("tag", "XML tag"), ("protocol", "Protocol head"),
        ("numhword", "Hyphenated word, letters and digits"), ("asciihword", "Hyphenated word, all ASCII"),
        ("hword", "Hyphenated word, all letters"), ("url_path", "URL path"), ("file", "File or path name"),
        ("float", "Decimal notation"), ("int", "Signed integer"), ("uint", "Unsigned integer"), ("entity", "XML entity"),
    ];

    /// <summary>The greatest kind; the others go from 1.</summary>
    public const TokenKind Last = TokenKind.Entity;

    public static string Alias(TokenKind kind) => Names[(int)kind - 1].Alias;

    public static string Description(TokenKind kind) => Names[(int)kind - 1].Description;
}
