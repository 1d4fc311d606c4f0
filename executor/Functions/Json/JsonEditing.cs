using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Json;

/// <summary>Changes to json and jsonb values: set, insert, delete, concatenate, strip, lay out.</summary>
internal static class JsonEditing
{
    public static void Concatenate(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, BinaryColumnBuilder target)
    {
        JsonKind x = JsonValue.KindOf(left), y = JsonValue.KindOf(right);
        var text = new ArrayBufferWriter<byte>();
        if (x == JsonKind.Object && y == JsonKind.Object)
        {
            Write(text, "{"u8);
            bool isFirst = true;
            foreach (JsonMember member in new JsonMembers(left))
                WriteMember(text, member.RawKey, member.Value, ref isFirst);
            foreach (JsonMember member in new JsonMembers(right))
                WriteMember(text, member.RawKey, member.Value, ref isFirst); // the last of equal keys stays
            Write(text, "}"u8);
        }
        else
        {
            Write(text, "["u8);
            bool isFirst = true;
            WriteElements(text, left, ref isFirst);
            WriteElements(text, right, ref isFirst);
            Write(text, "]"u8);
        }
        JsonValue.AppendNormalized(text.WrittenSpan, target);
    }

    /// <summary>jsonb - text: removes keys of an object and strings of an array.</summary>
    public static void Delete(
        ReadOnlySpan<byte> json, Func<ReadOnlySpan<byte>, bool> isDeleted, BinaryColumnBuilder target)
    {
        var text = new ArrayBufferWriter<byte>();
        bool isFirst = true;
        switch (JsonValue.KindOf(json))
        {
            case JsonKind.Object:
                Write(text, "{"u8);
                foreach (JsonMember member in new JsonMembers(json))
                {
                    if (!isDeleted(Decoded(member.RawKey)))
                        WriteMember(text, member.RawKey, member.Value, ref isFirst);
                }
                Write(text, "}"u8);
                break;
            case JsonKind.Array:
                Write(text, "["u8);
                foreach (ReadOnlySpan<byte> element in new JsonElements(json))
                {
                    if (JsonValue.KindOf(element) != JsonKind.String || !isDeleted(Decoded(element[1..^1])))
                        WriteElement(text, element, ref isFirst);
                }
                Write(text, "]"u8);
                break;
            default:
                throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from scalar");
        }
        JsonValue.AppendNormalized(text.WrittenSpan, target);
    }

    /// <summary>jsonb - integer: removes an array's element, counted from the end where negative.</summary>
    public static void DeleteIndex(ReadOnlySpan<byte> json, int index, BinaryColumnBuilder target)
    {
        switch (JsonValue.KindOf(json))
        {
            case JsonKind.Object:
                throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from object using integer index");
            case not JsonKind.Array:
                throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from scalar");
        }
        if (index < 0)
            index += JsonValue.CountElements(json);
        var text = new ArrayBufferWriter<byte>();
        Write(text, "["u8);
        bool isFirst = true;
        int at = 0;
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
        {
            if (at++ != index)
                WriteElement(text, element, ref isFirst);
        }
        Write(text, "]"u8);
        JsonValue.AppendNormalized(text.WrittenSpan, target);
    }

    /// <summary>Objects without the members whose value is null, at every depth.</summary>
    public static void StripNulls(ReadOnlySpan<byte> json, ArrayBufferWriter<byte> text)
    {
        bool isFirst = true;
        switch (JsonValue.KindOf(json))
        {
            case JsonKind.Object:
                Write(text, "{"u8);
                foreach (JsonMember member in new JsonMembers(json))
                {
                    if (JsonValue.KindOf(member.Value) == JsonKind.Null)
                        continue;
                    WriteKey(text, member.RawKey, ref isFirst);
                    StripNulls(member.Value, text);
                }
                Write(text, "}"u8);
                break;
            case JsonKind.Array:
                Write(text, "["u8);
                foreach (ReadOnlySpan<byte> element in new JsonElements(json))
                {
                    if (!isFirst)
                        Write(text, ","u8);
                    isFirst = false;
                    StripNulls(element, text);
                }
                Write(text, "]"u8);
                break;
            default:
                Write(text, json.Trim(" \t\n\r"u8));
                break;
        }
    }

