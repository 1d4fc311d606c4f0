using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>The common tables and work tables that a part of a plan can name; those around it are reached through the parent.</summary>
internal sealed class RowSourceScope(RowSourceScope? parent)
{
    private readonly Dictionary<int, CommonTable> _commonTables = [];
    private readonly Dictionary<int, Func<IBatchReader>> _workTables = [];

    internal void Add(CommonTable table) => _commonTables.Add(table.Id, table);

    internal void AddWorkTable(int id, Func<IBatchReader> rows) => _workTables[id] = rows;

    internal CommonTable CommonTable(int id)
    {
        for (RowSourceScope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._commonTables.TryGetValue(id, out CommonTable? table))
                return table;
        }
        throw new InvalidOperationException($"no common table {id} in this part of the plan");
    }

    internal IBatchReader OpenWorkTable(int id)
    {
        for (RowSourceScope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._workTables.TryGetValue(id, out Func<IBatchReader>? rows))
                return rows();
        }
        throw new InvalidOperationException($"no work table {id} in this part of the plan");
    }

    private RowSourceScope? Parent => parent;
}
