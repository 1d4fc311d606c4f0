using System.Collections.Immutable;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds a WITH list into a scope; references find its queries there.</summary>
/// <remarks>The queries of a recursive list may refer to later ones: each is bound when the first reference needs it.</remarks>
internal sealed class CommonTableBinder(BindingState state, WithClause with, QueryScope scope, bool isTop)
{
    private readonly Dictionary<CommonTableBinding, CommonTable> _pending = [];
    private readonly Stack<CommonTableBinding> _inProgress = [];
    private readonly ImmutableArray<LogicalCommonTable>.Builder _tables =
        ImmutableArray.CreateBuilder<LogicalCommonTable>();

    internal ImmutableArray<LogicalCommonTable> Bind()
    {
        HashSet<string> names = [];
        foreach (CommonTable table in with.Tables)
        {
            if (!names.Add(table.Name))
            {
                throw new SqlException(SqlState.DuplicateAlias,
                    $"WITH query name \"{table.Name}\" specified more than once", table.Position);
            }
            var binding = new CommonTableBinding { Name = table.Name, Id = state.NextTableId(), List = this };
            if (with.IsRecursive)
            {
                binding.IsPending = true;
                _pending.Add(binding, table);
                scope.CommonTables.Add(binding);
            }
            else
            {
                BindTable(table, binding);
                scope.CommonTables.Add(binding);
            }
        }
        foreach (CommonTableBinding binding in _pending.Keys)
            BindPending(binding);
        return _tables.ToImmutable();
    }

    /// <summary>Makes the query ready for a reference; true where the reference stands in the query itself.</summary>
    /// <exception cref="SqlException">42P19, 0A000: the query may not refer to itself from there.</exception>
    internal bool Refer(CommonTableBinding binding, int position)
    {
        BindPending(binding);
        if (!_inProgress.Contains(binding))
            return false;
        if (_inProgress.Peek() != binding)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "mutual recursion between WITH items is not implemented", _pending[binding].Position);
        }
        string reference = $"recursive reference to query \"{binding.Name}\" must not appear";
        string? refused = binding.Bar switch
        {
            RecursionBar.None => binding.SelfReferences == 0 ? null : $"{reference} more than once",
            RecursionBar.Modification => $"recursive query \"{binding.Name}\" must not contain data-modifying statements",
            RecursionBar.Form => $"recursive query \"{binding.Name}\" does not have the form non-recursive-term "
                + "UNION [ALL] recursive-term",
            RecursionBar.NonRecursiveTerm => $"{reference} within its non-recursive term",
            RecursionBar.Subquery => $"{reference} within a subquery",
            RecursionBar.OuterJoin => $"{reference} within an outer join",
            RecursionBar.Intersect => $"{reference} within INTERSECT",
            _ => $"{reference} within EXCEPT",
        };
        if (refused is not null)
            throw new SqlException(SqlState.InvalidRecursion, refused, position);
        binding.SelfReferences++;
        return true;
    }

    private void BindPending(CommonTableBinding binding)
    {
        if (!binding.IsPending)
            return;
        binding.IsPending = false;
        _inProgress.Push(binding);
        state.Recursing.Add(binding);
        BindTable(_pending[binding], binding);
        state.Recursing.RemoveAt(state.Recursing.Count - 1);
        _inProgress.Pop();
    }

    private void BindTable(CommonTable table, CommonTableBinding binding) =>
        _tables.Add(table.Statement is QueryStatement query
            ? BindQuery(table, query.Query, binding)
            : BindModification(table, binding));

    private LogicalCommonTable BindQuery(CommonTable table, QueryExpression query, CommonTableBinding binding)
    {
        var binder = new QueryBinder(state);
        BoundQuery? bound = null;
        if (with.IsRecursive && query.Body is SetOperationBody { Operator: SetOperator.Union })
            bound = new RecursionBinder(state, binder).TryBind(table, query, binding, scope);
        if (bound is null)
        {
            if (table.Search is not null || table.Cycle is not null)
                throw new SqlException(SqlState.SyntaxError, "WITH query is not recursive", table.Position);
            binding.Bar = RecursionBar.Form;
            bound = binder.Build(query, scope, isTop: false).Finish();
        }
        if (bound.Form is { } form)
            state.Forms?.CommonTables[table] = form;
        Name(table, binding, bound.Columns);
        return new LogicalCommonTable(binding.Id, table.Name, bound.AsInput(), IsModifying: false,
            table.IsMaterialized);
    }

    private LogicalCommonTable BindModification(CommonTable table, CommonTableBinding binding)
    {
        if (!isTop)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "WITH clause containing a data-modifying statement must be at the top level", table.Position);
        }
        state.HasModifyingWith = true;
        binding.Bar = RecursionBar.Modification;
        (LogicalPlan plan, ImmutableArray<OutputColumn> columns) =
            ModificationBinder.Bind(state, table.Statement, scope, isTop: false);
        binding.ReturnsRows = !columns.IsEmpty;
        if (binding.ReturnsRows)
            Name(table, binding, columns);
        return new LogicalCommonTable(
            binding.Id, table.Name, new SetInput(plan, [.. columns.Select(column => column.Column)]),
                IsModifying: true);
    }

    internal static void Name(CommonTable table, CommonTableBinding binding, ImmutableArray<OutputColumn> columns)
    {
        if (table.Columns.Count > columns.Length)
        {
            throw new SqlException(SqlState.InvalidColumnReference,
                $"WITH query \"{table.Name}\" has {columns.Length} columns available but "
                + $"{table.Columns.Count} columns specified", table.Position);
        }
        binding.Columns = [.. columns.Select((column, i) =>
            (i < table.Columns.Count ? table.Columns[i] : column.Name, column.Column.Type))];
        binding.Source = columns;
    }
}
