using System.Buffers;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

public enum JsonKind : byte { Null, String, Number, Boolean, Array, Object }

/// <summary>Looks into values of type json and jsonb: checked text, in jsonb's case in its normal form.</summary>
/// <remarks>Values handed out are slices of the text they are in.</remarks>
public static class JsonValue
{
    /// <exception cref="SqlException">The text is not JSON (22P02).</exception>
    public static void Check(ReadOnlySpan<byte> text) => JsonReader.Check(text);

    /// <summary>Checks JSON text and appends its jsonb form.</summary>
    /// <exception cref="SqlException">The text is not JSON (22P02).</exception>
    public static void AppendNormalized(ReadOnlySpan<byte> text, BinaryColumnBuilder target) =>
        JsonNormalizer.Append(text, target);

    public static JsonKind KindOf(ReadOnlySpan<byte> json) => Trim(json)[0] switch
    {
        (byte)'{' => JsonKind.Object,
        (byte)'[' => JsonKind.Array,
        (byte)'"' => JsonKind.String,
        (byte)'t' or (byte)'f' => JsonKind.Boolean,
        (byte)'n' => JsonKind.Null,
        _ => JsonKind.Number,
    };

    /// <summary>What json_typeof answers.</summary>
    public static string NameOf(JsonKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The value of an object's key (the last, if repeated); false for no such key or no object.</summary>
    /// <param name="key">The key without escapes.</param>
    public static bool TryGetField(ReadOnlySpan<byte> json, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        bool isFound = false;
        if (KindOf(json) != JsonKind.Object)
            return false;
        foreach (JsonMember member in new JsonMembers(json))
        {
            if (!member.KeyEquals(key))
                continue;
            value = member.Value;
            isFound = true;
        }
        return isFound;
    }

    /// <summary>
    /// An array's element, counted from 0, or from −1 backwards; false for no such element or no array.
    /// </summary>
    /// <param name="isJsonb">
    /// A scalar counts as an array of itself, as it does for <c>jsonb -&gt; int</c> (not for paths).
    /// </param>
    public static bool TryGetElement(ReadOnlySpan<byte> json, int index, out ReadOnlySpan<byte> value,
        bool isJsonb = false)
    {
        value = default;
        JsonKind kind = KindOf(json);
        if (kind != JsonKind.Array)
        {
            value = json;
            return isJsonb && kind != JsonKind.Object && (index is 0 or -1);
        }
        if (index < 0)
        {
            index += CountElements(json);
            if (index < 0)
                return false;
        }
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
        {
            if (index-- != 0)
                continue;
            value = element;
            return true;
        }
        return false;
    }

    public static int CountElements(ReadOnlySpan<byte> json)
    {
        int count = 0;
        foreach (ReadOnlySpan<byte> _ in new JsonElements(json))
            count++;
        return count;
    }

    /// <summary>Follows keys and indexes, as <c>#&gt;</c> does; the path is an array of text.</summary>
    /// <remarks>
    /// A null in the path makes the result null, which is the caller's to see; here it is a key that is missing.
    /// </remarks>
    public static bool TryGetPath(ReadOnlySpan<byte> json, ArrayValue path, out ReadOnlySpan<byte> value)
    {
        value = Trim(json);
        for (int i = 0; i < path.Count; i++)
        {
            if (path.IsNull(i))
                return false;
            ReadOnlySpan<byte> step = path[i];
            bool isFound = KindOf(value) switch
            {
                JsonKind.Object => TryGetField(value, step, out value),
                JsonKind.Array => TryParseIndex(step, out int index) && TryGetElement(value, index, out value),
                _ => false,
            };
            if (!isFound)
                return false;
        }
        return true;
    }

    /// <summary>
    /// Appends a value as text: a string without quotes and escapes, all else as it is; null becomes SQL's null.
    /// </summary>
    public static void AppendAsText(ReadOnlySpan<byte> value, BinaryColumnBuilder target)
    {
        value = Trim(value);
        switch (KindOf(value))
        {
            case JsonKind.Null:
                target.AppendNull();
                break;
            case JsonKind.String:
                target.Commit(JsonStrings.Decode(value[1..^1], target.Reserve(value.Length)));
                break;
            default:
                target.Append(value);
                break;
        }
    }

    /// <summary>
    /// jsonb's order: object, array, boolean, number, string, null; longer arrays and objects are greater.
    /// </summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        // An empty array on top sorts below scalars; a quirk that indexes made permanent.
        bool isLeftEmpty = left.SequenceEqual("[]"u8), isRightEmpty = right.SequenceEqual("[]"u8);
        if (isLeftEmpty != isRightEmpty && KindOf(isLeftEmpty ? right : left) < JsonKind.Array)
            return isLeftEmpty ? -1 : 1;
        return CompareValues(left, right);
    }

    /// <summary>Whether the left jsonb contains the right one: <c>@&gt;</c>.</summary>
    public static bool Contains(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        JsonKind kind = KindOf(left), other = KindOf(right);
        if (kind == JsonKind.Array && other < JsonKind.Array)
            return HasScalar(left, right); // on top an array may contain a bare scalar
        return kind == other && (kind < JsonKind.Array ? CompareValues(left, right) == 0 : ContainsDeep(left, right));
    }

    /// <summary>Whether a text is a key of an object, a string of an array, or the string itself: <c>?</c>.</summary>
    public static bool HasKey(ReadOnlySpan<byte> json, ReadOnlySpan<byte> key)
    {
        switch (KindOf(json))
        {
            case JsonKind.Object:
                return TryGetField(json, key, out _);
            case JsonKind.Array:
                foreach (ReadOnlySpan<byte> element in new JsonElements(json))
                {
                    if (KindOf(element) == JsonKind.String && StringEquals(element[1..^1], key))
                        return true;
                }
                return false;
            case JsonKind.String:
                return StringEquals(Trim(json)[1..^1], key);
            default:
                return false;
        }
    }

