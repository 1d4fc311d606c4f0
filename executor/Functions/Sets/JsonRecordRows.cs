using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Families;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>json[b]_to_recordset and json[b]_populate_recordset.</summary>
internal sealed class JsonRecordRows(string function, CallSite site) : SetFunction
{
    private readonly JsonRecordFunctions.Arguments _arguments = JsonRecordFunctions.Arguments.Of(function, site);

    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var row = new Row(arguments, context);
        if (row.IsNull(_arguments.Json))
            return [];
        ReadOnlySpan<byte> given = _arguments.Given is { } at && !row.IsNull(at) ? row.Bytes(at) : default;
        ReadOnlySpan<byte> wanted = _arguments.Wanted is { } last ? row.Bytes(last) : default;
        ReadOnlySpan<byte> json = row.Bytes(_arguments.Json);
        _arguments.Records.RequireArray(json);
        var target = new BinaryColumnBuilder();
        if (JsonValue.CountElements(json) == 0 && given.IsEmpty)
            _arguments.Records.RequireShape(wanted);
        foreach (ReadOnlySpan<byte> element in new JsonElements(json))
            _arguments.Records.Append(element, given, wanted, target, context);
        int count = target.Length;
        return SetBatches.Split([target.Build()], count);
    }
}
