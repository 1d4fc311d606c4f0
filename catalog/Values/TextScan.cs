namespace VecSQL.Catalog.Values;

/// <summary>
/// Small steps of reading text values: what C's isspace and isdigit decide in PostgreSQL's input functions.
/// </summary>
internal static class TextScan
{
    internal static bool IsSpace(byte c) => c is (byte)' ' or (>= 9 and <= 13);

    internal static bool IsDigit(byte c) => (uint)(c - '0') <= 9;

    internal static ReadOnlySpan<byte> TrimSpaces(ReadOnlySpan<byte> text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsSpace(text[start]))
            start++;
        while (end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }
}
