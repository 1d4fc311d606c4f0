using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>An item of the select list, or an expression that only sorting needs.</summary>
internal sealed class Target(string name, ScalarExpression value, int position)
{
    internal string Name { get; } = name;

    internal ScalarExpression Value { get; set; } = value;

    internal int Position { get; } = position;

    /// <summary>Not in the result: ORDER BY, DISTINCT ON or locking asked for it.</summary>
    internal bool IsHidden { get; init; }

    /// <summary>What it was written as; null where a star brought it.</summary>
    internal Expression? Syntax { get; init; }

    internal ColumnExpression? Column { get; set; }
}

/// <summary>Binds one SELECT with its ORDER BY and LIMIT.</summary>
/// <remarks>Clauses are bound in PostgreSQL's order, so that of several mistakes the same one is reported.</remarks>
internal sealed partial class SelectBuilder : QueryBuilder
{
    /// <summary>PostgreSQL's limit; the protocol counts columns in 16 bits.</summary>
    private const int TargetsMax = 1664;

    private readonly BindingState _state;
    private readonly QueryScope _scope;
    private readonly ExpressionBinder _binder;
    private readonly SelectBody _select;
    private readonly List<Target> _targets = [];
    private readonly List<(Target Target, SortKey Key)> _order = [];
    private readonly List<Target> _distinctOn = [];
    private readonly List<ScalarExpression> _groupKeys = [];
    private readonly ImmutableArray<LogicalRowLock> _locks = [], _handedUp = [];
    private readonly ImmutableArray<FromForm> _from;
    private readonly ValueList<LockingClause> _locking;
    private readonly QueryLimit _limit;
    private readonly ScalarExpression? _where, _having;
    private ImmutableArray<ImmutableArray<int>> _groupingSets = [];
    private LogicalPlan _plan;

    /// <param name="outerLocking">FOR UPDATE and kin of the query around this one.</param>
    internal SelectBuilder(BindingState state, QueryScope scope, SelectBody select, QueryExpression query,
        IReadOnlyList<LockingClause> outerLocking)
    {
        (_state, _scope, _select, _locking) = (state, scope, select, query.Locking);
        _binder = new ExpressionBinder(state, scope);
        if (select.Into is { } into)
            throw new SqlException(SqlState.FeatureNotSupported, "SELECT ... INTO is not allowed here", into.Position);
        _plan = new FromBinder(state, scope, [.. query.Locking, .. outerLocking]).Bind(select.From) ?? LogicalValues.OneRow;
        _from = state.Forms is { } forms ? [.. select.From.Select(item => forms.From[item])] : [];
        BindNamedWindows();
        scope.Place = ExpressionPlace.Select;
        foreach (SelectItem item in select.Items)
            AddTargets(item);
        if (_targets.Count > TargetsMax)
            throw new SqlException(SqlState.TooManyColumns, $"target lists can have at most {TargetsMax} entries");
        if (select.Where is { } where)
        {
            _where = scope.At(ExpressionPlace.Where, () => _binder.BindCondition(where, "WHERE"));
            _plan = new LogicalFilter(_plan, _where);
        }
        if (select.Having is { } having)
            _having = scope.At(ExpressionPlace.Having, () => _binder.BindCondition(having, "HAVING"));
        foreach (OrderItem item in query.OrderBy)
            AddOrder(item);
        BindGrouping();
        BindDistinct();
        _limit = QueryLimit.Bind(query, state, scope);
        // The query around locks the rows that it keeps itself; LIMIT has to count locked rows here.
        bool isCut = query.Limit is not null || query.Offset is not null;
        ImmutableArray<LogicalRowLock> locks = BindLocks([.. query.Locking, .. outerLocking]);
        if (query.Locking.IsEmpty && !isCut)
            _handedUp = locks;
        else
            _locks = locks;
        PlanGrouping();
        CheckGrouping();
    }

    internal override int ColumnCount => _targets.Count(target => !target.IsHidden);

    internal override string ColumnName(int index) => _targets[index].Name;

    internal override SqlType ColumnType(int index) => _targets[index].Value.Type;

    internal override int ColumnPosition(int index) => _targets[index].Position;

    internal override void Resolve(int index, SqlType type)
    {
        Target target = _targets[index];
        target.Value = _binder.Coercion.TryConvert(target.Value, new SqlType(type.Oid), CastContext.Implicit,
            target.Position)
            ?? target.Value;
    }

