using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds UNION, INTERSECT and EXCEPT: both sides' columns are brought to common types.</summary>
internal sealed class SetOperationBuilder : QueryBuilder
{
    private readonly BindingState _state;
    private readonly QueryScope _scope;
    private readonly SetOperationBody _operation;
    private readonly QueryExpression _query;
    private readonly QueryBuilder _left, _right;
    private readonly SqlType[] _types;

    internal SetOperationBuilder(BindingState state, QueryScope scope, SetOperationBody operation,
        QueryExpression query)
    {
        (_state, _scope, _operation, _query) = (state, scope, operation, query);
        RefuseLocks(operation.Left);
        RefuseLocks(operation.Right);
        var binder = new QueryBinder(state);
        RecursionBar bar = operation.Operator switch
        {
            SetOperator.Except => RecursionBar.Except,
            SetOperator.Intersect when operation.IsAll => RecursionBar.Intersect,
            _ => RecursionBar.None,
        };
        _left = state.Barred(operation.IsAll ? bar : RecursionBar.None,
            () => binder.Build(operation.Left, new QueryScope(scope)));
        _right = state.Barred(bar, () => binder.Build(operation.Right, new QueryScope(scope)));
        string name = operation.Operator.ToString().ToUpperInvariant();
        if (_left.ColumnCount != _right.ColumnCount)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"each {name} query must have the same number of columns",
                _right.ColumnCount == 0 ? 0 : _right.ColumnPosition(0));
        }
        _types = new SqlType[_left.ColumnCount];
        for (int i = 0; i < _types.Length; i++)
            _types[i] = Match(i, name);
    }

    private static void RefuseLocks(QueryBody operand)
    {
        if (operand is NestedBody { Query.Locking: { IsEmpty: false } locking })
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"{SelectBuilder.Spell(locking[0].Strength)} is not allowed with UNION/INTERSECT/EXCEPT");
        }
    }

    internal override int ColumnCount => _types.Length;

    internal override string ColumnName(int index) => _left.ColumnName(index);

    internal override SqlType ColumnType(int index) => _types[index];

    internal override int ColumnPosition(int index) => _left.ColumnPosition(index);

    internal override void Resolve(int index, SqlType type)
    {
    }

    private SqlType Match(int index, string name)
    {
        SqlType left = _left.ColumnType(index), right = _right.ColumnType(index);
        uint common = CommonType.Select(
            [left.Oid, right.Oid], [_left.ColumnPosition(index), _right.ColumnPosition(index)], name);
        var type = new SqlType(common, left == right ? left.Modifier : -1);
        if (left.Oid == TypeOid.Unknown)
            _left.Resolve(index, type);
        if (right.Oid == TypeOid.Unknown)
            _right.Resolve(index, type);
        if (!(_operation is { Operator: SetOperator.Union, IsAll: true }) && TypeOperators.Equality(common) is null)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"could not identify an equality operator for type {TypeFacts.Name(common)}",
                    _left.ColumnPosition(index));
        }
        return type;
    }

    internal override BoundQuery Finish()
    {
        BoundQuery leftQuery = _left.Finish(), rightQuery = _right.Finish();
        BoundQuery left = Convert(_state, leftQuery, _types), right = Convert(_state, rightQuery, _types);
        ImmutableArray<ColumnExpression> columns =
            [.. _types.Select((type, i) => _state.NewColumn(type, ColumnName(i)))];
        for (int i = 0; i < columns.Length; i++)
        {
            _state.Collations.Note(columns[i], [leftQuery.Columns[i].Column, rightQuery.Columns[i].Column]);
            ModelUse? model = _state.ModelOf(leftQuery.Columns[i].Column);
            _state.SetModel(columns[i], model == _state.ModelOf(rightQuery.Columns[i].Column) ? model : null);
        }
        LogicalPlan plan = _operation.Operator == SetOperator.Union
            ? new LogicalAppend(columns, Flatten(left.AsInput(), right.AsInput()))
            : new LogicalSetOperation(
                columns, _operation.Operator == SetOperator.Intersect, _operation.IsAll, left.AsInput(),
                    right.AsInput());
        if (_operation is { Operator: SetOperator.Union, IsAll: false })
            plan = new LogicalDistinct(plan, columns);
        var bound = new BoundQuery(plan, [.. columns.Select((column, i) => new OutputColumn(ColumnName(i), column))])
        {
            Form = leftQuery.Form is { } first && rightQuery.Form is { } second
                ? new QueryForm(new SetForm(_operation.Operator, _operation.IsAll, first, second))
                : null,
        };
        return OutputOrder.Apply(_state, _scope, _query, bound, isSetOperation: true);
    }

    /// <summary>a UNION ALL b UNION ALL c is one append of three.</summary>
    private ImmutableArray<SetInput> Flatten(SetInput left, SetInput right)
    {
        bool canMerge = left.Plan is LogicalAppend || (left.Plan is LogicalDistinct && !_operation.IsAll);
        LogicalPlan inner = left.Plan is LogicalDistinct { Input: var below } && !_operation.IsAll ? below : left.Plan;
        return canMerge && inner is LogicalAppend append && append.Columns.SequenceEqual(left.Columns)
            ? [.. append.Inputs, right]
            : [left, right];
    }

    /// <summary>The query with its columns converted where their types differ from those wanted.</summary>
    internal static BoundQuery Convert(BindingState state, BoundQuery query, IReadOnlyList<SqlType> types)
    {
        bool fits = query.Columns.Select((column, i) => column.Column.Type.Oid == types[i].Oid).All(same => same);
        if (fits)
            return query;
        var coercion = new Coercion(state);
        var items = ImmutableArray.CreateBuilder<ProjectItem>();
        for (int i = 0; i < query.Columns.Length; i++)
        {
            ColumnExpression column = query.Columns[i].Column;
            if (column.Type.Oid == types[i].Oid)
            {
                items.Add(new ProjectItem(column, column));
                continue;
            }
            ScalarExpression value = coercion.Coerce(column, types[i], CastContext.Implicit, 0);
            items.Add(new ProjectItem(state.NewColumn(value.Type, query.Columns[i].Name), value));
        }
        return new BoundQuery(new LogicalProject(query.Plan, items.ToImmutable()),
            [.. query.Columns.Select((column, i) => column with { Column = items[i].Column })]);
    }
}
