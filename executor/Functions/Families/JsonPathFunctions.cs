using System.Buffers;
using System.Text;
using VecSQL.Catalog.Paths;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Json;

namespace VecSQL.Executor.Functions.Families;

/// <summary>jsonb_path_exists and its kin: what a jsonpath finds in a value.</summary>
internal static class JsonPathFunctions
{
    public static void Define(FunctionTable table)
    {
        table.NullableBool("jsonb_path_exists_opr", Exists(isOperator: true, usesZone: false));
        table.NullableBool("jsonb_path_match_opr", Match(isOperator: true, usesZone: false));
        foreach ((string suffix, bool usesZone) in new[] { ("", false), ("_tz", true) })
        {
            table.NullableBool("jsonb_path_exists" + suffix, Exists(isOperator: false, usesZone));
            table.NullableBool("jsonb_path_match" + suffix, Match(isOperator: false, usesZone));
            table.Binary("jsonb_path_query_array" + suffix, (in Row row, BinaryColumnBuilder target) => AppendArray(in row, usesZone, target));
            table.Binary("jsonb_path_query_first" + suffix, (in Row row, BinaryColumnBuilder target) => AppendFirst(in row, usesZone, target));
        }
    }

    /// <summary>All that a path finds; where it fails silently, what it had found by then.</summary>
    internal static List<PathValue> Query(in Row row, bool usesZone)
    {
        List<PathValue> found = [];
        Run(in row, isOperator: false, usesZone, found);
        return found;
    }

    internal static void Append(PathValue value, BinaryColumnBuilder target, EvaluationContext context)
    {
        var text = new ArrayBufferWriter<byte>();
        value.Write(text, context.Format);
        target.Append(text.WrittenSpan);
    }

    private static RowFunction<bool?> Exists(bool isOperator, bool usesZone) => (in Row row) =>
    {
        PathStatus status = Run(in row, isOperator, usesZone, found: null);
        return status == PathStatus.Error ? null : status == PathStatus.Ok;
    };

    private static RowFunction<bool?> Match(bool isOperator, bool usesZone) => (in Row row) =>
    {
        List<PathValue> found = [];
        PathStatus status = Run(in row, isOperator, usesZone, found);
        if (status != PathStatus.Error && found is [{ Kind: PathValueKind.Boolean or PathValueKind.Null } only])
            return only.Kind == PathValueKind.Null ? null : only.IsTrue;
        return IsSilent(in row, isOperator)
            ? null
            : throw new SqlException(SqlState.SingletonJsonItemRequired, "single boolean result is expected");
    };

    private static void AppendArray(in Row row, bool usesZone, BinaryColumnBuilder target)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write("["u8);
        bool isFirst = true;
        foreach (PathValue value in Query(in row, usesZone))
        {
            text.Write(isFirst ? ""u8 : ", "u8);
            value.Write(text, row.Context.Format);
            isFirst = false;
        }
        text.Write("]"u8);
        target.Append(text.WrittenSpan);
    }

    private static void AppendFirst(in Row row, bool usesZone, BinaryColumnBuilder target)
    {
        if (Query(in row, usesZone) is [var first, ..])
            Append(first, target, row.Context);
        else
            target.AppendNull();
    }

    // vars and silent may be left out.
    private static bool IsSilent(in Row row, bool isOperator) => isOperator || (row.Count > 3 && row.Bool(3));

    private static PathStatus Run(in Row row, bool isOperator, bool usesZone, List<PathValue>? found)
    {
        PathValue? variables = isOperator ? null : row.Count > 2 ? PathValue.Read(row.Bytes(2).ToArray()) : PathValue.EmptyObject;
        return new PathRun(
            Paths.Get(row.Bytes(1)), PathValue.Read(row.Bytes(0).ToArray()), variables, !IsSilent(in row, isOperator), usesZone, row.Context).Run(found);
    }

    [ThreadStatic]
    private static LastUsed<JsonPath>? _paths;

    private static LastUsed<JsonPath> Paths => _paths ??= new LastUsed<JsonPath>(static text => JsonPath.Parse(Encoding.UTF8.GetString(text)));
}
