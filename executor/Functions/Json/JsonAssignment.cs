using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Json;

/// <summary>jsonb['a'][1] = value: objects, arrays and nulls that the path needs are made on the way.</summary>
internal static class JsonAssignment
{
    private const int GapMax = 100_000_000;

    /// <exception cref="SqlException">22023, 22P02: the path leads into a scalar, before an array, or names a key of an
    /// array.</exception>
    internal static void Assign(
        ReadOnlySpan<byte> json, string[] path, ReadOnlySpan<byte> value, BinaryColumnBuilder target)
    {
        var text = new ArrayBufferWriter<byte>();
        Rewrite(json, path, 0, value, text);
        JsonValue.AppendNormalized(text.WrittenSpan, target);
    }

    private static void Rewrite(
        ReadOnlySpan<byte> json, string[] path, int level, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> text)
    {
        if (level == path.Length)
        {
            text.Write(value);
            return;
        }
        switch (JsonValue.KindOf(json))
        {
            case JsonKind.Object:
                RewriteObject(json, path, level, value, text);
                break;
            case JsonKind.Array:
                RewriteArray(json, path, level, value, text);
                break;
            default:
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key")
                {
                    Detail = "The path assumes key is a composite object, but it is a scalar value.",
                };
        }
    }

    private static void RewriteObject(
        ReadOnlySpan<byte> json, string[] path, int level, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> text)
    {
        byte[] key = Encoding.UTF8.GetBytes(path[level]);
        bool isFirst = true, isFound = false;
        text.Write("{"u8);
        foreach (JsonMember member in new JsonMembers(json))
        {
            JsonEditing.WriteKey(text, member.RawKey, ref isFirst);
            if (member.KeyEquals(key))
            {
                isFound = true;
                Rewrite(member.Value, path, level + 1, value, text);
            }
            else
            {
                text.Write(member.Value);
            }
        }
        if (!isFound)
        {
            text.Write(isFirst ? ""u8 : ","u8);
            JsonStrings.Encode(key, text);
            text.Write(":"u8);
            Make(path, level + 1, value, text);
        }
        text.Write("}"u8);
    }

    private static void RewriteArray(
        ReadOnlySpan<byte> json, string[] path, int level, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> text)
    {
        if (!TryIndex(path[level], out int index))
        {
            throw new SqlException(SqlState.InvalidTextRepresentation,
                $"path element at position {level + 1} is not an integer: \"{path[level]}\"");
        }
        int count = JsonValue.CountElements(json);
        int place = index < 0 ? index + count : index;
        if (place < 0)
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"path element at position {level + 1} is out of range: {index}");
        }
        text.Write("["u8);
        int at = 0;
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
        {
            text.Write(at == 0 ? ""u8 : ","u8);
            if (at++ == place)
                Rewrite(element, path, level + 1, value, text);
            else
                text.Write(element);
        }
        if (place >= count)
            MakeElement(place - count, isFirst: count == 0, path, level, value, text);
        text.Write("]"u8);
    }

    /// <summary>What a path leads to where nothing was: an array for a number, else an object.</summary>
    private static void Make(string[] path, int level, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> text)
    {
        if (level == path.Length)
        {
            text.Write(value);
        }
        else if (TryIndex(path[level], out int index))
        {
            text.Write("["u8);
            MakeElement(index, isFirst: true, path, level, value, text);
            text.Write("]"u8);
        }
        else
        {
            text.Write("{"u8);
            JsonStrings.Encode(Encoding.UTF8.GetBytes(path[level]), text);
            text.Write(":"u8);
            Make(path, level + 1, value, text);
            text.Write("}"u8);
        }
    }

    private static void MakeElement(
        int gap, bool isFirst, string[] path, int level, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> text)
    {
        if (gap > GapMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, "total size of jsonb array elements exceeds the maximum");
        text.Write(isFirst ? ""u8 : ","u8);
        for (int i = 0; i < gap; i++)
            text.Write("null,"u8);
        Make(path, level + 1, value, text);
    }

    private static bool TryIndex(string key, out int index) => int.TryParse(
        key, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out index);
}
