using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Binding.Views;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>
/// Binds the expressions that a table stores: defaults, checks, generated columns; and converts what is assigned to
/// it.
/// </summary>
/// <param name="view">The view through which the statement changes the table; null where it names the table itself.</param>
internal sealed class TableExpressions(BindingState state, TableEntry table, TargetView? view = null)
{
    /// <summary>What a stored row has, also the hidden columns of indexes.</summary>
    internal ImmutableArray<ColumnEntry> Live { get; } = [.. table.StoredColumns];

    /// <summary>Columns are named as a view does.</summary>
    internal bool HasView => view is not null;

    /// <summary>Columns that stand for a row of the table.</summary>
    internal ImmutableArray<ColumnExpression> NewRow(QueryScope scope, string qualifier)
    {
        var columns = ImmutableArray.CreateBuilder<ColumnExpression>();
        foreach (ColumnEntry column in Live)
        {
            ColumnExpression reference = state.NewColumn(column.Type, column.Name);
            state.Own(reference, scope, qualifier);
            state.SetOrigin(reference, table.Oid, column.Number);
            columns.Add(reference);
        }
        return columns.ToImmutable();
    }

    /// <summary>The row as the statement sees it.</summary>
    /// <param name="rowId">The id of the row's version, for system columns.</param>
    internal NamespaceItem ItemOver(
        ImmutableArray<ColumnExpression> row, string name, bool isTarget = true, ColumnExpression? rowId = null) =>
        view is null ? StoredItem(row, name, isTarget, rowId) : view.Over(StoredItem(row, table.Name), name);

    private NamespaceItem StoredItem(
        ImmutableArray<ColumnExpression> row, string name, bool isTarget = true, ColumnExpression? rowId = null) => new()
    {
        RowId = rowId,
        Name = name,
        SchemaName = name == table.Name ? state.SchemaNameOf(table) : null,
        Columns =
        [
            .. Live.Zip(row).Where(pair => IsNamed(pair.First))
                .Select(static pair => new NamespaceColumn(pair.First.Name, pair.Second)),
        ],
        Table = isTarget ? table : null,
    };

    private bool IsNamed(ColumnEntry column) => !column.IsHidden || IsFilled(column);

    internal ImmutableArray<RowCheck> Checks(ImmutableArray<ColumnExpression> row) =>
        [.. table.Checks.Select(check => new RowCheck(check.Name, Over(row, ExpressionPlace.Check,
            binder => binder.BindCondition(SqlParser.ParseExpression(check.Sql), "CHECK")))),
            .. view?.Checks(StoredItem(row, table.Name)) ?? []];

    /// <summary>What a stored row must meet to be seen through the view that the statement names; nothing where that is a table.</summary>
    internal ImmutableArray<RowCheck> Visibility(ImmutableArray<ColumnExpression> row) =>
        view?.Visibility(StoredItem(row, table.Name)) ?? [];

    /// <param name="assigned">Where given: only those that an assignment to these positions changes.</param>
    internal ImmutableArray<GeneratedColumn> Generated(ImmutableArray<ColumnExpression> row,
        HashSet<int>? assigned = null)
    {
        var generated = ImmutableArray.CreateBuilder<GeneratedColumn>();
        for (int i = 0; i < Live.Length; i++)
        {
            if (Live[i] is not { IsGenerated: true, DefaultSql: { } sql } column || IsDeferred(column) || IsFilled(column))
                continue;
            ScalarExpression value = Over(row, ExpressionPlace.Generated,
                binder => Assign(binder, binder.Bind(SqlParser.ParseExpression(sql)), column, 0));
            HashSet<int> used = ColumnSet.UsedBy(value);
            if (assigned is null || assigned.Contains(i) || assigned.Any(position => used.Contains(row[position].ColumnId)))
                generated.Add(new GeneratedColumn(i, value));
        }
        return generated.ToImmutable();
    }

    internal bool IsDeferred(ColumnEntry column) => table.IsDeferred(column);

    /// <summary>Whether it is a shadow, and the statement one that fills those.</summary>
    internal bool IsFilled(ColumnEntry column) => column.ShadowOf > 0 && state.Context.FillsDeferred;

    /// <summary>What assignments do to columns whose values come later: they are NULL until then, unless what they are made of stays the
    /// same.</summary>
    /// <param name="current">A column's value before.</param>
    internal void Defer(ScalarExpression?[] assigned, Func<int, ScalarExpression> current, ExpressionBinder binder)
    {
        if (!table.DefersEmbedding)
            return;
        ImmutableArray<ColumnExpression> row = NewRow(new QueryScope(null), table.Name);
        for (int i = 0; i < assigned.Length; i++)
        {
            if (assigned[i] is not null || !IsDeferred(Live[i]) || Live[i].DefaultSql is not { } sql)
                continue;
            HashSet<int> used = ColumnSet.UsedBy(Over(row, ExpressionPlace.Generated, made => made.Bind(SqlParser.ParseExpression(sql))));
            int[] changed = [.. Enumerable.Range(0, assigned.Length).Where(j => assigned[j] is not null && used.Contains(row[j].ColumnId))];
            if (changed.Length > 0)
                assigned[i] = UnlessChanged(current(i), [.. changed.Select(j => (current(j), assigned[j]))], binder);
        }
    }

