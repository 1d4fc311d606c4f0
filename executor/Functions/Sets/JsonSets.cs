using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>json[b]_array_elements[_text].</summary>
internal sealed class JsonArrayRows(string name, bool asText) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        ReadOnlySpan<byte> json = ((BinaryColumn)arguments[0])[0];
        JsonKind kind = JsonValue.KindOf(json);
        if (kind != JsonKind.Array)
            throw JsonErrors.NotArray(name, kind);
        var target = new BinaryColumnBuilder();
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
        {
            if (asText)
                JsonValue.AppendAsText(element, target);
            else
                target.Append(element);
        }
        int count = target.Length;
        return SetBatches.Split([target.Build()], count);
    }
}

internal enum JsonMemberColumns : byte { Key, KeyAndValue, KeyAndText }

/// <summary>json[b]_each[_text] and json[b]_object_keys.</summary>
internal sealed class JsonMemberRows(string name, JsonMemberColumns columns) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        ReadOnlySpan<byte> json = ((BinaryColumn)arguments[0])[0];
        JsonKind kind = JsonValue.KindOf(json);
        if (kind != JsonKind.Object)
            throw JsonErrors.NotObject(name, kind);
        BinaryColumnBuilder keys = new(), values = new();
        foreach (JsonMember member in new JsonMembers(json))
        {
            member.AppendKey(keys);
            if (columns == JsonMemberColumns.KeyAndText)
                JsonValue.AppendAsText(member.Value, values);
            else if (columns == JsonMemberColumns.KeyAndValue)
                values.Append(member.Value);
        }
        int count = keys.Length;
        return SetBatches.Split(columns == JsonMemberColumns.Key ? [keys.Build()]
            : [keys.Build(), values.Build()], count);
    }
}

/// <summary>What functions over json say of the wrong kind of value; json's and jsonb's words differ.</summary>
internal static class JsonErrors
{
    public static SqlException NotArray(string function, JsonKind kind) => kind == JsonKind.Object
        ? Invalid(IsJsonb(function) ? "cannot extract elements from an object"
            : $"cannot call {function} on a non-array")
        : Invalid(IsJsonb(function) ? "cannot extract elements from a scalar" : $"cannot call {function} on a scalar");

    public static SqlException NotObject(string function, JsonKind kind)
    {
        if (function.EndsWith("object_keys", StringComparison.Ordinal))
            return Invalid($"cannot call {function} on {(kind == JsonKind.Array ? "an array" : "a scalar")}");
        return IsJsonb(function)
            ? Invalid($"cannot call {function} on a non-object")
            : Invalid(kind == JsonKind.Array ? "cannot deconstruct an array as an object"
                : "cannot deconstruct a scalar");
    }

    private static bool IsJsonb(string function) => function.StartsWith("jsonb", StringComparison.Ordinal);

    private static SqlException Invalid(string message) => new(SqlState.InvalidParameterValue, message);
}

/// <summary>jsonb_path_query.</summary>
internal sealed class JsonPathRows(bool usesZone) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var target = new BinaryColumnBuilder();
        foreach (Json.PathValue value in Families.JsonPathFunctions.Query(new Row(arguments, context), usesZone))
            Families.JsonPathFunctions.Append(value, target, context);
        int count = target.Length;
        return SetBatches.Split([target.Build()], count);
    }
}
