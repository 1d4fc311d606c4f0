using System.Buffers;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Json;

namespace VecSQL.Executor.Functions.Families;

/// <summary>json and jsonb: looking in, comparing, converting, building, editing.</summary>
internal static class JsonFunctions
{
    private delegate bool Lookup(in Row row, out ReadOnlySpan<byte> value);

    public static void Define(FunctionTable table)
    {
        foreach (string type in (string[])["json", "jsonb"])
            DefineLookups(table, type);
        DefineComparisons(table);
        DefineConversions(table);
        DefineBuilders(table);
        DefineEdits(table);
    }

    private static void DefineLookups(FunctionTable table, string type)
    {
        Define("object_field", static (in Row row, out ReadOnlySpan<byte> value) =>
            JsonValue.TryGetField(row.Bytes(0), row.Bytes(1), out value));
        if (type == "jsonb")
        {
            Define("array_element", static (in Row row, out ReadOnlySpan<byte> value) =>
                JsonValue.TryGetElement(row.Bytes(0), row.Int4(1), out value, isJsonb: true));
        }
        else
        {
            Define("array_element", static (in Row row, out ReadOnlySpan<byte> value) =>
                JsonValue.TryGetElement(row.Bytes(0), row.Int4(1), out value));
        }
        Define("extract_path", static (in Row row, out ReadOnlySpan<byte> value) =>
            JsonValue.TryGetPath(row.Bytes(0), new ArrayValue(row.Bytes(1)), out value));
        table.Binary(type + "_typeof", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(JsonValue.NameOf(JsonValue.KindOf(row.Bytes(0)))));
        table.Fixed(type + "_array_length", static (in Row row) => JsonValue.KindOf(row.Bytes(0)) switch
        {
            JsonKind.Array => JsonValue.CountElements(row.Bytes(0)),
            JsonKind.Object => throw new SqlException(SqlState.InvalidParameterValue,
                "cannot get array length of a non-array"),
            _ => throw new SqlException(SqlState.InvalidParameterValue, "cannot get array length of a scalar"),
        });

        void Define(string name, Lookup lookup)
        {
            table.Binary($"{type}_{name}", (in Row row, BinaryColumnBuilder target) =>
            {
                if (lookup(in row, out ReadOnlySpan<byte> value))
                    target.Append(value);
                else
                    target.AppendNull();
            });
            table.Binary($"{type}_{name}_text", (in Row row, BinaryColumnBuilder target) =>
            {
                if (lookup(in row, out ReadOnlySpan<byte> value))
                    JsonValue.AppendAsText(value, target);
                else
                    target.AppendNull();
            });
        }
    }

    private static void DefineComparisons(FunctionTable table)
    {
        foreach ((string name, ComparisonKind kind) in ((string, ComparisonKind)[])
            [("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
             ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual)])
        {
            table.Bool("jsonb_" + name, (in Row row) =>
                kind.Holds(JsonValue.Compare(row.Bytes(0), row.Bytes(1))), isTotal: true);
        }
        table.Fixed("jsonb_cmp", static (in Row row) => Math.Sign(JsonValue.Compare(row.Bytes(0), row.Bytes(1))));
        table.Bool("jsonb_contains", static (in Row row) => JsonValue.Contains(row.Bytes(0), row.Bytes(1)));
        table.Bool("jsonb_contained", static (in Row row) => JsonValue.Contains(row.Bytes(1), row.Bytes(0)));
        table.Bool("jsonb_exists", static (in Row row) => JsonValue.HasKey(row.Bytes(0), row.Bytes(1)));
        table.Bool("jsonb_exists_any", static (in Row row) => CountKeys(in row) > 0);
        table.Bool("jsonb_exists_all", static (in Row row) =>
            CountKeys(in row) == CountValues(new ArrayValue(row.Bytes(1))));
    }

    private static int CountKeys(in Row row)
    {
        var keys = new ArrayValue(row.Bytes(1));
        int count = 0;
        for (int i = 0; i < keys.Count; i++)
            count += !keys.IsNull(i) && JsonValue.HasKey(row.Bytes(0), keys[i]) ? 1 : 0;
        return count;
    }

