using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Aggregate calls: each becomes a column of the query level that its arguments belong to.</summary>
internal sealed partial class ExpressionBinder
{
    private ColumnExpression BindAggregate(FunctionCall syntax, CallExpression bound)
    {
        // To tell values apart they need a type, which count('x') could do without.
        ImmutableArray<ScalarExpression> arguments = syntax.IsDistinct
            ? [.. bound.Arguments.Select(_coercion.Settle)]
            : [.. bound.Arguments];
        ImmutableArray<SortKey> order = [.. syntax.OrderBy.Select(BindSortKey)];
        if (syntax.IsDistinct)
            CheckDistinct(syntax, arguments, ref order);
        var call = new AggregateCall(
            bound.Type, bound.Function, arguments, [], syntax.IsDistinct, order, BindFilter(syntax.Filter));
        return AddAggregate(call, syntax.Position);
    }

    private ScalarExpression? BindFilter(Expression? filter) =>
        filter is null ? null : _scope.At(ExpressionPlace.Filter, () => BindCondition(filter, "FILTER"));

    private static void CheckDistinct(
        FunctionCall syntax, ImmutableArray<ScalarExpression> arguments, ref ImmutableArray<SortKey> order)
    {
        foreach (ScalarExpression argument in arguments)
        {
            if (TypeOperators.Equality(argument.Type.Oid) is null)
            {
                throw new SqlException(SqlState.UndefinedFunction,
                    $"could not identify an equality operator for type {TypeFacts.Name(argument.Type.Oid)}",
                    syntax.Position);
            }
        }
        for (int i = 0; i < order.Length; i++)
        {
            ScalarExpression key = order[i].Key;
            // An argument is known by what was written, not by what its type was converted to.
            if (arguments.FirstOrDefault(argument => Written(argument).Equals(key)) is { } same)
            {
                order = order.SetItem(i, order[i] with { Key = same });
            }
            else
            {
                throw new SqlException(SqlState.InvalidColumnReference,
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                    Start(syntax.OrderBy[i].Expression));
            }
        }
    }

    /// <summary>Without conversions that nobody asked for.</summary>
    private static ScalarExpression Written(ScalarExpression expression)
    {
        while (expression.Form == CallForm.Implicit)
        {
            ScalarExpression? operand = expression switch
            {
                RelabelExpression cast => cast.Operand,
                TextCastExpression cast => cast.Operand,
                ArrayCastExpression cast => cast.Operand,
                CallExpression { Arguments: [var first, ..] } => first,
                _ => null,
            };
            if (operand is null)
                break;
            expression = operand;
        }
        return expression;
    }

