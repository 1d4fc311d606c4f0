using System.Buffers;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Json;

/// <summary>json_build_object, json_object and their kind.</summary>
internal static class JsonBuilding
{
    /// <summary>Writes a value as an object's key: always a string, and only of a scalar.</summary>
    public static void WriteKey(
        Column column, int row, SqlType type, IBufferWriter<byte> target, EvaluationContext context)
    {
        bool isArray = BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.IsArray;
        if (isArray || type.Oid is TypeOid.Record or TypeOid.Json or TypeOid.Jsonb)
            throw new SqlException(SqlState.InvalidParameterValue,
                "key value must be scalar, not array, composite, or json");
        if (type.Oid == TypeOid.Bool)
        {
            target.Write(((BoolColumn)column)[row] ? "\"true\""u8 : "\"false\""u8);
            return;
        }
        var text = new ArrayBufferWriter<byte>();
        Catalog.Formats.TypeFormats.For(type.Oid).WriteText(column, row, text, context.Format);
        JsonStrings.Encode(text.WrittenSpan, target);
    }

    /// <summary>Keys and values in turn, as text of an object.</summary>
    public static byte[] BuildObject(AnyArguments arguments, in Row row, bool isJsonb)
    {
        Column[] columns = arguments.Columns(in row, out int at);
        string name = isJsonb ? "jsonb" : "json";
        if (columns.Length % 2 != 0)
        {
            throw new SqlException(SqlState.InvalidParameterValue, "argument list must have even number of elements",
                hint: $"The arguments of {name}_build_object() must consist of alternating keys and values.");
        }
        var text = new ArrayBufferWriter<byte>();
        text.Write("{"u8);
        for (int i = 0; i < columns.Length; i += 2)
        {
            if (i > 0)
                text.Write(", "u8);
            if (columns[i].IsNull(at))
            {
                throw isJsonb
                    ? new SqlException(SqlState.InvalidParameterValue, $"argument {i + 1}: key must not be null")
                    : new SqlException(SqlState.InvalidParameterValue, $"argument {i + 1} cannot be null",
                        hint: "Object keys should be text.");
            }
            WriteKey(columns[i], at, arguments.TypeOf(i, columns.Length), text, row.Context);
            text.Write(" : "u8);
            JsonText.Write(columns[i + 1], at, arguments.TypeOf(i + 1, columns.Length), text, row.Context);
        }
        text.Write("}"u8);
        return text.WrittenSpan.ToArray();
    }

    public static byte[] BuildArray(AnyArguments arguments, in Row row)
    {
        Column[] columns = arguments.Columns(in row, out int at);
        var text = new ArrayBufferWriter<byte>();
        text.Write("["u8);
        for (int i = 0; i < columns.Length; i++)
        {
            if (i > 0)
                text.Write(", "u8);
            JsonText.Write(columns[i], at, arguments.TypeOf(i, columns.Length), text, row.Context);
        }
        text.Write("]"u8);
        return text.WrittenSpan.ToArray();
    }

    /// <summary>json_object(text[]): pairs in one array, or rows of two.</summary>
    public static byte[] FromPairs(ArrayValue pairs)
    {
        if (pairs.Dimensions > 2 || (pairs.Dimensions == 2 && pairs.Length(1) != 2))
        {
            throw new SqlException(SqlState.ArraySubscriptError,
                pairs.Dimensions == 2 ? "array must have two columns" : "wrong number of array subscripts");
        }
        if (pairs.Count % 2 != 0)
            throw new SqlException(SqlState.ArraySubscriptError, "array must have even number of elements");
        var text = new ArrayBufferWriter<byte>();
        text.Write("{"u8);
        for (int i = 0; i < pairs.Count; i += 2)
            WritePair(text, i == 0, pairs, i, pairs, i + 1);
        text.Write("}"u8);
        return text.WrittenSpan.ToArray();
    }

    public static byte[] FromKeysAndValues(ArrayValue keys, ArrayValue values)
    {
        if (keys.Dimensions > 1 || values.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        if (keys.Count != values.Count)
            throw new SqlException(SqlState.ArraySubscriptError, "mismatched array dimensions");
        var text = new ArrayBufferWriter<byte>();
        text.Write("{"u8);
        for (int i = 0; i < keys.Count; i++)
            WritePair(text, i == 0, keys, i, values, i);
        text.Write("}"u8);
        return text.WrittenSpan.ToArray();
    }

    private static void WritePair(
        ArrayBufferWriter<byte> text, bool isFirst, ArrayValue keys, int key, ArrayValue values, int value)
    {
        if (keys.IsNull(key))
            throw new SqlException(SqlState.NullValueNotAllowed, "null value not allowed for object key");
        if (!isFirst)
            text.Write(", "u8);
        JsonStrings.Encode(keys[key], text);
        text.Write(" : "u8);
        if (values.IsNull(value))
            text.Write("null"u8);
        else
            JsonStrings.Encode(values[value], text);
    }
}

/// <summary>The arguments of a VARIADIC "any" function: columns of their own, or the elements of one array.</summary>
internal sealed class AnyArguments(CallSite site, int first = 0)
{
    public SqlType TypeOf(int index, int count) =>
        site.IsVariadicArray && first + index >= site.Arguments.Count - 1 && count >= 0
        ? new SqlType(BuiltinTypes.ElementOf(site.Arguments[^1].Oid))
        : site.Arguments[first + index];

    /// <summary>The arguments as columns, and the row of them to read.</summary>
    public Column[] Columns(in Row row, out int at)
    {
        if (!site.IsVariadicArray)
        {
            var columns = new Column[site.Arguments.Count - first];
            for (int i = 0; i < columns.Length; i++)
                columns[i] = row.Column(first + i);
            at = row.Index;
            return columns;
        }
        at = 0;
        int last = site.Arguments.Count - 1, before = last - first;
        Column elements = row.IsNull(last) ? Column.Nulls(PhysicalType.Binary, 0)
            : new ArrayValue(row.Bytes(last)).ToColumn();
        var all = new Column[before + elements.Length];
        for (int i = 0; i < before; i++)
            all[i] = row.Column(first + i).Broadcast(row.Index, 1);
        for (int i = 0; i < elements.Length; i++)
            all[before + i] = elements.Broadcast(i, 1);
        return all;
    }

    /// <summary>The arguments' text forms; null for nulls.</summary>
    public string?[] Texts(in Row row)
    {
        Column[] columns = Columns(in row, out int at);
        var texts = new string?[columns.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            if (columns[i].IsNull(at))
                continue;
            var text = new ArrayBufferWriter<byte>();
            Catalog.Formats.TypeFormats.For(TypeOf(i, columns.Length).Oid).WriteText(columns[i], at, text,
                row.Context.Format);
            texts[i] = Encoding.UTF8.GetString(text.WrittenSpan);
        }
        return texts;
    }
}
