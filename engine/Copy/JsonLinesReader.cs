using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Copy;

/// <summary>JSON lines: an object a line, whose keys are columns. A column without a key is null; a key without a column is an
/// error; of a key that comes twice the last counts.</summary>
/// <remarks>
/// Values: strings are read as the type's text; arrays fill SQL arrays, and vectors; json and jsonb take any value as it stands.
/// </remarks>
internal sealed class JsonLinesReader : CopyReader
{
    private readonly byte[][] _names;
    private readonly int[] _starts, _lengths; // of each column's value in the line; length 0 where there is none
    private int _scanned;

    internal JsonLinesReader(string relation, ReadOnlySpan<CopyColumn> columns, FormatContext context)
        : base(relation, columns, context)
    {
        _names = [.. Columns.Select(static column => Encoding.UTF8.GetBytes(column.Name))];
        _starts = new int[_names.Length];
        _lengths = new int[_names.Length];
    }

    private protected override int ReadRow(ReadOnlySpan<byte> data, bool isLast)
    {
        int end = data[_scanned..].IndexOf((byte)'\n');
        if (end < 0 && !isLast)
        {
            _scanned = data.Length;
            return 0;
        }
        int length = end < 0 ? data.Length : _scanned + end;
        _scanned = 0;
        Line++;
        ReadOnlySpan<byte> line = data[..length].Trim(" \t\r"u8);
        if (!line.IsEmpty)
            TakeLine(line);
        return end < 0 ? length : length + 1;
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        try
        {
            Utf8Text.Validate(line);
            JsonValue.Check(line);
        }
        catch (SqlException error)
        {
            throw error.In($"COPY {Relation}, line {Line}");
        }
        if (JsonValue.KindOf(line) != JsonKind.Object)
            throw BadLine("a line of JSON is not an object", line);
        _lengths.AsSpan().Clear();
        int expected = 0;
        foreach (JsonMember member in new JsonMembers(line))
        {
            int column = Find(member, expected);
            if (column < 0)
                throw BadLine($"column \"{Encoding.UTF8.GetString(member.RawKey)}\" of the line is not among those copied", line);
            expected = column + 1;
            line.Overlaps(member.Value, out _starts[column]);
            _lengths[column] = member.Value.Length;
        }
        for (int i = 0; i < _names.Length; i++)
        {
            if (_lengths[i] == 0)
                Rows.Columns[i].AppendNull();
            else
                Append(i, line.Slice(_starts[i], _lengths[i]));
        }
        Rows.EndRow();
    }

    /// <summary>The column of a key; columns mostly come in their order.</summary>
    private int Find(JsonMember member, int expected)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            int column = (expected + i) % _names.Length;
            if (member.KeyEquals(_names[column]))
                return column;
        }
        return -1;
    }

    private void Append(int column, ReadOnlySpan<byte> json)
    {
        try
        {
            Append(json, Columns[column].Type, Rows.Columns[column]);
        }
        catch (SqlException error)
        {
            throw error.In($"COPY {Relation}, line {Line}, column {Columns[column].Name}");
        }
    }

    private void Append(ReadOnlySpan<byte> json, SqlType type, ColumnBuilder target)
    {
        json = json.Trim(" \t\r\n"u8);
        JsonKind kind = JsonValue.KindOf(json);
        if (kind == JsonKind.Null)
            target.AppendNull();
        else if (type.Oid is TypeOid.Json or TypeOid.Jsonb)
            TypeFormats.For(type.Oid).ReadText(json, -1, target, Context);
        else if (kind == JsonKind.Array && BuiltinTypes.ElementOf(type.Oid) is var element and not 0)
            AppendArray(json, new SqlType(element, type.Modifier), (BinaryColumnBuilder)target);
        else
            TypeFormats.For(type.Oid).ReadText(kind == JsonKind.String ? Unquoted(json) : json, type.Modifier, target, Context);
    }

    private void AppendArray(ReadOnlySpan<byte> json, SqlType element, BinaryColumnBuilder target)
    {
        List<int> lengths = [];
        for (ReadOnlySpan<byte> level = json; JsonValue.KindOf(level) == JsonKind.Array;)
        {
            lengths.Add(JsonValue.CountElements(level));
            bool holdsArrays = element.Oid is TypeOid.Json or TypeOid.Jsonb or TypeOid.Vector or TypeOid.HalfVector;
            if (lengths.Count > ArrayValue.DimensionsMax)
                throw Malformed("number of array dimensions exceeds the maximum allowed");
            if (holdsArrays || !JsonValue.TryGetElement(level, 0, out level))
                break;
        }
        ArrayBuilder array = new(element.Oid);
        Fill(json, 0, lengths, element, array);
        if (array.Elements.Length == 0)
        {
            array.AppendTo(target);
            return;
        }
        int[] bounds = new int[lengths.Count];
        bounds.AsSpan().Fill(1);
        array.AppendTo(target, lengths.ToArray(), bounds);
    }

    private void Fill(ReadOnlySpan<byte> json, int level, List<int> lengths, SqlType element, ArrayBuilder array)
    {
        if (level == lengths.Count)
        {
            Append(json, element, array.Elements);
            return;
        }
        if (JsonValue.KindOf(json) != JsonKind.Array || JsonValue.CountElements(json) != lengths[level])
            throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
        foreach (ReadOnlySpan<byte> part in new JsonElements(json))
            Fill(part, level + 1, lengths, element, array);
    }

    private static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> json)
    {
        byte[] decoded = new byte[json.Length];
        return decoded.AsSpan(0, JsonStrings.Decode(json[1..^1], decoded));
    }

    private static SqlException Malformed(string detail) =>
        new(SqlState.InvalidTextRepresentation, "malformed JSON array") { Detail = detail };
}