    private ColumnExpression BindOrderedSet(FunctionCall syntax, ScalarExpression[] direct)
    {
        if (syntax.Over is not null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"OVER is not supported for ordered-set aggregate {syntax.Name.Name}", syntax.Position);
        }
        if (syntax.IsDistinct)
            throw new SqlException(SqlState.SyntaxError, "cannot use DISTINCT with WITHIN GROUP", syntax.Position);
        ScalarExpression[] sorted = [.. syntax.WithinGroup.Select(item => Bind(item.Expression))];
        ScalarExpression[] all = [.. direct, .. sorted];
        ChosenFunction chosen = Choose(syntax.Name, all, new string?[all.Length], syntax.IsVariadic, syntax.Position);
        if (FunctionRegistry.FindAggregate(chosen.Function.Oid) is not { Kind: not 'n' } entry)
        {
            throw new SqlException(SqlState.WrongObjectType, chosen.Function.Kind == FunctionKind.Aggregate
                ? $"{chosen.Function.Name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
                : $"WITHIN GROUP specified, but {chosen.Function.Name} is not an aggregate function", syntax.Position);
        }
        if (entry.Kind == 'h')
            UnifyHypothetical(syntax, all, direct.Length);
        CallExpression bound = BuildCall(chosen, all, syntax.IsVariadic, syntax.Position);
        int directCount = entry.Kind == 'h' ? direct.Length : entry.DirectArguments;
        if (directCount != direct.Length)
        {
            throw FunctionChoice.NotFound(syntax.Name, [.. all.Select(argument => argument.Type.Oid)],
                new string?[all.Length], isAmbiguous: false, syntax.Position);
        }
        // A variadic function gathers its sorted arguments into an array: take them apart again.
        ImmutableArray<ScalarExpression> arguments = bound.Arguments is [.., ArrayConstruction spread]
            && chosen.IsSpread
            ? [.. bound.Arguments.Take(bound.Arguments.Count - 1), .. spread.Items]
            : [.. bound.Arguments];
        var order = ImmutableArray.CreateBuilder<SortKey>();
        for (int i = 0; i < syntax.WithinGroup.Count; i++)
            order.Add(MakeSortKey(arguments[directCount + i], syntax.WithinGroup[i]));
        var call = new AggregateCall(bound.Type, bound.Function, arguments[directCount..], arguments[..directCount],
            IsDistinct: false, order.ToImmutable(), BindFilter(syntax.Filter));
        return AddAggregate(call, syntax.Position);
    }

    /// <summary>Brings each value of the row that is not there to one type with the key it is held against.</summary>
    private void UnifyHypothetical(FunctionCall syntax, ScalarExpression[] all, int directCount)
    {
        int sortedCount = all.Length - directCount;
        if (sortedCount != directCount)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"function {syntax.Name}({string.Join(", ", all.Select(argument => TypeFacts.Name(argument.Type.Oid)))}) "
                + "does not exist", syntax.Position,
                $"To use the hypothetical-set aggregate {syntax.Name}, the number of hypothetical direct arguments (here "
                + $"{directCount}) must match the number of ordering columns (here {sortedCount}).");
        }
        for (int i = 0; i < directCount; i++)
        {
            int direct = Start(syntax.Arguments[i].Value), sorted = Start(syntax.WithinGroup[i].Expression);
            uint common = CommonType.Select(
                [all[directCount + i].Type.Oid, all[i].Type.Oid], [sorted, direct], "WITHIN GROUP");
            all[i] = _coercion.ToCommon(all[i], common, "WITHIN GROUP", direct);
            all[directCount + i] = _coercion.ToCommon(all[directCount + i], common, "WITHIN GROUP", sorted);
        }
    }

    /// <summary>
    /// Gives the call a column in the query level that it belongs to: the innermost one whose columns it uses.
    /// </summary>
    private ColumnExpression AddAggregate(AggregateCall call, int position)
    {
        HashSet<int> used = [];
        PlanExpressions.Map(call, expression =>
        {
            ColumnSet.AddUsed(expression, used);
            return expression;
        });
        QueryScope owner = LevelOf(used, "aggregate functions", position);
        if (owner.HasSelfReference)
        {
            throw new SqlException(SqlState.InvalidRecursion,
                "aggregate functions are not allowed in a recursive query's recursive term", position);
        }
        if (used.Overlaps(owner.AggregateColumns))
        {
            throw new SqlException(SqlState.GroupingError,
                "aggregate function calls cannot be nested", PlaceIn(call, owner.AggregateColumns));
        }
        if (used.Overlaps(owner.WindowColumns))
        {
            throw new SqlException(SqlState.GroupingError,
                "aggregate function calls cannot contain window function calls", PlaceIn(call, owner.WindowColumns));
        }
        if (used.Overlaps(owner.SetCallLevels.Keys))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "aggregate function calls cannot contain set-returning function calls", position,
                "You might be able to move the set-returning function into a LATERAL FROM item.");
        }
        AggregateItem? same = call.Function.Volatility == Volatility.Volatile
            ? null
            : owner.Aggregates.Find(item => IsSame(item.Call, call));
        if (same is not null)
            return _state.Mark(same.Column with { }, position);
        ColumnExpression column = _state.NewColumn(call.Type, call.Function.Name);
        _state.Own(column, owner);
        _state.Collations.Note(column, call.Arguments);
        if (call.Function.Name is "avg" or "sum" or "min" or "max" or "array_agg") // the middle of a model's vectors is where its vectors are
            _state.SetModel(column, _state.ModelOf(call.Arguments[0]));
        owner.Aggregates.Add(new AggregateItem(column, call));
        _state.Forms?.Aggregates.Add(column.ColumnId, call);
        owner.AggregateColumns.Add(column.ColumnId);
        return _state.Mark(column with { }, position);
    }

    /// <summary>The query level that a call using these columns belongs to: the innermost one of theirs.</summary>
    /// <exception cref="SqlException">42803: it may not stand where that level is.</exception>
    private QueryScope LevelOf(HashSet<int> used, string what, int position)
    {
        QueryScope? owner = null;
        foreach (int id in used)
        {
            if (_state.OwnerOf(id) is { } level && (owner is null || level.Depth > owner.Depth) && !_scope.IsArgumentOf(level))
                owner = level;
        }
        owner ??= _scope;
        string? place = !PlaceNames.AllowsAggregates(owner.Place) ? PlaceNames.Of(owner.Place)
            : owner != _scope && owner.IsLateralActive ? "FROM clause of their own query level"
            : null;
        return place is null
            ? owner
            : throw new SqlException(SqlState.GroupingError, $"{what} are not allowed in {place}", position);
    }

    /// <summary>Where in the call the first of the columns stands.</summary>
    private int PlaceIn(AggregateCall call, HashSet<int> columns)
    {
        int place = 0;
        PlanExpressions.Map(call, expression =>
        {
            ExpressionTree.VisitAll(expression, node =>
            {
                if (place == 0 && node is ColumnExpression column && columns.Contains(column.ColumnId))
                    place = _state.PositionOf(column);
            });
            return expression;
        });
        return place;
    }

    private static bool IsSame(AggregateCall x, AggregateCall y) =>
        x.Function.Oid == y.Function.Oid && x.IsDistinct == y.IsDistinct && Equals(x.Filter, y.Filter)
        && x.Arguments.SequenceEqual(y.Arguments) && x.DirectArguments.SequenceEqual(y.DirectArguments)
        && x.OrderBy.SequenceEqual(y.OrderBy)
        && !x.Arguments.Any(argument => ExpressionTree.Any(argument, IsVolatile));

    internal static bool IsVolatile(ScalarExpression node) =>
        node is CallExpression { Function.Volatility: Volatility.Volatile } or NextValueExpression;

    private ColumnExpression BindGrouping(GroupingExpression grouping)
    {
        if (grouping.Items.Count > 31)
            throw new SqlException(SqlState.TooManyArguments, "GROUPING must have fewer than 32 arguments",
                grouping.Position);
        ImmutableArray<ScalarExpression> arguments = [.. grouping.Items.Select(BindSettled)];
        HashSet<int> used = [];
        foreach (ScalarExpression argument in arguments)
            ColumnSet.AddUsed(argument, used);
        QueryScope owner = LevelOf(used, "grouping operations", grouping.Position);
        ColumnExpression column = _state.NewColumn(SqlType.Int4, "grouping");
        _state.Own(column, owner);
        _state.Forms?.Groupings.Add(column.ColumnId, arguments);
        owner.Groupings.Add((column, arguments, [.. grouping.Items.Select(Start)]));
        return _state.Mark(column with { }, grouping.Position);
    }

    /// <summary>
    /// An ORDER BY item inside an aggregate or window: always an expression, never an ordinal or an output name.
    /// </summary>
    private SortKey BindSortKey(OrderItem item) => MakeSortKey(BindSettled(item.Expression), item);

    /// <exception cref="SqlException">42883: values of the type have no order.</exception>
    internal static SortKey MakeSortKey(ScalarExpression key, OrderItem item)
    {
        bool isDescending = item.IsDescending;
        if (item.UsingOperator is { } op)
        {
            if (op.Symbol is not ("<" or ">"))
            {
                throw new SqlException(SqlState.WrongObjectType,
                    $"operator {op.Symbol} is not a valid ordering operator", op.Position,
                    "Ordering operators must be \"<\" or \">\" members of btree operator families.");
            }
            isDescending = op.Symbol == ">";
        }
        if (TypeOperators.Less(key.Type.Oid) is null)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"could not identify an ordering operator for type {TypeFacts.Name(key.Type.Oid)}",
                Start(item.Expression), "Use an explicit ordering operator or modify the query.");
        }
        return new SortKey(key, isDescending, item.NullsFirst ?? isDescending);
    }
}