    /// <summary>The value, or NULL where anything of the pairs differs or cannot be compared without being computed twice.</summary>
    private static ScalarExpression UnlessChanged(
        ScalarExpression value, (ScalarExpression Before, ScalarExpression? After)[] pairs, ExpressionBinder binder)
    {
        List<ScalarExpression> same = [];
        foreach ((ScalarExpression before, ScalarExpression? after) in pairs)
        {
            bool isPlain = after is not null && TypeFacts.Category(before.Type.Oid) == 'S' && !ExpressionTree.Any(after, static node =>
                node is SubqueryExpression or InlinedCall or NextValueExpression or CallExpression { Function.Volatility: Volatility.Volatile });
            if (after is null || !isPlain)
                return Coercion.Null(value.Type);
            CallExpression equal = binder.BuildOperator(new OperatorName("="), before, after, position: 0);
            same.Add(new DistinctTest(equal.Arguments[0], equal.Arguments[1], equal.Function, IsNegated: true));
        }
        ScalarExpression isSame = same is [var only] ? only : new LogicalOperation(IsAnd: true, Coercion.List(same));
        return new CaseOperation(value.Type, [new CaseBranch(isSame, value)], Coercion.Null(value.Type));
    }

    /// <summary>What SET column = DEFAULT gives: through a view NULL, unless the view has a default of its own.</summary>
    internal ScalarExpression DefaultOfUpdate(ColumnEntry column) =>
        view is not null && view.DefaultOf(column.Name) is null ? Coercion.Null(column.Type) : Default(column);

    /// <summary>What a column gets where no value is given.</summary>
    internal ScalarExpression Default(ColumnEntry column)
    {
        if (column.IsGenerated)
            return Coercion.Null(column.Type);
        var binder = new ExpressionBinder(state, new QueryScope(null) { Place = ExpressionPlace.Default });
        if (view?.DefaultOf(column.Name) is { } ofView)
            return InlinedCall.Expand(Assign(binder, binder.Bind(SqlParser.ParseExpression(ofView)), column, 0));
        bool isSerial = column.SequenceOid != 0
            && (column.DefaultSql is null || column.DefaultSql.StartsWith("nextval(", StringComparison.Ordinal));
        if (isSerial)
            return Assign(binder, new NextValueExpression(SqlType.Int8, column.SequenceOid), column, 0);
        return column.DefaultSql is { } sql
            ? InlinedCall.Expand(Assign(binder, binder.Bind(SqlParser.ParseExpression(sql)), column, 0))
            : Coercion.Null(column.Type);
    }

    /// <summary>The value converted as assignment converts.</summary>
    /// <exception cref="SqlException">42804: the types do not go together.</exception>
    /// <remarks>Vectors of another model than the column's do not belong there either: 42V02.</remarks>
    internal static ScalarExpression Assign(ExpressionBinder binder, ScalarExpression value, ColumnEntry column,
        int position)
    {
        binder.RefuseOtherModel(value, column, position);
        return Converted(binder, value, column, position);
    }

    private static ScalarExpression Converted(ExpressionBinder binder, ScalarExpression value, ColumnEntry column, int position) =>
        binder.Coercion.TryConvert(value, column.Type, CastContext.Assignment, position)
        ?? throw new SqlException(SqlState.DatatypeMismatch,
            $"column \"{column.Name}\" is of type {TypeFacts.Name(column.Type.Oid)} "
            + $"but expression is of type {TypeFacts.Name(value.Type.Oid)}", position,
            "You will need to rewrite or cast the expression.");

    internal static SqlException PartIsDefault(int position) =>
        new(SqlState.FeatureNotSupported, "cannot set an array element to DEFAULT", position);

    /// <summary>The position among the live columns.</summary>
    /// <exception cref="SqlException">42703.</exception>
    internal int Find(string name, int position)
    {
        if (view is not null)
            name = view.Find(name, position);
        for (int i = 0; i < Live.Length; i++)
        {
            if (Live[i].Name == name && IsNamed(Live[i]))
                return i;
        }
        throw new SqlException(SqlState.UndefinedColumn,
            $"column \"{name}\" of relation \"{table.Name}\" does not exist", position);
    }

    /// <summary>The position of a column that is assigned to.</summary>
    /// <exception cref="SqlException">0A000: it is a system column; 42703: there is none of that name.</exception>
    internal int FindAssigned(string name, int position) => NameLookup.IsSystemColumn(name) && !HasView
        ? throw new SqlException(SqlState.FeatureNotSupported, $"cannot assign to system column \"{name}\"", position)
        : Find(name, position);

    internal ScalarExpression Over(
        ImmutableArray<ColumnExpression> row, ExpressionPlace place, Func<ExpressionBinder, ScalarExpression> bind)
    {
        var scope = new QueryScope(null) { Place = place };
        NamespaceItem item = StoredItem(row, table.Name);
        scope.Items.Add(item);
        scope.AllItems.Add(item);
        return InlinedCall.Expand(bind(new ExpressionBinder(state, scope)));
    }
}