    /// <summary>Passes columns of this level's FROM on, beside those of the select list.</summary>
    internal void Carry(IEnumerable<ColumnExpression> columns) =>
        _targets.AddRange(columns.Select(static column => new Target(column.Name, column, 0) { IsHidden = true }));

    internal bool IsLevel(QueryScope scope) => _scope == scope;

    private void AddTargets(SelectItem item)
    {
        switch (item.Expression)
        {
            case StarExpression star:
                foreach (NamespaceColumn column in _binder.ExpandStar(star))
                    _targets.Add(new Target(column.Name, column.Value, star.Position));
                break;
            case FieldExpression { Field: "*" } field:
                foreach (NamespaceColumn column in _binder.ExpandFields(field))
                    _targets.Add(new Target(column.Name, column.Value, field.Position));
                break;
            default:
                string name = item.Alias ?? OutputNames.Of(item.Expression);
                _targets.Add(new Target(name, _binder.Bind(item.Expression), ExpressionBinder.Start(item.Expression))
                {
                    Syntax = item.Expression,
                });
                break;
        }
    }

    private void BindNamedWindows()
    {
        foreach (NamedWindow window in _select.Windows)
        {
            if (_scope.NamedWindows.ContainsKey(window.Name))
            {
                throw new SqlException(SqlState.WindowingError,
                    $"window \"{window.Name}\" is already defined", window.Position);
            }
            _scope.NamedWindows[window.Name] = _binder.ResolveWindow(window.Window);
        }
    }

    private void AddOrder(OrderItem item)
    {
        Target target = FindTarget(item.Expression, ExpressionPlace.OrderBy);
        target.Value = _binder.Coercion.Settle(target.Value);
        SortKey key = ExpressionBinder.MakeSortKey(target.Value, item);
        if (!_order.Exists(other => other.Target == target))
            _order.Add((target, key));
    }

    /// <summary>An item of ORDER BY or DISTINCT ON: an ordinal, an output name, or an expression.</summary>
    private Target FindTarget(Expression syntax, ExpressionPlace place)
    {
        string clause = PlaceNames.Of(place);
        if (syntax is ColumnReference { Name.Parts: [var name] })
        {
            Target? named = FindNamed(name, clause, syntax.Position);
            if (named is not null)
                return named;
        }
        if (FindOrdinal(syntax, clause) is { } ordinal)
            return ordinal;
        // Subqueries are columns of their own each time they are bound: they are known by how they are written.
        if (_targets.Find(target => syntax.Equals(target.Syntax)) is { } written)
            return written;
        ScalarExpression value = _scope.At(place, () => _binder.BindSettled(syntax));
        Target? same = _targets.Find(target => target.Value.Equals(value));
        if (same is not null)
            return same;
        var hidden = new Target("?column?", value, ExpressionBinder.Start(syntax)) { IsHidden = true, Syntax = syntax };
        _targets.Add(hidden);
        return hidden;
    }

    private Target? FindNamed(string name, string clause, int position)
    {
        Target? found = null;
        foreach (Target target in _targets)
        {
            if (target.IsHidden || target.Name != name)
                continue;
            if (found is not null && !found.Value.Equals(target.Value))
                throw new SqlException(SqlState.AmbiguousColumn, $"{clause} \"{name}\" is ambiguous", position);
            found ??= target;
        }
        return found;
    }

    private Target? FindOrdinal(Expression syntax, string clause)
    {
        if (syntax is NumericLiteral or StringLiteral or NullLiteral or BitStringLiteral)
            throw new SqlException(SqlState.SyntaxError, $"non-integer constant in {clause}", syntax.Position);
        if (syntax is not IntegerLiteral literal)
            return null;
        if (int.TryParse(literal.Text, out int ordinal) && ordinal >= 1 && ordinal <= ColumnCount)
            return _targets[ordinal - 1];
        throw new SqlException(SqlState.InvalidColumnReference,
            $"{clause} position {literal.Text} is not in select list", syntax.Position);
    }

