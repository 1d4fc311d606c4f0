using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>The columns that SEARCH and CYCLE add to a recursive query: an order, a mark of rows met before, a path.</summary>
/// <remarks>Each round reads the marks of the row it started from and makes those of the row it found.</remarks>
internal sealed class RecursionMarks
{
    private static readonly SqlType RecordArray = new(BuiltinTypes.ArrayOf(TypeOid.Record));

    private readonly BindingState _state;
    private readonly ExpressionBinder _binder;
    private readonly ImmutableArray<string> _names;
    private readonly SearchClause? _search;
    private readonly CycleClause? _cycle;
    private readonly ScalarExpression _markValue = LiteralReader.Bool(true), _markDefault = LiteralReader.Bool(false);

    private RecursionMarks(BindingState state, CommonTable table, ImmutableArray<(string Name, SqlType Type)> columns)
    {
        (_state, _search, _cycle) = (state, table.Search, table.Cycle);
        _binder = new ExpressionBinder(state, new QueryScope(null));
        _names = [.. columns.Select(column => column.Name)];
        if (_search is { } search)
        {
            CheckColumns("search", search.Columns, search.Position);
            CheckAdded("search sequence", search.SequenceName, search.Position);
        }
        if (_cycle is { } cycle)
        {
            CheckColumns("cycle", cycle.Columns, cycle.Position);
            if (cycle is { MarkValue: { } value, MarkDefault: { } otherwise })
                (_markValue, _markDefault) = BindMark(value, otherwise, cycle.Position);
            CheckAdded("cycle mark", cycle.MarkName, cycle.Position);
            CheckAdded("cycle path", cycle.PathName, cycle.Position);
            CheckDifferent("cycle mark", cycle.MarkName, "cycle path", cycle.PathName, cycle.Position);
        }
        if (_search is { SequenceName: var sequence } && _cycle is { } also)
        {
            CheckDifferent("search sequence", sequence, "cycle mark", also.MarkName, _search.Position);
            CheckDifferent("search sequence", sequence, "cycle path", also.PathName, _search.Position);
        }
        Columns = [.. NamesOfMarks().Zip(TypesOfMarks())];
    }

    /// <summary>What is added behind the query's own columns.</summary>
    internal ImmutableArray<(string Name, SqlType Type)> Columns { get; }

    /// <summary>Null where the query has neither clause.</summary>
    internal static RecursionMarks? TryMake(
        BindingState state, CommonTable table, ImmutableArray<(string Name, SqlType Type)> columns) =>
        table.Search is null && table.Cycle is null ? null : new RecursionMarks(state, table, columns);

