using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>GROUP BY, grouping sets, and what may stand beside aggregates.</summary>
internal sealed partial class SelectBuilder
{
    private const int GroupingSetsMax = 4096;

    private readonly Dictionary<ScalarExpression, ColumnExpression> _keyColumns = [];
    private readonly HashSet<int> _groupedColumns = [];
    private bool _isGrouped;

    private void BindGrouping()
    {
        if (_select.GroupBy.IsEmpty)
            return;
        List<ImmutableArray<int>> sets = [[]];
        foreach (GroupingElement element in _select.GroupBy)
        {
            List<ImmutableArray<int>> expanded = Expand(element);
            sets = [.. sets.SelectMany(set => expanded.Select(more => Union(set, more)))];
            if (sets.Count > GroupingSetsMax)
            {
                throw new SqlException(SqlState.StatementTooComplex,
                    $"too many grouping sets present (maximum {GroupingSetsMax})", element.Position);
            }
        }
        if (_select.GroupByIsDistinct)
            sets = [.. sets.DistinctBy(set => string.Join(',', set.Order()))];
        _groupingSets = [.. sets];
    }

    private static ImmutableArray<int> Union(ImmutableArray<int> set, ImmutableArray<int> more) =>
        [.. set, .. more.Where(key => !set.Contains(key))];

    /// <summary>The grouping sets that one element stands for.</summary>
    private List<ImmutableArray<int>> Expand(GroupingElement element)
    {
        switch (element)
        {
            case EmptyGroupingElement:
                return [[]];
            case GroupingExpressionElement { Expression: RowExpression { IsExplicit: false } row }:
                return [KeysOf(row.Items)];
            case GroupingExpressionElement single:
                return [[KeyOf(single.Expression)]];
            case GroupingListElement list:
                return [KeysOf(list.Expressions)];
            case GroupingSetElement { Kind: GroupingSetKind.Sets } sets:
                return [.. sets.Items.SelectMany(Expand)];
            case GroupingSetElement { Kind: GroupingSetKind.Rollup } rollup:
            {
                List<ImmutableArray<int>> parts = [.. rollup.Items.Select(item => Expand(item)[0])];
                return [.. Enumerable.Range(0, parts.Count + 1).Select(dropped =>
                    parts.Take(parts.Count - dropped).Aggregate(ImmutableArray<int>.Empty, Union))];
            }
            case GroupingSetElement cube:
            {
                if (cube.Items.Count > 12)
                    throw new SqlException(SqlState.TooManyColumns, "CUBE is limited to 12 elements", cube.Position);
                List<ImmutableArray<int>> parts = [.. cube.Items.Select(item => Expand(item)[0])];
                int all = (1 << parts.Count) - 1;
                return [.. Enumerable.Range(0, all + 1).Select(skip => parts
                    .Where((_, i) => ((skip >> (parts.Count - 1 - i)) & 1) == 0)
                    .Aggregate(ImmutableArray<int>.Empty, Union))];
            }
            default:
                throw new SqlException(SqlState.FeatureNotSupported, "this grouping is not supported",
                    element.Position);
        }
    }

    private ImmutableArray<int> KeysOf(IEnumerable<Expression> expressions) =>
        expressions.Select(KeyOf).Aggregate(ImmutableArray<int>.Empty, (set, key) => Union(set, [key]));

