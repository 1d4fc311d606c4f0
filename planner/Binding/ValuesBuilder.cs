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

/// <summary>Binds VALUES: each column has the common type of its values.</summary>
internal sealed class ValuesBuilder : QueryBuilder
{
    private readonly BindingState _state;
    private readonly QueryScope _scope;
    private readonly ExpressionBinder _binder;
    private readonly QueryExpression _query;
    private readonly ScalarExpression[][] _rows;
    private readonly SqlType[] _types;
    private readonly int[] _positions;

    internal ValuesBuilder(BindingState state, QueryScope scope, ValuesBody values, QueryExpression query)
    {
        (_state, _scope, _query) = (state, scope, query);
        _binder = new ExpressionBinder(state, scope);
        int width = values.Rows[0].Count;
        foreach (IReadOnlyList<Expression> row in values.Rows)
        {
            if (row.Count != width)
            {
                throw new SqlException(SqlState.SyntaxError, "VALUES lists must all be the same length",
                    row.Count == 0 ? 0 : ExpressionBinder.Start(row[0]));
            }
        }
        _rows = scope.At(ExpressionPlace.Values, () =>
            values.Rows.Select(row => row.Select(_binder.Bind).ToArray()).ToArray());
        _types = new SqlType[width];
        _positions = new int[width];
        for (int i = 0; i < width; i++)
        {
            int column = i;
            uint[] types = [.. _rows.Select(row => row[column].Type.Oid)];
            int[] positions = [.. values.Rows.Select(row => ExpressionBinder.Start(row[column]))];
            _positions[i] = positions[0];
            if (Array.TrueForAll(types, static type => type == TypeOid.Unknown))
                _types[i] = SqlType.Unknown;
            else
                Convert(i, CommonType.Select(types, positions, "VALUES"), positions);
        }
    }

    internal override int ColumnCount => _types.Length;

    internal override string ColumnName(int index) => $"column{index + 1}";

    internal override SqlType ColumnType(int index) => _types[index];

    internal override int ColumnPosition(int index) => _positions[index];

    internal override void Resolve(int index, SqlType type) => Convert(index, type.Oid, null);

    private void Convert(int column, uint type, int[]? positions)
    {
        for (int row = 0; row < _rows.Length; row++)
        {
            _rows[row][column] = _binder.Coercion.ToCommon(
                _rows[row][column], type, "VALUES", positions?[row] ?? _positions[column]);
        }
        _types[column] = ExpressionBinder.CommonModifier([.. _rows.Select(row => row[column])], type);
    }

    internal override BoundQuery Finish()
    {
        for (int i = 0; i < _types.Length; i++)
        {
            if (_types[i].Oid == TypeOid.Unknown)
                Convert(i, TypeOid.Text, null);
        }
        ImmutableArray<ColumnExpression> columns =
            [.. _types.Select((type, i) => _state.NewColumn(type, ColumnName(i)))];
        foreach (ColumnExpression column in columns)
            _state.Own(column, _scope, "*VALUES*");
        LogicalPlan plan = new LogicalValues(columns, [.. _rows.Select(ImmutableArray.Create)]);
        ImmutableArray<OutputColumn> output = [.. columns.Select(column => new OutputColumn(column.Name, column))];
        BoundQuery bound = new(plan, output)
        {
            Form = _state.Forms is null ? null : new QueryForm(new ValuesForm([.. _rows.Select(ImmutableArray.Create)])),
        };
        return OutputOrder.Apply(_state, _scope, _query, bound, isSetOperation: false);
    }
}