    /// <exception cref="SqlException">0A000, 42601: a side is not a plain SELECT, or hides the recursive reference.</exception>
    internal void RequireSelects(
        CommonTable table, SetOperationBody union, QueryBuilder step, CommonTableBinding binding, QueryScope stepScope)
    {
        if (IsSetOperation(union.Left))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT");
        }
        if (IsSetOperation(union.Right))
        {
            throw new SqlException(SqlState.SyntaxError,
                "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT");
        }
        bool isTop = step is SelectBuilder select && _state.OwnerOf(binding.CarriedMarks[0].ColumnId) is { } owner
            && select.IsLevel(owner);
        if (!isTop)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{table.Name}\" must be at "
                + "the top level of its right-hand SELECT");
        }
    }

    /// <summary>The rows that recursion starts from, with their first marks.</summary>
    internal BoundQuery Begin(BoundQuery seed)
    {
        List<ScalarExpression> marks = [];
        if (_search is { IsBreadthFirst: true })
            marks.Add(Level(LiteralReader.Read("0", SqlType.Int8, 0, _state.Context.Format), seed.Columns));
        else if (_search is not null)
            marks.Add(Path(Keys(_search.Columns, seed.Columns)));
        if (_cycle is not null)
            marks.AddRange([_markDefault, Path(Keys(_cycle.Columns, seed.Columns))]);
        return Project(seed.Plan, seed.Columns, [.. seed.Columns.Select(column => (ScalarExpression)column.Column)], marks);
    }

    /// <summary>The rows of a round, with marks made from those they came from; rows met before lead nowhere.</summary>
    internal BoundQuery Continue(
        QueryBuilder step, ImmutableArray<ColumnExpression> carried, IReadOnlyList<SqlType> types)
    {
        ((SelectBuilder)step).Carry(carried);
        BoundQuery bound = step.Finish();
        ImmutableArray<ProjectItem> converted = [.. bound.Columns.Select((column, i) =>
        {
            ScalarExpression value = _binder.Coercion.Coerce(column.Column, types[i], CastContext.Implicit, 0);
            return new ProjectItem(value as ColumnExpression ?? _state.NewColumn(value.Type, column.Name), value);
        })];
        LogicalPlan plan = new LogicalProject(bound.Plan,
            [.. converted, .. carried.Select(static column => new ProjectItem(column, column))]);
        ImmutableArray<OutputColumn> columns =
            [.. converted.Select((item, i) => new OutputColumn(bound.Columns[i].Name, item.Column))];
        List<ScalarExpression> marks = [];
        if (_search is { IsBreadthFirst: true })
        {
            var level = new FieldOperation(SqlType.Int8, carried[0], 0);
            ScalarExpression one = LiteralReader.Read("1", SqlType.Int8, 0, _state.Context.Format);
            marks.Add(Level(_binder.BuildOperator(new OperatorName("+"), level, one, 0), columns));
        }
        else if (_search is not null)
        {
            marks.Add(Append(carried[0], Keys(_search.Columns, columns)));
        }
        if (_cycle is not null)
        {
            ColumnExpression mark = carried[^2], path = carried[^1];
            plan = new LogicalFilter(plan, _binder.BuildOperator(new OperatorName("<>"), mark, _markValue, 0));
            RowConstruction keys = Keys(_cycle.Columns, columns);
            FunctionEntry equal = TypeOperators.EqualityFunction(TypeOid.Record)
                ?? throw new InvariantException("records have no equality");
            marks.Add(new CaseOperation(_markValue.Type,
                [new CaseBranch(new ArrayComparison(equal, keys, path, IsAll: false), _markValue)], _markDefault));
            marks.Add(Append(path, keys));
        }
        return Project(plan, columns, [.. columns.Select(column => (ScalarExpression)column.Column)], marks) with { Form = bound.Form };
    }

    private BoundQuery Project(
        LogicalPlan plan, ImmutableArray<OutputColumn> columns, IReadOnlyList<ScalarExpression> values,
        List<ScalarExpression> marks)
    {
        ImmutableArray<OutputColumn> all = [.. columns, .. marks.Select((mark, i) =>
            new OutputColumn(Columns[i].Name, _state.NewColumn(mark.Type, Columns[i].Name)))];
        return new BoundQuery(new LogicalProject(plan, [.. all.Select((column, i) => new ProjectItem(
            column.Column, i < values.Count ? values[i] : marks[i - values.Count]))]), all);
    }

    private RowConstruction Keys(ValueList<string> names, ImmutableArray<OutputColumn> columns) =>
        new(SqlType.Record, Coercion.List(names.Select(name => columns[_names.IndexOf(name)].Column)), names);

    private RowConstruction Level(ScalarExpression depth, ImmutableArray<OutputColumn> columns)
    {
        RowConstruction keys = Keys(_search?.Columns ?? [], columns);
        return new RowConstruction(SqlType.Record, [depth, .. keys.Items], ["*DEPTH*", .. keys.Names]);
    }

    private static ArrayConstruction Path(RowConstruction keys) => new(RecordArray, [keys], IsNested: false);

    private CallExpression Append(ColumnExpression path, RowConstruction keys) =>
        _binder.CallFunction("array_append", [path, keys], 0);

    private IEnumerable<string> NamesOfMarks() =>
        [.. _search is null ? (string[])[] : [_search.SequenceName],
            .. _cycle is null ? (string[])[] : [_cycle.MarkName, _cycle.PathName]];

    private IEnumerable<SqlType> TypesOfMarks() =>
        [.. _search is null ? (SqlType[])[] : [_search.IsBreadthFirst ? SqlType.Record : RecordArray],
            .. _cycle is null ? (SqlType[])[] : [_markValue.Type, RecordArray]];

    private (ScalarExpression Value, ScalarExpression Default) BindMark(
        Expression value, Expression otherwise, int position)
    {
        ScalarExpression met = _binder.Bind(value), free = _binder.Bind(otherwise);
        uint common = CommonType.Select([met.Type.Oid, free.Type.Oid], [position, position], "CYCLE");
        if (TypeOperators.Equality(common) is null)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"could not identify an equality operator for type {TypeFacts.Name(common)}");
        }
        return (_binder.Coercion.ToCommon(met, common, "CYCLE/SET/TO", position),
            _binder.Coercion.ToCommon(free, common, "CYCLE/SET/DEFAULT", position));
    }

    private void CheckColumns(string clause, ValueList<string> columns, int position)
    {
        HashSet<string> seen = [];
        foreach (string column in columns)
        {
            if (!_names.Contains(column))
            {
                throw new SqlException(SqlState.SyntaxError,
                    $"{clause} column \"{column}\" not in WITH query column list", position);
            }
            if (!seen.Add(column))
            {
                throw new SqlException(SqlState.DuplicateColumn,
                    $"{clause} column \"{column}\" specified more than once", position);
            }
        }
    }

    private void CheckAdded(string what, string name, int position)
    {
        if (_names.Contains(name))
        {
            throw new SqlException(SqlState.SyntaxError,
                $"{what} column name \"{name}\" already used in WITH query column list", position);
        }
    }

    private static void CheckDifferent(string what, string name, string otherWhat, string otherName, int position)
    {
        if (name == otherName)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"{what} column name and {otherWhat} column name are the same", position);
        }
    }

    private static bool IsSetOperation(QueryBody body) => body is SetOperationBody
        || (body is NestedBody { Query: { OrderBy.IsEmpty: true, Limit: null, Offset: null } query }
            && IsSetOperation(query.Body));
}
