using VecSQL.Catalog.Values;

namespace VecSQL.Executor.Functions.Json;

/// <summary>Where PostgreSQL would have a part of a jsonb value, in bytes from its beginning: what the ids of <c>.keyvalue()</c> are made of.</summary>
/// <remarks>
/// A container is a header, an entry of four bytes for each element, key and value, and then their data. Containers and numbers begin at a
/// multiple of four.
/// </remarks>
internal static class JsonbLayout
{
    private const int EntryBytes = 4, HeaderBytes = 4, NumericHeaderBytes = 6, LongNumericHeaderBytes = 8;

    /// <summary>The offset of a part, given as a slice of the whole; 0 where it is none.</summary>
    internal static long OffsetOf(ReadOnlyMemory<byte> whole, ReadOnlyMemory<byte> part)
    {
        if (whole.Length == part.Length || !whole.Span.Overlaps(part.Span, out int at) || at < 0)
            return 0;
        long offset = 0;
        return Walk(whole.Span, at, ref offset) ? offset : 0;
    }

    /// <summary>Moves the offset to the part that begins at a place of the text, or else to the container's end.</summary>
    private static bool Walk(ReadOnlySpan<byte> json, int at, ref long offset)
    {
        if (at == 0)
            return true;
        offset += HeaderBytes;
        if (JsonValue.KindOf(json) == JsonKind.Array)
        {
            offset += EntryBytes * (long)JsonValue.CountElements(json);
            foreach (ReadOnlySpan<byte> element in new JsonElements(json))
            {
                if (Step(json, element, at, ref offset))
                    return true;
            }
            return false;
        }
        offset += 2 * EntryBytes * (long)JsonValue.CountMembers(json);
        foreach (JsonMember member in new JsonMembers(json))
            offset += LengthOf(member.RawKey);
        foreach (JsonMember member in new JsonMembers(json))
        {
            if (Step(json, member.Value, at, ref offset))
                return true;
        }
        return false;
    }

    private static bool Step(ReadOnlySpan<byte> json, ReadOnlySpan<byte> child, int at, ref long offset)
    {
        json.Overlaps(child, out int start);
        switch (JsonValue.KindOf(child))
        {
            case JsonKind.Array or JsonKind.Object:
                offset = Aligned(offset);
                // What does not hold the place is walked to its end.
                return Walk(child, at >= start && at < start + child.Length ? at - start : -1, ref offset);
            case JsonKind.String:
                offset += LengthOf(child[1..^1]);
                return false;
            case JsonKind.Number:
                offset = Aligned(offset) + SizeOf(SqlNumeric.Parse(child));
                return false;
            default:
                return false;
        }
    }

    private static long Aligned(long offset) => (offset + 3) & ~3L;

    private static int LengthOf(ReadOnlySpan<byte> raw) =>
        raw.IndexOf((byte)'\\') < 0 ? raw.Length : JsonStrings.Decode(raw, new byte[raw.Length]);

    /// <summary>A numeric has groups of four digits, none of zeros at its ends.</summary>
    private static int SizeOf(SqlNumeric value)
    {
        string text = SqlNumeric.Abs(value).ToString();
        int point = text.IndexOf('.');
        string whole = (point < 0 ? text : text[..point]).TrimStart('0'), fraction = point < 0 ? "" : text[(point + 1)..];
        int scale = fraction.Length;
        whole = whole.PadLeft((whole.Length + 3) / 4 * 4, '0');
        fraction = fraction.PadRight((fraction.Length + 3) / 4 * 4, '0');
        string digits = whole + fraction;
        int first = 0, last = digits.Length / 4;
        while (first < last && digits.AsSpan(first * 4, 4).SequenceEqual("0000"))
            first++;
        while (last > first && digits.AsSpan((last - 1) * 4, 4).SequenceEqual("0000"))
            last--;
        int weight = (whole.Length / 4) - 1 - first;
        bool isShort = scale <= 63 && weight is >= -64 and <= 63;
        return (isShort ? NumericHeaderBytes : LongNumericHeaderBytes) + (2 * (last - first));
    }
}