    /// <summary>A key: a column of FROM before an output name, then an ordinal, then an expression.</summary>
    private int KeyOf(Expression syntax)
    {
        ScalarExpression? value = null;
        if (syntax is ColumnReference { Name.Parts: [var name] } && !IsColumnOfFrom(name))
            value = Settled(FindNamed(name, "GROUP BY", syntax.Position));
        value ??= Settled(FindOrdinal(syntax, "GROUP BY"));
        value ??= _scope.At(ExpressionPlace.GroupBy, () => _binder.BindSettled(syntax));
        HashSet<int> used = ColumnSet.UsedBy(value);
        if (used.Overlaps(_scope.AggregateColumns))
        {
            throw new SqlException(SqlState.GroupingError,
                "aggregate functions are not allowed in GROUP BY", ExpressionBinder.Start(syntax));
        }
        if (used.Overlaps(_scope.WindowColumns))
        {
            throw new SqlException(SqlState.WindowingError,
                "window functions are not allowed in GROUP BY", ExpressionBinder.Start(syntax));
        }
        if (used.Overlaps(_scope.SetCallLevels.Keys))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "set-returning functions are not supported in GROUP BY", ExpressionBinder.Start(syntax));
        }
        RequireEquality(value.Type.Oid, ExpressionBinder.Start(syntax));
        _state.Forms?.GroupKeys[syntax] = value;
        int same = _groupKeys.IndexOf(value);
        if (same >= 0)
            return same;
        _groupKeys.Add(value);
        return _groupKeys.Count - 1;
    }

    private ScalarExpression? Settled(Target? target)
    {
        if (target is null)
            return null;
        target.Value = _binder.Coercion.Settle(target.Value);
        return target.Value;
    }

    private bool IsColumnOfFrom(string name) => _scope.Items.Exists(item =>
        item.AreColumnsVisible && item.Columns.Any(column => column.Name == name));

    private void PlanGrouping()
    {
        _isGrouped = _groupingSets.Length > 0 || _scope.Aggregates.Count > 0 || _having is not null
            || _scope.Groupings.Count > 0;
        if (!_isGrouped)
            return;
        bool isPlain = _groupingSets.Length <= 1;
        var keys = ImmutableArray.CreateBuilder<ProjectItem>();
        foreach (ScalarExpression key in _groupKeys)
            AddKey(key, keys);
        CheckDirectArguments();
        ImmutableArray<ImmutableArray<int>> sets = _groupingSets.IsEmpty ? [[]] : _groupingSets;
        if (isPlain)
        {
            AddDependentColumns(keys);
            if (keys.Count > _groupKeys.Count)
                sets = [[.. Enumerable.Range(0, keys.Count)]];
        }
        var groupings = ImmutableArray.CreateBuilder<GroupingItem>();
        foreach ((ColumnExpression column, ImmutableArray<ScalarExpression> arguments,
            ImmutableArray<int> positions) in _scope.Groupings)
        {
            ImmutableArray<int> indexes = [.. arguments.Select(argument => _groupKeys.IndexOf(argument))];
            if (indexes.Contains(-1))
            {
                throw new SqlException(SqlState.GroupingError,
                    "arguments to GROUPING must be grouping expressions of the associated query level",
                    positions[indexes.IndexOf(-1)]);
            }
            groupings.Add(new GroupingItem(column, indexes));
            _groupedColumns.Add(column.ColumnId);
        }
        // HAVING alone makes one group, whatever the rows are: none is read.
        _plan = keys.Count == 0 && sets is [{ IsEmpty: true }] && _scope.Aggregates.Count == 0 && groupings.Count == 0
            ? LogicalValues.OneRow
            : new LogicalAggregate(_plan, keys.ToImmutable(), sets, [.. _scope.Aggregates], groupings.ToImmutable());
    }

    /// <summary>Refuses what is not grouped before anything else is bound; in windows that nothing uses too.</summary>
    private void CheckGrouping()
    {
        if (!_isGrouped)
            return;
        foreach (Target target in _targets)
            Grouped(target.Value);
        foreach (WindowItem item in _scope.Windows.SelectMany(static window => window.Calls))
            PlanExpressions.Map(item.Call, Grouped);
        IEnumerable<(ImmutableArray<ScalarExpression> Partition, ImmutableArray<SortKey> Order)> windows =
            [.. _scope.Windows.Select(static window => (window.PartitionBy, window.OrderBy)),
                .. _scope.NamedWindows.Values.Select(static window => (window.PartitionBy, window.OrderBy))];
        foreach ((ImmutableArray<ScalarExpression> partition, ImmutableArray<SortKey> order) in windows)
        {
            ExpressionTree.Map(partition, Grouped);
            PlanExpressions.Map(order, Grouped);
        }
        foreach (ProjectItem call in _scope.SetCalls.SelectMany(static level => level))
            Grouped(call.Value);
        if (_having is not null)
            Grouped(_having);
    }

    /// <summary>percentile_cont(x) WITHIN GROUP: x is one value for a group, so that it may use its keys only.</summary>
    private void CheckDirectArguments()
    {
        foreach (ScalarExpression direct in _scope.Aggregates.SelectMany(static item => item.Call.DirectArguments))
        {
            ExpressionTree.Rewrite(direct, node => _keyColumns.ContainsKey(node) ? node : ReplaceKey(node, isInSubquery: false));
        }
    }

    private void AddKey(ScalarExpression key, ImmutableArray<ProjectItem>.Builder keys)
    {
        bool isOwn = key is ColumnExpression own && _state.OwnerOf(own.ColumnId) == _scope;
        ColumnExpression column = isOwn ? (ColumnExpression)key : _state.NewColumn(key.Type, NameOf(key));
        if (!isOwn)
        {
            _state.Own(column, _scope);
            _state.SetModel(column, _state.ModelOf(key));
        }
        keys.Add(new ProjectItem(column, key));
        _keyColumns[key] = column;
        _groupedColumns.Add(column.ColumnId);
    }

    private static string NameOf(ScalarExpression key) => key switch
    {
        ColumnExpression column => column.Name,
        CallExpression call => call.Function.Name,
        _ => "?column?",
    };

    /// <summary>Grouping by a table's primary key determines its other columns: they become keys too.</summary>
    private void AddDependentColumns(ImmutableArray<ProjectItem>.Builder keys)
    {
        foreach (NamespaceItem item in _scope.AllItems)
        {
            if (item.Table?.PrimaryKey is not { IsDeferrable: false } primary)
                continue;
            TableEntry table = item.Table;
            Dictionary<short, ColumnExpression> columns = [];
            foreach ((ColumnEntry entry, NamespaceColumn column) in table.LiveColumns.Zip(item.Columns))
            {
                if (column.Value is ColumnExpression reference)
                    columns[entry.Number] = reference;
            }
            bool isDetermined = primary.Columns.All(number =>
                columns.TryGetValue(number, out ColumnExpression? key) && _groupedColumns.Contains(key.ColumnId));
            if (!isDetermined)
                continue;
            foreach (ColumnExpression column in columns.Values)
            {
                // Only those that are used, or every grouping by a key would carry the whole row.
                if (!_groupedColumns.Contains(column.ColumnId) && IsUsedAbove(column))
                    AddKey(column, keys);
            }
        }
    }

    private bool IsUsedAbove(ColumnExpression column)
    {
        HashSet<int> used = [];
        foreach (Target target in _targets)
            ColumnSet.AddUsed(target.Value, used);
        if (_having is not null)
            ColumnSet.AddUsed(_having, used);
        foreach (WindowGroup window in _scope.Windows)
        {
            foreach (ScalarExpression key in window.PartitionBy.Concat(window.OrderBy.Select(order => order.Key)))
                ColumnSet.AddUsed(key, used);
            foreach (ScalarExpression argument in window.Calls.SelectMany(item => item.Call.Arguments))
                ColumnSet.AddUsed(argument, used);
        }
        foreach (ProjectItem call in _scope.SetCalls.SelectMany(level => level))
            ColumnSet.AddUsed(call.Value, used);
        return used.Contains(column.ColumnId);
    }

    /// <summary>
    /// The expression as seen above the grouping: keys by their columns; other columns of FROM are an error.
    /// </summary>
    private ScalarExpression Grouped(ScalarExpression expression) =>
        _isGrouped ? ExpressionTree.Rewrite(expression, node => ReplaceKey(node, isInSubquery: false)) : expression;

    private ScalarExpression? ReplaceKey(ScalarExpression node, bool isInSubquery)
    {
        // In a subquery only a column is known again, as in PostgreSQL.
        if ((!isInSubquery || node is ColumnExpression) && _keyColumns.TryGetValue(node, out ColumnExpression? key))
            return key;
        switch (node)
        {
            case SubqueryExpression subquery when !isInSubquery:
                return subquery with
                {
                    Plan = PlanTree.MapAllExpressions(subquery.Plan,
                        child => ExpressionTree.Rewrite(child, inner => ReplaceKey(inner, isInSubquery: true))),
                    Test = subquery.Test is { } test ? Grouped(test) : null,
                };
            case InlinedCall call: // its body may have any part of its arguments, and nothing else of the query
                return call with
                {
                    Arguments = Coercion.List(call.Arguments.Select(argument =>
                        ExpressionTree.Rewrite(argument, inner => ReplaceKey(inner, isInSubquery)))),
                    Value = ExpressionTree.Rewrite(call.Value, inner => !isInSubquery || inner is ColumnExpression
                        ? _keyColumns.GetValueOrDefault(inner)
                        : null),
                };
            case ColumnExpression column when _state.OwnerOf(column.ColumnId) == _scope && !IsAllowed(column):
                string name = _state.QualifiedName(column);
                throw new SqlException(SqlState.GroupingError, isInSubquery
                    ? $"subquery uses ungrouped column \"{name}\" from outer query"
                    : $"column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function",
                    _state.PositionOf(column));
            default:
                return null;
        }
    }

    private bool IsAllowed(ColumnExpression column) =>
        _groupedColumns.Contains(column.ColumnId) || _scope.AggregateColumns.Contains(column.ColumnId)
        || _scope.WindowColumns.Contains(column.ColumnId) || _scope.SetCallLevels.ContainsKey(column.ColumnId);
}
