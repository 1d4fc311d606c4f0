using VecSQL.Catalog.Values;

namespace VecSQL.Executor.Functions.Json;

/// <summary>Where PostgreSQL would have the containers in a jsonb value, in bytes from its beginning: what the ids of <c>.keyvalue()</c>
/// are made of.</summary>
/// <remarks>
/// A container is a header, an entry of four bytes for each element, key and value, and then their data. Containers and numbers begin at a
/// multiple of four.
/// </remarks>
internal sealed class JsonbLayout
{
    private const int EntryBytes = 4, HeaderBytes = 4, NumericHeaderBytes = 6, LongNumericHeaderBytes = 8;

    private readonly Dictionary<int, long> _offsets = []; // by where containers begin in the text

    internal JsonbLayout(ReadOnlySpan<byte> json)
    {
        long offset = 0;
        LayOut(json, 0, ref offset);
    }

    /// <summary>The offset of the container that begins at a place of the text; 0 where none does.</summary>
    internal long OffsetAt(int place) => _offsets.GetValueOrDefault(place);

    /// <summary>Notes a container and those in it, and moves the offset to its end.</summary>
    private void LayOut(ReadOnlySpan<byte> json, int place, ref long offset)
    {
        _offsets.Add(place, offset);
        offset += HeaderBytes;
        if (JsonValue.KindOf(json) == JsonKind.Array)
        {
            offset += EntryBytes * (long)JsonValue.CountElements(json);
            foreach (ReadOnlySpan<byte> element in new JsonElements(json))
                Step(json, place, element, ref offset);
            return;
        }
        offset += 2 * EntryBytes * (long)JsonValue.CountMembers(json);
        foreach (JsonMember member in new JsonMembers(json))
            offset += LengthOf(member.RawKey);
        foreach (JsonMember member in new JsonMembers(json))
            Step(json, place, member.Value, ref offset);
    }

    private void Step(ReadOnlySpan<byte> json, int place, ReadOnlySpan<byte> child, ref long offset)
    {
        switch (JsonValue.KindOf(child))
        {
            case JsonKind.Array or JsonKind.Object:
                json.Overlaps(child, out int start);
                offset = Aligned(offset);
                LayOut(child, place + start, ref offset);
                break;
            case JsonKind.String:
                offset += LengthOf(child[1..^1]);
                break;
            case JsonKind.Number:
                offset = Aligned(offset) + SizeOf(SqlNumeric.Parse(child));
                break;
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
