using VecSQL.Catalog.Paths;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Json;

// What stands behind a value: keys, subscripts, levels.
internal sealed partial class PathRun
{
    private PathStatus Access(PathItem item, PathValue value, List<PathValue>? found)
    {
        switch (item.Kind)
        {
            case PathItemKind.Key when value.Kind == PathValueKind.Object:
                return value.Field(item.Text) is { } field
                    ? Next(item, field, found)
                    : FailStructure(SqlState.JsonMemberNotFound, $"JSON object does not contain key \"{item.Text}\"");
            case PathItemKind.Key:
                return FailStructure(SqlState.JsonMemberNotFound, "jsonpath member accessor can only be applied to an object");
            case PathItemKind.AnyKey:
                return value.Kind == PathValueKind.Object
                    ? ExecuteChildren(item.Next, value, found, unwraps: IsLax)
                    : FailStructure(SqlState.JsonObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object");
            case PathItemKind.AnyArray when value.Kind == PathValueKind.Array:
                return ExecuteChildren(item.Next, value, found, unwraps: IsLax);
            case PathItemKind.AnyArray:
                return IsLax
                    ? Next(item, value, found)
                    : FailStructure(SqlState.JsonArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array");
            case PathItemKind.IndexArray:
                return value.Kind == PathValueKind.Array || IsLax
                    ? Index(item, value, found)
                    : FailStructure(SqlState.JsonArrayNotFound, "jsonpath array accessor can only be applied to an array");
            default:
                return Descend(item, value, found);
        }
    }

    /// <summary>Runs what follows over each element or member's value; without it, finds those.</summary>
    private PathStatus ExecuteChildren(PathItem? next, PathValue value, List<PathValue>? found, bool unwraps)
    {
        PathStatus status = PathStatus.NotFound;
        foreach (PathValue child in value.Children())
        {
            status = Found(next, child, found, unwraps);
            if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                return status;
        }
        return status;
    }

    private PathStatus Found(PathItem? next, PathValue value, List<PathValue>? found, bool unwraps)
    {
        if (next is not null)
            return Execute(next, value, found, unwraps);
        found?.Add(value);
        return PathStatus.Ok;
    }

    private PathStatus Index(PathItem item, PathValue value, List<PathValue>? found)
    {
        List<PathValue> elements = value.Kind == PathValueKind.Array ? value.Children() : [value];
        int outerSize = _arraySize;
        _arraySize = elements.Count;
        PathStatus status = PathStatus.NotFound;
        foreach (PathSubscript subscript in item.Subscripts)
        {
            status = Index(item, value, elements, subscript, found);
            if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                break;
        }
        _arraySize = outerSize;
        return status;
    }

    private PathStatus Index(PathItem item, PathValue value, List<PathValue> elements, PathSubscript subscript, List<PathValue>? found)
    {
        if (Subscript(subscript.From, value, out int from) == PathStatus.Error)
            return PathStatus.Error;
        int to = from;
        if (subscript.To is { } last && Subscript(last, value, out to) == PathStatus.Error)
            return PathStatus.Error;
        if (!_ignoresStructure && (from < 0 || from > to || to >= elements.Count))
            return Fail(SqlState.InvalidJsonSubscript, "jsonpath array subscript is out of bounds");
        PathStatus status = PathStatus.NotFound;
        for (int i = Math.Max(from, 0); i <= Math.Min(to, elements.Count - 1); i++)
        {
            status = Literal(item, elements[i], found);
            if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                return status;
        }
        return status;
    }

    private PathStatus Subscript(PathItem item, PathValue value, out int index)
    {
        index = 0;
        List<PathValue> found = [];
        if (Execute(item, value, found) == PathStatus.Error)
            return PathStatus.Error;
        if (found is not [{ Kind: PathValueKind.Number } number])
            return Fail(SqlState.InvalidJsonSubscript, "jsonpath array subscript is not a single numeric value");
        SqlNumeric whole = number.Number.Truncate();
        if (whole.CompareTo(int.MinValue) < 0 || whole.CompareTo(int.MaxValue) > 0)
            return Fail(SqlState.InvalidJsonSubscript, "jsonpath array subscript is out of integer range");
        index = whole.ToInt32();
        return PathStatus.Ok;
    }

    private PathStatus Descend(PathItem item, PathValue value, List<PathValue>? found)
    {
        PathStatus status = PathStatus.NotFound;
        bool ignores = _ignoresStructure;
        if (item.FirstLevel == 0)
        {
            _ignoresStructure = true;
            status = Next(item, value, found);
            _ignoresStructure = ignores;
            if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                return status;
        }
        if (!value.IsContainer)
            return status;
        PathStatus below = Descend(item, value, found, level: 1);
        return below == PathStatus.NotFound ? status : below;
    }

    private PathStatus Descend(PathItem item, PathValue value, List<PathValue>? found, uint level)
    {
        if (level > item.LastLevel)
            return PathStatus.NotFound;
        PathStatus status = PathStatus.NotFound;
        bool wantsLeaves = item is { FirstLevel: uint.MaxValue, LastLevel: uint.MaxValue };
        foreach (PathValue child in value.Children())
        {
            if (level >= item.FirstLevel || (wantsLeaves && !child.IsContainer))
            {
                bool ignores = _ignoresStructure;
                _ignoresStructure = true;
                status = Found(item.Next, child, found, unwraps: IsLax);
                _ignoresStructure = ignores;
                if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                    return status;
            }
            if (level >= item.LastLevel || !child.IsContainer)
                continue;
            status = Descend(item, child, found, level + 1);
            if (status == PathStatus.Error || (status == PathStatus.Ok && found is null))
                return status;
        }
        return status;
    }
}
