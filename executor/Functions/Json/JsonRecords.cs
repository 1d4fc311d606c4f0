using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Json;

/// <summary>Objects as rows: json_to_record, json_populate_record and their kin.</summary>
/// <param name="function">For messages.</param>
internal sealed class JsonRecords(string function)
{
    /// <summary>The fields of a row: those of the first record, or of the second where there is no first.</summary>
    /// <param name="given">A row whose values those that the object lacks are taken from; empty for none.</param>
    /// <param name="wanted">A row of nulls, as the query defines the columns; empty where it does not.</param>
    internal void Append(
        ReadOnlySpan<byte> json, ReadOnlySpan<byte> given, ReadOnlySpan<byte> wanted, BinaryColumnBuilder target, EvaluationContext context)
    {
        RecordValue shape = ShapeOf(given, wanted);
        RequireObject(json);
        var types = new SqlType[shape.Count];
        byte[][] names = new byte[shape.Count][];
        var columns = new Column[shape.Count];
        for (int i = 0; i < types.Length; i++)
        {
            (types[i], names[i]) = (shape.TypeOf(i), shape.NameOf(i).ToArray());
            ColumnBuilder field = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(types[i].Oid), 1);
            if (JsonValue.TryGetField(json, names[i], out ReadOnlySpan<byte> value))
                Append(value, types[i], field, Encoding.UTF8.GetString(names[i]), context);
            else
                shape.AppendField(i, field);
            columns[i] = field.Build();
        }
        RecordValue.Append(target, types, names, columns, 0);
    }

    /// <exception cref="SqlException">0A000: there is neither; 42804: both, and not alike.</exception>
    private RecordValue ShapeOf(ReadOnlySpan<byte> given, ReadOnlySpan<byte> wanted)
    {
        if (given.IsEmpty)
        {
            return !wanted.IsEmpty ? new RecordValue(wanted) : throw new SqlException(SqlState.FeatureNotSupported,
                $"could not determine row type for result of {function}",
                hint: "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.");
        }
        RecordValue shape = new(given);
        if (!wanted.IsEmpty)
            RequireAlike(shape, new RecordValue(wanted));
        return shape;
    }

    /// <exception cref="SqlException">0A000: nothing says what the columns are.</exception>
    internal void RequireShape(ReadOnlySpan<byte> wanted) => ShapeOf(default, wanted);

    private static void RequireAlike(RecordValue given, RecordValue wanted)
    {
        string? difference = given.Count == wanted.Count ? null
            : $"Returned row contains {given.Count} attribute{(given.Count == 1 ? "" : "s")}, but query expects {wanted.Count}.";
        for (int i = 0; difference is null && i < given.Count; i++)
        {
            if (given.TypeOf(i).Oid != wanted.TypeOf(i).Oid)
            {
                difference = $"Returned type {BuiltinTypes.FormatType(given.TypeOf(i).Oid, null)} at ordinal position {i + 1}, " +
                    $"but query expects {BuiltinTypes.FormatType(wanted.TypeOf(i).Oid, null)}.";
            }
        }
        if (difference is not null)
        {
            throw new SqlException(SqlState.DatatypeMismatch, "function return row and query-specified return row do not match")
            { Detail = difference };
        }
    }

    private void RequireObject(ReadOnlySpan<byte> json)
    {
        JsonKind kind = JsonValue.KindOf(json);
        if (kind == JsonKind.Object)
            return;
        bool isSet = function.EndsWith("set", StringComparison.Ordinal);
        throw new SqlException(SqlState.InvalidParameterValue, isSet
            ? $"argument of {function} must be an array of objects"
            : $"cannot call populate_composite on {(kind == JsonKind.Array ? "an array" : "a scalar")}");
    }

    /// <exception cref="SqlException">22023: no array.</exception>
    internal void RequireArray(ReadOnlySpan<byte> json)
    {
        JsonKind kind = JsonValue.KindOf(json);
        if (kind != JsonKind.Array)
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"cannot call {function} on {(kind == JsonKind.Object ? "an object" : "a scalar")}");
        }
    }

    private static void Append(ReadOnlySpan<byte> json, SqlType type, ColumnBuilder target, string place, EvaluationContext context)
    {
        JsonKind kind = JsonValue.KindOf(json);
        if (kind == JsonKind.Null)
            target.AppendNull();
        else if (type.Oid is TypeOid.Json or TypeOid.Jsonb)
            TypeFormats.For(type.Oid).ReadText(json, -1, target, context.Format);
        else if (kind != JsonKind.String && BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.IsArray)
            AppendArray(json, new SqlType(entry.ElementOid, type.Modifier), (BinaryColumnBuilder)target, place, context);
        else
            TypeFormats.For(type.Oid).ReadText(TextOf(json), type.Modifier, target, context.Format);
    }

    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> json)
    {
        json = json.Trim(" \t\n\r"u8);
        if (json[0] != '"')
            return json;
        byte[] decoded = new byte[json.Length];
        return decoded.AsSpan(0, JsonStrings.Decode(json[1..^1], decoded));
    }

    private static void AppendArray(
        ReadOnlySpan<byte> json, SqlType element, BinaryColumnBuilder target, string place, EvaluationContext context)
    {
        List<int> lengths = [];
        for (ReadOnlySpan<byte> level = json; JsonValue.KindOf(level) == JsonKind.Array;)
        {
            lengths.Add(JsonValue.CountElements(level));
            if (lengths.Count > ArrayValue.DimensionsMax)
                throw Malformed("number of array dimensions exceeds the maximum allowed");
            if (element.Oid is TypeOid.Json or TypeOid.Jsonb || !JsonValue.TryGetElement(level, 0, out level))
                break;
        }
        if (lengths.Count == 0)
            throw NotArray(place);
        ArrayBuilder array = new(element.Oid);
        Fill(json, 0, lengths, element, array, place, context);
        int[] bounds = new int[lengths.Count];
        bounds.AsSpan().Fill(1);
        if (array.Elements.Length == 0)
            array.AppendTo(target);
        else
            array.AppendTo(target, lengths.ToArray(), bounds);
    }

    private static void Fill(
        ReadOnlySpan<byte> json, int level, List<int> lengths, SqlType element, ArrayBuilder array, string place, EvaluationContext context)
    {
        if (level == lengths.Count)
        {
            Append(json, element, array.Elements, place, context);
            return;
        }
        if (JsonValue.KindOf(json) != JsonKind.Array)
            throw NotArray(place);
        if (JsonValue.CountElements(json) != lengths[level])
            throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
        foreach (ReadOnlySpan<byte> part in new JsonElements(json))
            Fill(part, level + 1, lengths, element, array, place, context);
    }

    private static SqlException NotArray(string place) =>
        new(SqlState.InvalidTextRepresentation, "expected JSON array", hint: $"See the value of key \"{place}\".");

    private static SqlException Malformed(string detail) =>
        new(SqlState.InvalidTextRepresentation, "malformed JSON array") { Detail = detail };
}
