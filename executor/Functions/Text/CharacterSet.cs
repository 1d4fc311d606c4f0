using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>The character sets that bytes are converted between: UTF-8, Latin 1, and none at all.</summary>
internal readonly struct CharacterSet
{
    // Sets that PostgreSQL converts and that are not here: their names are known, so that they are refused as what they are.
    private static readonly HashSet<string> Known =
    [
        "BIG5", "EUCCN", "EUCJP", "EUCJIS2004", "EUCKR", "EUCTW", "GB18030", "GBK", "ISO88595", "ISO88596", "ISO88597",
        "ISO88598", "JOHAB", "KOI8R", "KOI8U", "LATIN2", "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8",
        "LATIN9", "LATIN10", "MULEINTERNAL", "SJIS", "SHIFTJIS2004", "UHC", "WIN866", "WIN874", "WIN1250", "WIN1251",
        "WIN1252", "WIN1253", "WIN1254", "WIN1255", "WIN1256", "WIN1257", "WIN1258",
    ];

    private readonly bool _isLatin1, _isBytes;

    private CharacterSet(bool isLatin1, bool isBytes)
    {
        _isLatin1 = isLatin1;
        _isBytes = isBytes;
    }

    /// <param name="role">What errors call it: source or destination.</param>
    /// <exception cref="SqlException">There is no such set (22023), or it is not here (0A000).</exception>
    public static CharacterSet Named(string name, string role)
    {
        string plain = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return plain switch
        {
            "UTF8" or "UNICODE" => default,
            "LATIN1" or "ISO88591" => new CharacterSet(isLatin1: true, isBytes: false),
            "SQLASCII" => new CharacterSet(isLatin1: false, isBytes: true),
            _ when Known.Contains(plain) => throw new SqlException(SqlState.FeatureNotSupported,
                $"conversion between {name} and UTF8 is not supported"),
            _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid {role} encoding name \"{name}\""),
        };
    }

    /// <summary>The bytes of one set as those of another.</summary>
    /// <exception cref="SqlException">The bytes are no text of the set (22021), or the other lacks a character (22P05).</exception>
    public static byte[] Convert(ReadOnlySpan<byte> text, CharacterSet source, CharacterSet target)
    {
        source.Check(text);
        if (source._isLatin1 == target._isLatin1 || source._isBytes || target._isBytes)
            return text.ToArray();
        if (source._isLatin1)
            return Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(text));
        var result = new List<byte>(text.Length);
        foreach (Rune rune in Encoding.UTF8.GetString(text).EnumerateRunes())
            result.Add(rune.Value <= byte.MaxValue ? (byte)rune.Value : throw Missing(rune));
        return [.. result];
    }

    /// <summary>How many characters the bytes are.</summary>
    /// <exception cref="SqlException">They are no text of the set (22021).</exception>
    public int Count(ReadOnlySpan<byte> text)
    {
        Check(text);
        return _isLatin1 || _isBytes ? text.Length : Utf8Text.CountCharacters(text);
    }

    private void Check(ReadOnlySpan<byte> text)
    {
        if (!_isLatin1 && !_isBytes)
            Utf8Text.Validate(text);
    }

    private static SqlException Missing(Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        string shown = string.Join(' ', bytes[..rune.EncodeToUtf8(bytes)].ToArray().Select(static b => $"0x{b:x2}"));
        return new SqlException(SqlState.UntranslatableCharacter,
            $"character with byte sequence {shown} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"");
    }
}
