using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Paths;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Templates;

namespace VecSQL.Executor.Functions.Json;

// Methods of items.
internal sealed partial class PathRun
{
    /// <summary>Numbers of the base objects of <c>.keyvalue()</c> are as far apart.</summary>
    private const long BaseStep = 10_000_000_000;

    private static readonly DateTemplate[] IsoTemplates =
    [
        .. new[]
        {
            "yyyy-mm-dd", "HH24:MI:SS.USTZH:TZM", "HH24:MI:SS.USTZH", "HH24:MI:SS.US",
            "HH24:MI:SSTZH:TZM", "HH24:MI:SSTZH", "HH24:MI:SS",
            "yyyy-mm-dd HH24:MI:SS.USTZH:TZM", "yyyy-mm-dd HH24:MI:SS.USTZH", "yyyy-mm-dd HH24:MI:SS.US",
            "yyyy-mm-dd HH24:MI:SSTZH:TZM", "yyyy-mm-dd HH24:MI:SSTZH", "yyyy-mm-dd HH24:MI:SS",
            "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH:TZM", "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH", "yyyy-mm-dd\"T\"HH24:MI:SS.US",
            "yyyy-mm-dd\"T\"HH24:MI:SSTZH:TZM", "yyyy-mm-dd\"T\"HH24:MI:SSTZH", "yyyy-mm-dd\"T\"HH24:MI:SS",
        }.Select(DateTemplate.Parse),
    ];

    private PathStatus CallMethod(PathItem item, PathValue value, List<PathValue>? found)
    {
        string name = item.Kind.ToString().ToLowerInvariant();
        switch (item.Kind)
        {
            case PathItemKind.Type:
                return Next(item, PathValue.Of(value.TypeName), found);
            case PathItemKind.Size:
                if (value.Kind != PathValueKind.Array && !IsLax)
                    return FailStructure(SqlState.JsonArrayNotFound, $"jsonpath item method .{name}() can only be applied to an array");
                return Next(item, PathValue.Of(value.Kind == PathValueKind.Array ? JsonValue.CountElements(value.Json.Span) : 1), found);
            case PathItemKind.Abs or PathItemKind.Floor or PathItemKind.Ceiling:
                if (value.Kind != PathValueKind.Number)
                    return Fail(SqlState.NonNumericJsonItem, $"jsonpath item method .{name}() can only be applied to a numeric value");
                return Literal(item, PathValue.Of(item.Kind == PathItemKind.Abs ? SqlNumeric.Abs(value.Number)
                    : item.Kind == PathItemKind.Floor ? value.Number.Floor() : value.Number.Ceiling()), found);
            case PathItemKind.Double:
                return ToDouble(item, value, found);
            case PathItemKind.DateTime:
                return ToDateTime(item, value, found);
            default:
                return KeyValues(item, value, found);
        }
    }

    private PathStatus ToDouble(PathItem item, PathValue value, List<PathValue>? found)
    {
        switch (value.Kind)
        {
            case PathValueKind.Number:
                double number = value.Number.ToDoubleUnchecked();
                return double.IsFinite(number) && (number != 0 || value.Number.IsZero)
                    ? Next(item, value, found)
                    : Fail(SqlState.NonNumericJsonItem,
                        "numeric argument of jsonpath item method .double() is out of range for type double precision");
            case PathValueKind.String:
                return ReadDouble(value.Text) is { } read
                    ? Next(item, PathValue.Of(SqlNumeric.FromDouble(read)), found)
                    : Fail(SqlState.NonNumericJsonItem,
                        "string argument of jsonpath item method .double() is not a valid representation of a double precision number");
            default:
                return Fail(SqlState.NonNumericJsonItem, "jsonpath item method .double() can only be applied to a string or numeric value");
        }
    }

    private double? ReadDouble(string text)
    {
        ColumnBuilder target = ColumnBuilder.Create(PhysicalType.Float64, 1);
        try
        {
            TypeFormats.For(TypeOid.Float8).ReadText(Encoding.UTF8.GetBytes(text), -1, target, _context.Format);
        }
        catch (SqlException)
        {
            return null;
        }
        double value = ((FixedColumn<double>)target.Build())[0];
        return double.IsFinite(value) ? value : null;
    }

    private PathStatus ToDateTime(PathItem item, PathValue value, List<PathValue>? found)
    {
        if (value.Kind != PathValueKind.String)
            return Fail(SqlState.InvalidArgumentForJsonDatetimeFunction, "jsonpath item method .datetime() can only be applied to a string");
        if (item.Left is { } template)
        {
            try
            {
                return Literal(item, PathValue.Of(StrictDateReader.Read(value.Text, DateTemplate.Parse(template.Text))), found);
            }
            catch (SqlException error) when (!_throws && error.State.Code.StartsWith("220", StringComparison.Ordinal))
            {
                return PathStatus.Error;
            }
        }
        foreach (DateTemplate form in IsoTemplates)
        {
            if (TryRead(value.Text, form) is { } read)
                return Literal(item, PathValue.Of(read), found);
        }
        return Fail(SqlState.InvalidArgumentForJsonDatetimeFunction, $"datetime format is not recognized: \"{value.Text}\"",
            "Use a datetime template argument to specify the input data format.");
    }

    private static PathDateTime? TryRead(string text, DateTemplate template)
    {
        try
        {
            return StrictDateReader.Read(text, template);
        }
        catch (SqlException)
        {
            return null;
        }
    }

    private PathStatus KeyValues(PathItem item, PathValue value, List<PathValue>? found)
    {
        if (value.Kind != PathValueKind.Object)
            return Fail(SqlState.JsonObjectNotFound, "jsonpath item method .keyvalue() can only be applied to an object");
        PathStatus status = PathStatus.NotFound;
        long id = (_base.Id * BaseStep) + (_base.Value is { } outer ? outer.OffsetOf(value) : 0);
        foreach ((string key, PathValue member) in value.Fields())
        {
            if (item.Next is null && found is null)
                return PathStatus.Ok;
            PathValue pair = Pair(key, member, id);
            status = WithBase(pair, _nextId++, () => Next(item, pair, found));
            if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                return status;
        }
        return status;
    }

    private PathValue Pair(string key, PathValue member, long id)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(Encoding.UTF8.GetBytes($"{{\"id\": {id}, \"key\": "));
        PathValue.Of(key).Write(text, _context.Format);
        text.Write(", \"value\": "u8);
        member.Write(text, _context.Format);
        text.Write("}"u8);
        return PathValue.Read(text.WrittenMemory);
    }
}