    private void BindDistinct()
    {
        if (!_select.IsDistinct && _select.DistinctOn.IsEmpty)
            return;
        if (_select.DistinctOn.IsEmpty)
        {
            Target? outside = _targets.Find(static target => target.IsHidden);
            if (outside is not null)
            {
                throw new SqlException(SqlState.InvalidColumnReference,
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list", outside.Position);
            }
            foreach (Target target in _targets)
            {
                target.Value = _binder.Coercion.Settle(target.Value);
                RequireEquality(target.Value.Type.Oid, target.Position);
            }
            return;
        }
        foreach (Expression syntax in _select.DistinctOn)
        {
            Target target = FindTarget(syntax, ExpressionPlace.DistinctOn);
            target.Value = _binder.Coercion.Settle(target.Value);
            RequireEquality(target.Value.Type.Oid, target.Position);
            if (!_distinctOn.Contains(target))
                _distinctOn.Add(target);
        }
        for (int i = 0; i < Math.Min(_order.Count, _distinctOn.Count); i++)
        {
            if (!_distinctOn.Contains(_order[i].Target))
            {
                throw new SqlException(SqlState.InvalidColumnReference,
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                    ExpressionBinder.Start(_select.DistinctOn[0]));
            }
        }
    }

    private static void RequireEquality(uint type, int position)
    {
        if (TypeOperators.Equality(type) is null)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"could not identify an equality operator for type {TypeFacts.Name(type)}", position);
        }
    }

    internal override BoundQuery Finish()
    {
        foreach (Target target in _targets)
            target.Value = _binder.Coercion.Settle(target.Value);
        QueryForm? form = FormOf();
        if (_having is not null)
            _plan = new LogicalFilter(_plan, Grouped(_having));
        foreach (WindowGroup window in _scope.Windows)
        {
            _plan = new LogicalWindow(_plan, ExpressionTree.Map(window.PartitionBy, Grouped),
                PlanExpressions.Map(window.OrderBy, Grouped),
                [.. window.Calls.Select(item => item with { Call = PlanExpressions.Map(item.Call, Grouped) })]);
        }
        foreach (List<ProjectItem> level in _scope.SetCalls)
            _plan = new LogicalProjectSet(_plan, PlanExpressions.Map([.. level], Grouped));
        Project();
        SortAndLimit();
        return new BoundQuery(_plan, [.. _targets.Where(target => !target.IsHidden).Select(
            target => new OutputColumn(target.Name, ColumnOf(target)))])
        {
            Locks = _handedUp,
            Form = form,
        };
    }

    private static ColumnExpression ColumnOf(Target target) =>
        target.Column ?? throw new InvariantException("a select-list item has no column");

    /// <summary>
    /// Computes the select list. A column of this level's own FROM keeps its id; all else gets a new one.
    /// </summary>
    private void Project()
    {
        HashSet<int> taken = [];
        var items = ImmutableArray.CreateBuilder<ProjectItem>();
        foreach (Target target in _targets)
        {
            ScalarExpression value = Grouped(target.Value);
            bool isOwn = value is ColumnExpression own && _state.OwnerOf(own.ColumnId) == _scope
                && taken.Add(own.ColumnId);
            if (isOwn)
            {
                target.Column = (ColumnExpression)value;
            }
            else
            {
                target.Column = value is ColumnExpression column
                    ? _state.Copy(column, target.Name)
                    : _state.NewColumn(value.Type, target.Name);
                _state.Stand(target.Column, value);
                _state.Collations.Note(target.Column, target.Value);
            }
            items.Add(new ProjectItem(target.Column, value));
        }
        foreach (LogicalRowLock held in _locks.Concat(_handedUp))
        {
            if (taken.Add(held.RowId.ColumnId))
                items.Add(new ProjectItem(held.RowId, held.RowId));
        }
        _plan = new LogicalProject(_plan, items.ToImmutable());
    }

    private void SortAndLimit()
    {
        if (_select.IsDistinct && _distinctOn.Count == 0)
            _plan = new LogicalDistinct(_plan, [.. _targets.Select(ColumnOf)]);
        ImmutableArray<SortKey> keys = [.. _order.Select(item => item.Key with { Key = ColumnOf(item.Target) })];
        if (_distinctOn.Count > 0)
        {
            // The rows of one key must lie together, the wanted one first.
            IEnumerable<SortKey> missing = _distinctOn.Where(target => !_order.Exists(item => item.Target == target))
                .Select(target => new SortKey(ColumnOf(target), IsDescending: false, NullsFirst: false));
            int given = _order.TakeWhile(item => _distinctOn.Contains(item.Target)).Count();
            keys = [.. keys[..given], .. missing, .. keys[given..]];
        }
        if (keys.Length > 0)
            _plan = new LogicalSort(_plan, keys);
        if (_distinctOn.Count > 0)
            _plan = new LogicalDistinctOn(_plan, [.. _distinctOn.Select(target => (ScalarExpression)ColumnOf(target))]);
        if (_locks.Length > 0)
            _plan = new LogicalLock(_plan, _locks);
        _plan = _limit.Apply(_plan, keys);
    }
}