    internal static bool StringEquals(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> text)
    {
        if (raw.IndexOf((byte)'\\') < 0)
            return raw.SequenceEqual(text);
        byte[] decoded = ArrayPool<byte>.Shared.Rent(raw.Length);
        bool isEqual = decoded.AsSpan(0, JsonStrings.Decode(raw, decoded)).SequenceEqual(text);
        ArrayPool<byte>.Shared.Return(decoded);
        return isEqual;
    }

    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> json) => json.Trim(" \t\n\r"u8);

    private static bool TryParseIndex(ReadOnlySpan<byte> text, out int index) =>
        int.TryParse(TextScan.TrimSpaces(text), System.Globalization.NumberStyles.AllowLeadingSign, null, out index);

    private static int CompareValues(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        new JsonReader(left, isJsonb: true).CheckDepth(0);
        JsonKind kind = KindOf(left), other = KindOf(right);
        if (kind != other)
            return Rank(kind).CompareTo(Rank(other));
        switch (kind)
        {
            case JsonKind.Null:
                return 0;
            case JsonKind.Boolean:
                return (left[0] == 't').CompareTo(right[0] == 't');
            case JsonKind.Number:
                return SqlNumeric.Parse(left).CompareTo(SqlNumeric.Parse(right));
            case JsonKind.String:
                return CompareStrings(left[1..^1], right[1..^1]);
            case JsonKind.Array:
                return CompareArrays(left, right);
            default:
                return CompareObjects(left, right);
        }
    }

    private static int CompareArrays(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int order = CountElements(left).CompareTo(CountElements(right));
        var others = new JsonElements(right);
        foreach (ReadOnlySpan<byte> element in new JsonElements(left))
        {
            if (order != 0 || !others.MoveNext())
                break;
            order = CompareValues(element, others.Current);
        }
        return order;
    }

    private static int CompareObjects(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int order = CountMembers(left).CompareTo(CountMembers(right));
        var others = new JsonMembers(right);
        foreach (JsonMember member in new JsonMembers(left))
        {
            if (order != 0 || !others.MoveNext())
                break;
            order = CompareStrings(member.RawKey, others.Current.RawKey);
            if (order == 0)
                order = CompareValues(member.Value, others.Current.Value);
        }
        return order;
    }

    public static int CountMembers(ReadOnlySpan<byte> json)
    {
        int count = 0;
        foreach (JsonMember _ in new JsonMembers(json))
            count++;
        return count;
    }

    private static int CompareStrings(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.IndexOf((byte)'\\') < 0 && right.IndexOf((byte)'\\') < 0)
            return left.SequenceCompareTo(right);
        byte[] x = new byte[left.Length], y = new byte[right.Length];
        int xLength = JsonStrings.Decode(left, x), yLength = JsonStrings.Decode(right, y);
        return x.AsSpan(0, xLength).SequenceCompareTo(y.AsSpan(0, yLength));
    }

    private static bool ContainsDeep(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        new JsonReader(left, isJsonb: true).CheckDepth(0);
        if (KindOf(left) == JsonKind.Object)
        {
            foreach (JsonMember wanted in new JsonMembers(right))
            {
                if (!TryGetRaw(left, wanted.RawKey, out ReadOnlySpan<byte> value)
                    || !ContainsMember(value, wanted.Value))
                    return false;
            }
            return true;
        }
        foreach (ReadOnlySpan<byte> wanted in new JsonElements(right))
        {
            bool isFound = KindOf(wanted) < JsonKind.Array ? HasScalar(left, wanted) : HasContainer(left, wanted);
            if (!isFound)
                return false;
        }
        return true;
    }

    private static bool ContainsMember(ReadOnlySpan<byte> value, ReadOnlySpan<byte> wanted)
    {
        JsonKind kind = KindOf(value);
        return kind == KindOf(wanted)
            && (kind < JsonKind.Array ? CompareValues(value, wanted) == 0 : ContainsDeep(value, wanted));
    }

    // Both are in normal form, where equal keys have equal bytes.
    private static bool TryGetRaw(ReadOnlySpan<byte> json, ReadOnlySpan<byte> rawKey, out ReadOnlySpan<byte> value)
    {
        value = default;
        foreach (JsonMember member in new JsonMembers(json))
        {
            if (!member.RawKey.SequenceEqual(rawKey))
                continue;
            value = member.Value;
            return true;
        }
        return false;
    }

    private static bool HasScalar(ReadOnlySpan<byte> array, ReadOnlySpan<byte> scalar)
    {
        foreach (ReadOnlySpan<byte> element in new JsonElements(array))
        {
            if (KindOf(element) == KindOf(scalar) && CompareValues(element, scalar) == 0)
                return true;
        }
        return false;
    }

    private static bool HasContainer(ReadOnlySpan<byte> array, ReadOnlySpan<byte> container)
    {
        foreach (ReadOnlySpan<byte> element in new JsonElements(array))
        {
            if (KindOf(element) == KindOf(container) && ContainsDeep(element, container))
                return true;
        }
        return false;
    }

    private static int Rank(JsonKind kind) => kind switch
    {
        JsonKind.Null => 0,
        JsonKind.String => 1,
        JsonKind.Number => 2,
        JsonKind.Boolean => 3,
        JsonKind.Array => 4,
        _ => 5,
    };
}
