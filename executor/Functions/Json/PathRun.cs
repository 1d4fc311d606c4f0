using System.Runtime.CompilerServices;
using VecSQL.Catalog.Paths;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Json;

internal enum PathStatus : byte { Ok, NotFound, Error }

/// <summary>Runs a jsonpath over a value.</summary>
/// <remarks>
/// In lax mode structural errors are passed over; in strict mode, and for errors that are not of structure, the run fails: by an exception,
/// or where errors are kept silent by <see cref="PathStatus.Error"/>. Without a list to fill, it stops at the first item found.
/// Source: PostgreSQL's manual, "The SQL/JSON Path Language", and its answers.
/// </remarks>
internal sealed partial class PathRun
{
    private readonly EvaluationContext _context;
    private readonly JsonPath _path;
    private readonly PathValue _root;
    private readonly PathValue? _variables;
    private readonly bool _usesZone;
    private bool _throws, _ignoresStructure;
    private PathValue _current;
    private int _arraySize = -1; // of the innermost array whose subscripts are computed
    private (PathValue? Value, long Id) _base; // what the ids of .keyvalue() count from
    private long _nextId;

    internal PathRun(JsonPath path, PathValue root, PathValue? variables, bool throws, bool usesZone, EvaluationContext context)
    {
        if (variables is not null && variables.Kind != PathValueKind.Object)
        {
            throw new SqlException(SqlState.InvalidParameterValue, "\"vars\" argument is not an object")
            { Detail = "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object." };
        }
        (_path, _root, _current, _variables) = (path, root, root, variables);
        (_throws, _usesZone, _context) = (throws, usesZone, context);
        _ignoresStructure = path.IsLax;
        _nextId = variables is null ? 1 : 2;
    }

    private bool IsLax => _path.IsLax;

    /// <param name="found">Filled with what is found; null to learn only whether there is anything.</param>
    internal PathStatus Run(List<PathValue>? found)
    {
        if (IsLax || found is not null)
            return Execute(_path.Root, _root, found);
        // Whether there are errors is known only when all has been looked at.
        List<PathValue> all = [];
        PathStatus status = Execute(_path.Root, _root, all);
        return status == PathStatus.Error ? status : all.Count == 0 ? PathStatus.NotFound : PathStatus.Ok;
    }

    private PathStatus Execute(PathItem item, PathValue value, List<PathValue>? found) => Execute(item, value, found, unwraps: IsLax);

    private PathStatus Execute(PathItem item, PathValue value, List<PathValue>? found, bool unwraps)
    {
        _context.Cancellation.ThrowIfCancellationRequested();
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        bool isOfElements = item.Kind is PathItemKind.Key or PathItemKind.AnyKey or PathItemKind.Filter or PathItemKind.Abs
            or PathItemKind.Floor or PathItemKind.Ceiling or PathItemKind.Double or PathItemKind.DateTime or PathItemKind.KeyValue;
        if (unwraps && value.Kind == PathValueKind.Array && isOfElements)
            return ExecuteChildren(item, value, found, unwraps: false);
        switch (item.Kind)
        {
            case PathItemKind.Null:
                return Literal(item, PathValue.Null, found);
            case PathItemKind.True or PathItemKind.False:
                return Literal(item, PathValue.Of(item.Kind == PathItemKind.True), found);
            case PathItemKind.Number:
                return Literal(item, PathValue.Of(item.Number), found);
            case PathItemKind.String:
                return Literal(item, PathValue.Of(item.Text), found);
            case PathItemKind.Variable:
                return WithBase(_variables, 1, () => Next(item, Variable(item.Text), found));
            case PathItemKind.Root:
                return WithBase(_root, 0, () => Next(item, _root, found));
            case PathItemKind.Current:
                return Next(item, _current, found);
            case PathItemKind.Last:
                return Literal(item, PathValue.Of(_arraySize - 1), found);
            case PathItemKind.Key or PathItemKind.AnyKey or PathItemKind.AnyArray or PathItemKind.IndexArray or PathItemKind.Any:
                return Access(item, value, found);
            case PathItemKind.Filter:
                return item.Left is { } filter && Filter(filter, value) == true ? Next(item, value, found) : PathStatus.NotFound;
            case (>= PathItemKind.Or and <= PathItemKind.LikeRegex) or PathItemKind.Not or PathItemKind.IsUnknown or PathItemKind.Exists:
                bool? truth = Test(item, value);
                if (item.Next is null && found is null)
                    return PathStatus.Ok;
                return Next(item, truth is { } known ? PathValue.Of(known) : PathValue.Null, found);
            case >= PathItemKind.Add and <= PathItemKind.Modulo:
                return Arithmetic(item, value, found);
            case PathItemKind.Plus or PathItemKind.Minus:
                return Signed(item, value, found);
            default:
                return CallMethod(item, value, found);
        }
    }