    private static int CountValues(ArrayValue array)
    {
        int count = 0;
        for (int i = 0; i < array.Count; i++)
            count += array.IsNull(i) ? 0 : 1;
        return count;
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Bool("jsonb_bool", static (in Row row) => JsonValue.KindOf(row.Bytes(0)) == JsonKind.Boolean
            ? row.Bytes(0)[0] == 't'
            : throw CannotCast(in row, "boolean"));
        table.Binary("jsonb_numeric", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Number(in row, "numeric")));
        table.Fixed("jsonb_int2", static (in Row row) => Number(in row, "smallint").ToInt16());
        table.Fixed("jsonb_int4", static (in Row row) => Number(in row, "integer").ToInt32());
        table.Fixed("jsonb_int8", static (in Row row) => Number(in row, "bigint").ToInt64());
        table.Fixed("jsonb_float4", static (in Row row) => Number(in row, "real").ToSingle());
        table.Fixed("jsonb_float8", static (in Row row) => Number(in row, "double precision").ToDouble());
        foreach (string name in (string[])["to_json", "array_to_json", "row_to_json"])
            table.Site(name, static site =>
                RowFunctions.Binary((in Row row, BinaryColumnBuilder target) => target.Append(ToJson(in row, site))));
        foreach (string name in (string[])["array_to_json_pretty", "row_to_json_pretty"])
            table.Site(name, static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
                target.Append(ToJson(in row, site, row.Bool(1)))));
        table.Site("to_jsonb", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            JsonValue.AppendNormalized(ToJson(in row, site), target)));
    }

    private static ReadOnlySpan<byte> ToJson(in Row row, CallSite site, bool hasLines = false)
    {
        var text = new ArrayBufferWriter<byte>();
        JsonText.Write(row.Column(0), row.Index, site.Arguments[0], text, row.Context, hasLines);
        return text.WrittenSpan;
    }

    private static SqlNumeric Number(in Row row, string type) => JsonValue.KindOf(row.Bytes(0)) == JsonKind.Number
        ? SqlNumeric.Parse(row.Bytes(0))
        : throw CannotCast(in row, type);

    private static SqlException CannotCast(in Row row, string type)
    {
        JsonKind kind = JsonValue.KindOf(row.Bytes(0));
        string what = kind switch
        {
            JsonKind.Array or JsonKind.Object => JsonValue.NameOf(kind),
            JsonKind.Number => "numeric",
            _ => JsonValue.NameOf(kind),
        };
        return new SqlException(SqlState.InvalidParameterValue, $"cannot cast jsonb {what} to type {type}");
    }

    private static void DefineBuilders(FunctionTable table)
    {
        Build("json", static (text, target) => target.Append(text));
        Build("jsonb", static (text, target) => JsonValue.AppendNormalized(text, target));

        void Build(string type, Action<byte[], BinaryColumnBuilder> append)
        {
            bool isJsonb = type == "jsonb";
            table.Site(type + "_build_object", site =>
                Make(site, (arguments, row) => JsonBuilding.BuildObject(arguments, in row, isJsonb), append));
            table.Site(type + "_build_array", site =>
                Make(site, (arguments, row) => JsonBuilding.BuildArray(arguments, in row), append));
            table.Binary(type + "_build_object_noargs", static (in Row _, BinaryColumnBuilder target) =>
                target.Append("{}"u8));
            table.Binary(type + "_build_array_noargs", static (in Row _, BinaryColumnBuilder target) =>
                target.Append("[]"u8));
            table.Binary(type + "_object", (in Row row, BinaryColumnBuilder target) =>
                append(JsonBuilding.FromPairs(new ArrayValue(row.Bytes(0))), target));
            table.Binary(type + "_object_two_arg", (in Row row, BinaryColumnBuilder target) =>
                append(JsonBuilding.FromKeysAndValues(new ArrayValue(row.Bytes(0)), new ArrayValue(row.Bytes(1))),
                    target));
            table.Binary(type + "_strip_nulls", (in Row row, BinaryColumnBuilder target) =>
            {
                var text = new ArrayBufferWriter<byte>();
                JsonEditing.StripNulls(row.Bytes(0), text);
                append(text.WrittenSpan.ToArray(), target);
            });
        }

        static VectorFunction Make(CallSite site, BuildRow build, Action<byte[], BinaryColumnBuilder> append)
        {
            var arguments = new AnyArguments(site);
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            {
                if (site.IsVariadicArray && row.IsNull(row.Count - 1))
                    target.AppendNull();
                else
                    append(build(arguments, row), target);
            });
        }
    }

    private delegate byte[] BuildRow(AnyArguments arguments, Row row);

    private static void DefineEdits(FunctionTable table)
    {
        table.Binary("jsonb_concat", static (in Row row, BinaryColumnBuilder target) =>
            JsonEditing.Concatenate(row.Bytes(0), row.Bytes(1), target));
        table.Binary("jsonb_delete", static (in Row row, BinaryColumnBuilder target) =>
        {
            byte[] deleted = row.Bytes(1).ToArray();
            JsonEditing.Delete(row.Bytes(0), key => key.SequenceEqual(deleted), target);
        });
        table.Binary("jsonb_delete_array", static (in Row row, BinaryColumnBuilder target) =>
        {
            var keys = new ArrayValue(row.Bytes(1));
            if (keys.Dimensions > 1)
                throw JsonEditing.WrongSubscripts();
            var deleted = new List<byte[]>();
            for (int i = 0; i < keys.Count; i++)
            {
                if (!keys.IsNull(i))
                    deleted.Add(keys[i].ToArray());
            }
            JsonEditing.Delete(row.Bytes(0), key => Holds(deleted, key), target);
        });
        table.Binary("jsonb_delete_idx", static (in Row row, BinaryColumnBuilder target) =>
            JsonEditing.DeleteIndex(row.Bytes(0), row.Int4(1), target));
        table.Binary("jsonb_delete_path", static (in Row row, BinaryColumnBuilder target) =>
            JsonEditing.Change(row.Bytes(0), new ArrayValue(row.Bytes(1)), [], PathChange.Delete, target));
        table.Binary("jsonb_set", static (in Row row, BinaryColumnBuilder target) => JsonEditing.Change(row.Bytes(0),
            new ArrayValue(row.Bytes(1)), row.Bytes(2), row.Count < 4 || row.Bool(3) ? PathChange.Set
                : PathChange.Replace, target));
        table.Binary("jsonb_insert", static (in Row row, BinaryColumnBuilder target) => JsonEditing.Change(row.Bytes(0),
            new ArrayValue(row.Bytes(1)), row.Bytes(2), row.Count > 3 && row.Bool(3) ? PathChange.InsertAfter
                : PathChange.InsertBefore, target));
        table.Binary("jsonb_set_lax", static (in Row row, BinaryColumnBuilder target) => SetLax(in row, target));
        table.Binary("jsonb_pretty", static (in Row row, BinaryColumnBuilder target) =>
        {
            var text = new ArrayBufferWriter<byte>();
            JsonEditing.Pretty(row.Bytes(0), 0, text);
            target.Append(text.WrittenSpan);
        });
    }

    private static bool Holds(List<byte[]> keys, ReadOnlySpan<byte> key)
    {
        foreach (byte[] candidate in keys)
        {
            if (key.SequenceEqual(candidate))
                return true;
        }
        return false;
    }

    private static void SetLax(in Row row, BinaryColumnBuilder target)
    {
        if (row.IsNull(0) || row.IsNull(1) || (row.Count > 3 && row.IsNull(3)))
        {
            target.AppendNull();
            return;
        }
        var path = new ArrayValue(row.Bytes(1));
        PathChange change = row.Count < 4 || row.Bool(3) ? PathChange.Set : PathChange.Replace;
        if (row.Count > 4 && row.IsNull(4))
        {
            throw new SqlException(SqlState.InvalidParameterValue, "null_value_treatment must be "
                + "\"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
        }
        if (!row.IsNull(2))
        {
            JsonEditing.Change(row.Bytes(0), path, row.Bytes(2), change, target);
            return;
        }
        switch (row.Count > 4 ? row.Text(4) : "use_json_null")
        {
            case "raise_exception":
                throw new SqlException(SqlState.NullValueNotAllowed, "JSON value must not be null",
                    hint: "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.");
            case "use_json_null":
                JsonEditing.Change(row.Bytes(0), path, "null"u8, change, target);
                break;
            case "delete_key":
                JsonEditing.Change(row.Bytes(0), path, [], PathChange.Delete, target);
                break;
            case "return_target":
                target.Append(row.Bytes(0));
                break;
            default:
                throw new SqlException(SqlState.InvalidParameterValue, "null_value_treatment must be "
                    + "\"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
        }
    }
}
