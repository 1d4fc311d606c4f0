using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Fits text to the lengths of varchar(n), character(n) and name.</summary>
/// <remarks>
/// Too long text is an error unless only spaces are lost; an explicit cast cuts it, as the SQL standard wants.
/// </remarks>
public static class CharacterLengths
{
    public const int NameBytesMax = 63;

    /// <summary>The text, or its first characters.</summary>
    /// <exception cref="SqlException">It is too long (22001).</exception>
    public static ReadOnlySpan<byte> FitVarChar(ReadOnlySpan<byte> text, int lengthMax, bool isExplicit)
    {
        if (lengthMax < 0 || text.Length <= lengthMax)
            return text;
        int kept = Utf8Text.LengthOfCharacters(text, lengthMax);
        if (!isExplicit && !IsBlank(text[kept..]))
            throw TooLong("character varying", lengthMax);
        return text[..kept];
    }

    /// <summary>Appends the text cut or padded to the length; as it is for a length of −1.</summary>
    /// <exception cref="SqlException">It is too long (22001).</exception>
    public static void AppendBpChar(ReadOnlySpan<byte> text, int length, bool isExplicit, BinaryColumnBuilder target)
    {
        if (length < 0)
        {
            target.Append(text);
            return;
        }
        int kept = Utf8Text.LengthOfCharacters(text, length);
        if (kept < text.Length)
        {
            if (!isExplicit && !IsBlank(text[kept..]))
                throw TooLong("character", length);
            target.Append(text[..kept]);
            return;
        }
        int padding = length - Utf8Text.CountCharacters(text);
        Span<byte> room = target.Reserve(text.Length + padding);
        text.CopyTo(room);
        room[text.Length..].Fill((byte)' ');
        target.Commit(text.Length + padding);
    }

    /// <summary>A character(n) value as text: without its trailing spaces.</summary>
    public static ReadOnlySpan<byte> TrimBpChar(ReadOnlySpan<byte> text) => text.TrimEnd((byte)' ');

    public static ReadOnlySpan<byte> FitName(ReadOnlySpan<byte> text) => text[..Utf8Text.ClipBytes(text, NameBytesMax)];

    private static bool IsBlank(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept((byte)' ') < 0;

    private static SqlException TooLong(string type, int length) =>
        new(SqlState.StringDataRightTruncation, $"value too long for type {type}({length})");
}