    /// <summary>jsonb_pretty: four spaces a level.</summary>
    public static void Pretty(ReadOnlySpan<byte> json, int depth, ArrayBufferWriter<byte> text)
    {
        bool isFirst = true;
        JsonKind kind = JsonValue.KindOf(json);
        if (kind is not (JsonKind.Object or JsonKind.Array))
        {
            Write(text, json);
            return;
        }
        Write(text, kind == JsonKind.Object ? "{"u8 : "["u8);
        if (kind == JsonKind.Object)
        {
            foreach (JsonMember member in new JsonMembers(json))
            {
                NewLine(text, depth + 1, ref isFirst);
                Write(text, [(byte)'"', .. member.RawKey, .. "\": "u8]);
                Pretty(member.Value, depth + 1, text);
            }
        }
        else
        {
            foreach (ReadOnlySpan<byte> element in new JsonElements(json))
            {
                NewLine(text, depth + 1, ref isFirst);
                Pretty(element, depth + 1, text);
            }
        }
        isFirst = true;
        NewLine(text, depth, ref isFirst);
        Write(text, kind == JsonKind.Object ? "}"u8 : "]"u8);
    }

    /// <summary>jsonb_set, jsonb_insert and #-: the value with a change at the end of a path.</summary>
    public static void Change(
        ReadOnlySpan<byte> json, ArrayValue path, ReadOnlySpan<byte> replacement, PathChange change,
            BinaryColumnBuilder target)
    {
        if (path.Dimensions > 1)
            throw WrongSubscripts();
        var keys = new string?[path.Count];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = path.IsNull(i) ? null : Encoding.UTF8.GetString(path[i]);
        if (JsonValue.KindOf(json) is not (JsonKind.Object or JsonKind.Array))
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                change == PathChange.Delete ? "cannot delete path in scalar" : "cannot set path in scalar");
        }
        bool isEmpty = json.Length == 2; // with nothing to delete or replace, whatever the path says
        if (keys.Length == 0 || (isEmpty && change is (PathChange.Delete or PathChange.Replace)))
        {
            target.Append(json);
            return;
        }
        var text = new ArrayBufferWriter<byte>();
        Rewrite(json, keys, 0, replacement, change, text);
        JsonValue.AppendNormalized(text.WrittenSpan, target);
    }

    private static void Rewrite(
        ReadOnlySpan<byte> json, string?[] path, int level, ReadOnlySpan<byte> replacement, PathChange change,
            ArrayBufferWriter<byte> text)
    {
        string key = path[level]
            ?? throw new SqlException(SqlState.NullValueNotAllowed, $"path element at position {level + 1} is null");
        switch (JsonValue.KindOf(json))
        {
            case JsonKind.Object:
                RewriteObject(json, key, path, level, replacement, change, text);
                break;
            case JsonKind.Array:
                RewriteArray(json, key, path, level, replacement, change, text);
                break;
            default:
                Write(text, json); // the path leads into a scalar: nothing there to change
                break;
        }
    }

    private static void RewriteObject(
        ReadOnlySpan<byte> json, string place, string?[] path, int level, ReadOnlySpan<byte> replacement,
        PathChange change, ArrayBufferWriter<byte> text)
    {
        bool isFirst = true, isFound = false, isLast = level == path.Length - 1;
        byte[] key = Encoding.UTF8.GetBytes(place);
        Write(text, "{"u8);
        foreach (JsonMember member in new JsonMembers(json))
        {
            if (!member.KeyEquals(key))
            {
                WriteMember(text, member.RawKey, member.Value, ref isFirst);
                continue;
            }
            isFound = true;
            if (isLast && change == PathChange.Delete)
                continue;
            if (isLast && change is PathChange.InsertBefore or PathChange.InsertAfter)
            {
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key",
                    hint: "Try using the function jsonb_set to replace key value.");
            }
            WriteKey(text, member.RawKey, ref isFirst);
            if (isLast)
                Write(text, replacement);
            else
                Rewrite(member.Value, path, level + 1, replacement, change, text);
        }
        if (!isFound && isLast && change is not (PathChange.Delete or PathChange.Replace))
        {
            byte[] quoted = new byte[JsonStrings.EncodedLengthMax(key)];
            int length = JsonStrings.Encode(key, quoted);
            WriteMember(text, quoted.AsSpan(1, length - 2), replacement, ref isFirst);
        }
        Write(text, "}"u8);
    }

    private static void RewriteArray(
        ReadOnlySpan<byte> json, string place, string?[] path, int level, ReadOnlySpan<byte> replacement,
        PathChange change, ArrayBufferWriter<byte> text)
    {
        if (!int.TryParse(place, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, null,
            out int index))
        {
            throw new SqlException(SqlState.InvalidTextRepresentation,
                $"path element at position {level + 1} is not an integer: \"{place}\"");
        }
        int count = JsonValue.CountElements(json);
        bool isLast = level == path.Length - 1, isFirst = true, adds = isLast
            && change is not (PathChange.Delete or PathChange.Replace);
        if (index < 0)
            index = index + count < 0 ? (adds ? int.MinValue : -1) : index + count;
        Write(text, "["u8);
        if (adds && index == int.MinValue)
            WriteElement(text, replacement, ref isFirst); // before the start: at the start
        int at = 0;
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
        {
            if (at++ != index)
            {
                WriteElement(text, element, ref isFirst);
                continue;
            }
            if (!isLast)
            {
                WriteElement(text, [], ref isFirst);
                Rewrite(element, path, level + 1, replacement, change, text);
                continue;
            }
            if (change == PathChange.InsertBefore)
                WriteElement(text, replacement, ref isFirst);
            if (change != PathChange.Delete)
                WriteElement(text, change is PathChange.Set or PathChange.Replace ? replacement : element, ref isFirst);
            if (change == PathChange.InsertAfter)
                WriteElement(text, replacement, ref isFirst);
        }
        if (adds && index >= count)
            WriteElement(text, replacement, ref isFirst);
        Write(text, "]"u8);
    }

    public static SqlException WrongSubscripts() =>
        new(SqlState.ArraySubscriptError, "wrong number of array subscripts");

    private static byte[] Decoded(ReadOnlySpan<byte> raw)
    {
        byte[] result = new byte[raw.Length];
        return result[..JsonStrings.Decode(raw, result)];
    }

    private static void NewLine(ArrayBufferWriter<byte> text, int depth, ref bool isFirst)
    {
        Write(text, isFirst ? "\n"u8 : ",\n"u8);
        isFirst = false;
        Span<byte> spaces = text.GetSpan(depth * 4);
        spaces[..(depth * 4)].Fill((byte)' ');
        text.Advance(depth * 4);
    }

    private static void WriteElements(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> json, ref bool isFirst)
    {
        if (JsonValue.KindOf(json) != JsonKind.Array)
        {
            WriteElement(text, json, ref isFirst);
            return;
        }
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
            WriteElement(text, element, ref isFirst);
    }

    private static void WriteElement(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> value, ref bool isFirst)
    {
        if (!isFirst)
            Write(text, ","u8);
        isFirst = false;
        Write(text, value);
    }

    private static void WriteMember(
        ArrayBufferWriter<byte> text, ReadOnlySpan<byte> rawKey, ReadOnlySpan<byte> value, ref bool isFirst)
    {
        WriteKey(text, rawKey, ref isFirst);
        Write(text, value);
    }

    internal static void WriteKey(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> rawKey, ref bool isFirst)
    {
        Write(text, isFirst ? "\""u8 : ",\""u8);
        isFirst = false;
        Write(text, rawKey);
        Write(text, "\":"u8);
    }

    private static void Write(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> bytes) =>
        BuffersExtensions.Write(text, bytes);
}

/// <summary>What happens at the end of a path.</summary>
internal enum PathChange : byte
{
    /// <summary>Replaces the value, or adds it.</summary>
    Set,

    /// <summary>Replaces the value only where there is one.</summary>
    Replace,
    InsertBefore,
    InsertAfter,
    Delete,
}