    /// <summary>What comes behind an item, or the value itself.</summary>
    private PathStatus Next(PathItem item, PathValue value, List<PathValue>? found)
    {
        if (item.Next is { } next)
            return Execute(next, value, found);
        found?.Add(value);
        return PathStatus.Ok;
    }

    private PathStatus Literal(PathItem item, PathValue value, List<PathValue>? found) =>
        item.Next is null && found is null ? PathStatus.Ok : Next(item, value, found);

    private PathStatus WithBase(PathValue? value, long id, Func<PathStatus> run)
    {
        (PathValue? Value, long Id) outer = _base;
        _base = (value, id);
        PathStatus status = run();
        _base = outer;
        return status;
    }

    private PathValue Variable(string name)
    {
        if (_variables is null)
            return PathValue.Null;
        return _variables.Field(name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"could not find jsonpath variable \"{name}\"");
    }

    /// <summary>An error that lax mode does not pass over.</summary>
    private PathStatus Fail(SqlState state, string message, string? hint = null) =>
        _throws ? throw new SqlException(state, message, hint: hint) : PathStatus.Error;

    private PathStatus FailStructure(SqlState state, string message) =>
        _ignoresStructure ? PathStatus.NotFound : Fail(state, message);

    /// <summary>Runs without exceptions: for predicates, to which errors are unknown.</summary>
    private PathStatus Silently(Func<PathStatus> run)
    {
        bool throws = _throws;
        _throws = false;
        PathStatus status = run();
        _throws = throws;
        return status;
    }

    /// <summary>The values of an operand, arrays unwrapped in lax mode; null for an error.</summary>
    private List<PathValue>? Operands(PathItem? item, PathValue value, bool unwraps)
    {
        List<PathValue> found = [];
        if (item is null || Execute(item, value, found) == PathStatus.Error)
            return null;
        return unwraps && IsLax
            ? [.. found.SelectMany(static operand => operand.Kind == PathValueKind.Array ? operand.Children() : [operand])]
            : found;
    }

    private PathStatus Arithmetic(PathItem item, PathValue value, List<PathValue>? found)
    {
        if (Operands(item.Left, value, unwraps: true) is not { } lefts || Operands(item.Right, value, unwraps: true) is not { } rights)
            return PathStatus.Error;
        if (lefts is not [{ Kind: PathValueKind.Number } left])
            return NotSingle("left", item);
        if (rights is not [{ Kind: PathValueKind.Number } right])
            return NotSingle("right", item);
        PathValue result;
        try
        {
            result = PathValue.Of(item.Kind switch
            {
                PathItemKind.Add => left.Number + right.Number,
                PathItemKind.Subtract => left.Number - right.Number,
                PathItemKind.Multiply => left.Number * right.Number,
                PathItemKind.Divide => left.Number / right.Number,
                _ => left.Number % right.Number,
            });
        }
        catch (SqlException) when (!_throws)
        {
            return PathStatus.Error;
        }
        return Literal(item, result, found);
    }

    private PathStatus NotSingle(string side, PathItem item) => Fail(SqlState.SingletonJsonItemRequired,
        $"{side} operand of jsonpath operator {item.Symbol} is not a single numeric value");

    private PathStatus Signed(PathItem item, PathValue value, List<PathValue>? found)
    {
        if (Operands(item.Left, value, unwraps: true) is not { } operands)
            return PathStatus.Error;
        PathStatus status = PathStatus.NotFound;
        foreach (PathValue operand in operands)
        {
            bool isLast = found is null && item.Next is null;
            if (operand.Kind != PathValueKind.Number)
            {
                if (isLast)
                    continue;
                return Fail(SqlState.JsonNumberNotFound, $"operand of unary jsonpath operator {item.Symbol} is not a numeric value");
            }
            if (isLast)
                return PathStatus.Ok;
            PathStatus one = Next(item, item.Kind == PathItemKind.Minus ? PathValue.Of(-operand.Number) : operand, found);
            if (one == PathStatus.Error || (one == PathStatus.Ok && found is null))
                return one;
            status = one == PathStatus.Ok ? one : status;
        }
        return status;
    }
}
