using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Window calls: each becomes a column that a window step computes.</summary>
internal sealed partial class ExpressionBinder
{
    private ColumnExpression BindWindowCall(FunctionCall syntax, CallExpression bound)
    {
        if (!PlaceNames.AllowsWindows(_scope.Place))
        {
            throw new SqlException(SqlState.WindowingError, _scope.Place is ExpressionPlace.WindowPartition
                    or ExpressionPlace.WindowOrder or ExpressionPlace.WindowFrame
                ? "window functions are not allowed in window definitions"
                : $"window functions are not allowed in {PlaceNames.Of(_scope.Place)}", syntax.Position);
        }
        if (syntax.IsDistinct)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "DISTINCT is not implemented for window functions", syntax.Position);
        }
        if (!syntax.OrderBy.IsEmpty)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "aggregate ORDER BY is not implemented for window functions", syntax.Position);
        }
        if (syntax.Filter is not null && bound.Function.Kind == FunctionKind.Window)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "FILTER is not implemented for non-aggregate window functions", syntax.Position);
        }
        ScalarExpression? filter = BindFilter(syntax.Filter);
        if (ColumnSet.UsedBy(bound).Overlaps(_scope.WindowColumns))
            throw new SqlException(SqlState.WindowingError, "window function calls cannot be nested", syntax.Position);
        WindowSpecification over = syntax.Over ?? throw new InvariantException("a window call has no window");
        BoundWindow window = ResolveWindow(over);
        WindowGroup group = FindGroup(window);
        var call = new WindowCall(bound.Type, bound.Function, [.. bound.Arguments], filter, BindFrame(window));
        ColumnExpression column = _state.NewColumn(bound.Type, bound.Function.Name);
        _state.Own(column, _scope);
        _state.Collations.Note(column, call.Arguments);
        group.Calls.Add(new WindowItem(column, call));
        _state.Forms?.Windows.Add(column.ColumnId, (call, FormOf(over, window)));
        _scope.WindowColumns.Add(column.ColumnId);
        return _state.Mark(column with { }, syntax.Position);
    }

    /// <summary>A window as written: by its name where it has one.</summary>
    internal WindowForm FormOf(WindowSpecification syntax, BoundWindow window, string? name = null) =>
        new(name ?? (syntax.IsCopy ? null : syntax.BaseName), syntax, window, BindFrame(window));

    private WindowGroup FindGroup(BoundWindow window)
    {
        WindowGroup? same = _scope.Windows.Find(group =>
            group.PartitionBy.SequenceEqual(window.PartitionBy) && group.OrderBy.SequenceEqual(window.OrderBy));
        if (same is not null)
            return same;
        var added = new WindowGroup { PartitionBy = window.PartitionBy, OrderBy = window.OrderBy };
        _scope.Windows.Add(added);
        return added;
    }

    /// <summary>OVER name, OVER (…), and the definitions of WINDOW.</summary>
    internal BoundWindow ResolveWindow(WindowSpecification syntax)
    {
        BoundWindow? basis = null;
        if (syntax.BaseName is { } name && !_scope.NamedWindows.TryGetValue(name, out basis))
            throw new SqlException(SqlState.UndefinedObject, $"window \"{name}\" does not exist", syntax.Position);
        if (basis is not null && !syntax.IsCopy)
            return basis;
        if (basis is not null)
            CheckRefinement(syntax, basis);
        ImmutableArray<ScalarExpression> partition = basis?.PartitionBy
            ?? _scope.At(ExpressionPlace.WindowPartition, () =>
            ImmutableArray.CreateRange(syntax.PartitionBy.Select(BindPartitionKey)));
        ImmutableArray<SortKey> order = syntax.OrderBy.IsEmpty
            ? basis?.OrderBy ?? []
            : _scope.At(ExpressionPlace.WindowOrder, () =>
                ImmutableArray.CreateRange(syntax.OrderBy.Select(BindSortKey)));
        return new BoundWindow(partition, order, syntax.Frame);
    }

    private static void CheckRefinement(WindowSpecification syntax, BoundWindow basis)
    {
        if (!syntax.PartitionBy.IsEmpty)
        {
            throw new SqlException(SqlState.WindowingError,
                $"cannot override PARTITION BY clause of window \"{syntax.BaseName}\"", syntax.Position);
        }
        if (!syntax.OrderBy.IsEmpty && !basis.OrderBy.IsEmpty)
        {
            throw new SqlException(SqlState.WindowingError,
                $"cannot override ORDER BY clause of window \"{syntax.BaseName}\"", syntax.Position);
        }
        if (basis.Frame is not null)
        {
            throw new SqlException(SqlState.WindowingError,
                $"cannot copy window \"{syntax.BaseName}\" because it has a frame clause", syntax.Position);
        }
    }

    private ScalarExpression BindPartitionKey(Expression syntax)
    {
        ScalarExpression key = BindSettled(syntax);
        if (TypeOperators.Less(key.Type.Oid) is null)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"could not identify an ordering operator for type {TypeFacts.Name(key.Type.Oid)}", Start(syntax),
                "Use an explicit ordering operator or modify the query.");
        }
        return key;
    }

    private WindowFramePlan BindFrame(BoundWindow window)
    {
        if (window.Frame is not { } frame)
        {
            return new WindowFramePlan(WindowFrameUnit.Range, WindowFrameBound.UnboundedPreceding, null,
                WindowFrameBound.CurrentRow, null, WindowFrameExclusion.NoOthers, null);
        }
        CheckFrame(frame, window);
        var unit = (WindowFrameUnit)frame.Unit;
        (ScalarExpression? start, RangeArithmetic? arithmetic) = BindOffset(frame, frame.Start, window);
        (ScalarExpression? end, RangeArithmetic? endArithmetic) = BindOffset(frame, frame.End, window);
        return new WindowFramePlan(unit, (WindowFrameBound)frame.Start.Kind, start, (WindowFrameBound)frame.End.Kind,
            end,
            (WindowFrameExclusion)frame.Exclusion, arithmetic ?? endArithmetic);
    }

    private static void CheckFrame(WindowFrame frame, BoundWindow window)
    {
        string? problem = (frame.Start.Kind, frame.End.Kind) switch
        {
            (FrameBoundKind.UnboundedFollowing, _) => "frame start cannot be UNBOUNDED FOLLOWING",
            (_, FrameBoundKind.UnboundedPreceding) => "frame end cannot be UNBOUNDED PRECEDING",
            (FrameBoundKind.CurrentRow, FrameBoundKind.Preceding) =>
                "frame starting from current row cannot have preceding rows",
            (FrameBoundKind.Following, FrameBoundKind.CurrentRow or FrameBoundKind.Preceding) =>
                "frame starting from following row cannot have preceding rows",
            _ => null,
        };
        if (problem is not null)
            throw new SqlException(SqlState.WindowingError, problem, frame.Position);
        if (frame.Unit == FrameUnit.Groups && window.OrderBy.IsEmpty)
            throw new SqlException(SqlState.WindowingError, "GROUPS mode requires an ORDER BY clause", frame.Position);
    }

    private (ScalarExpression? Offset, RangeArithmetic? Arithmetic) BindOffset(
        WindowFrame frame, FrameBound bound, BoundWindow window)
    {
        if (bound.Offset is not { } syntax)
            return (null, null);
        string unit = frame.Unit.ToString().ToUpperInvariant();
        ScalarExpression offset = _scope.At(ExpressionPlace.WindowFrame, () => Bind(syntax));
        if (ColumnSet.UsedBy(offset).Any(id => _state.OwnerOf(id) == _scope))
        {
            throw new SqlException(SqlState.InvalidColumnReference,
                $"argument of {unit} must not contain variables", Start(syntax));
        }
        if (frame.Unit != FrameUnit.Range)
        {
            ScalarExpression? count = _coercion.TryConvert(offset, SqlType.Int8, CastContext.Assignment, Start(syntax));
            return (count ?? throw new SqlException(SqlState.DatatypeMismatch,
                $"argument of {unit} must be type bigint, not type {TypeFacts.Name(offset.Type.Oid)}", Start(syntax)),
                    null);
        }
        if (window.OrderBy.Length != 1)
        {
            throw new SqlException(SqlState.WindowingError,
                "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column", frame.Position);
        }
        return BindRangeOffset(offset, window.OrderBy[0].Key, Start(syntax));
    }

    private (ScalarExpression Offset, RangeArithmetic? Arithmetic) BindRangeOffset(
        ScalarExpression offset, ScalarExpression key, int position)
    {
        uint keyType = key.Type.Oid;
        ReadOnlySpan<uint> offsetTypes = RangeOffsets.Of(keyType);
        if (offsetTypes.IsEmpty)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {TypeFacts.Name(keyType)}",
                    position);
        }
        // The offset's own type where it may have it; what has none yet is taken for the key's.
        uint wanted = offset.Type.Oid == TypeOid.Unknown ? keyType : offset.Type.Oid;
        uint offsetType = offsetTypes.Contains(wanted) ? wanted : offsetTypes[0];
        ScalarExpression? converted =
            _coercion.TryConvert(offset, new SqlType(offsetType), CastContext.Implicit, position);
        if (converted is null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "RANGE with offset PRECEDING/FOLLOWING is not supported for column type "
                + $"{TypeFacts.Name(keyType)} and offset type {TypeFacts.Name(offset.Type.Oid)}", position,
                "Cast the offset value to an appropriate type.");
        }
        return (converted, RangeOffsets.ArithmeticOf(keyType, offsetType));
    }
}
