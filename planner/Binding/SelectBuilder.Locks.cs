using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>FOR UPDATE and kin.</summary>
internal sealed partial class SelectBuilder
{
    private ImmutableArray<LogicalRowLock> BindLocks(IReadOnlyList<LockingClause> clauses)
    {
        var locks = ImmutableArray.CreateBuilder<LogicalRowLock>();
        foreach (LockingClause clause in clauses)
        {
            string spelled = Spell(clause.Strength);
            RefuseLocks(spelled);
            foreach (NamespaceItem item in LockedItems(clause, spelled))
            {
                if (item is { Presence: not null, LocksRows: true })
                {
                    throw new SqlException(SqlState.FeatureNotSupported,
                        $"{spelled} cannot be applied to the nullable side of an outer join");
                }
                if (item is { RowId: { } rowId, Table: { Kind: TableKind.Table } table })
                    locks.Add(new LogicalRowLock(table.Id, rowId, (RowLockMode)clause.Strength,
                        (RowLockWait)clause.Wait));
            }
            _state.HasRowLocks = true;
        }
        if (clauses.Count > 0)
            locks.AddRange(_scope.AllItems.SelectMany(static item => item.Locks));
        return locks.ToImmutable();
    }

    private IEnumerable<NamespaceItem> LockedItems(LockingClause clause, string spelled)
    {
        if (clause.Tables.IsEmpty)
            return _scope.AllItems;
        List<NamespaceItem> items = [];
        foreach (QualifiedName name in clause.Tables)
        {
            if (name.Schema is not null)
            {
                throw new SqlException(SqlState.SyntaxError,
                    $"{spelled} must specify unqualified relation names", name.Position);
            }
            NamespaceItem item = _scope.AllItems.Find(item => item.Name == name.Name)
                ?? throw new SqlException(SqlState.UndefinedTable,
                    $"relation \"{name.Name}\" in {spelled} clause not found in FROM clause", name.Position);
            if (item.UnlockableAs is { } kind)
                throw new SqlException(SqlState.FeatureNotSupported, $"{spelled} cannot be applied to {kind}", name.Position);
            items.Add(item);
        }
        return items;
    }

    private void RefuseLocks(string spelled)
    {
        string? clause = this switch
        {
            { _select.IsDistinct: true } => "DISTINCT clause",
            { _distinctOn.Count: > 0 } => "DISTINCT clause",
            { _groupingSets.Length: > 0 } => "GROUP BY clause",
            { _having: not null } => "HAVING clause",
            { _scope.Aggregates.Count: > 0 } => "aggregate functions",
            { _scope.Windows.Count: > 0 } => "window functions",
            { _scope.SetCalls.Count: > 0 } => "set-returning functions in the target list",
            _ => null,
        };
        if (clause is not null)
            throw new SqlException(SqlState.FeatureNotSupported, $"{spelled} is not allowed with {clause}");
    }

    internal static string Spell(LockStrength strength) => strength switch
    {
        LockStrength.Update => "FOR UPDATE",
        LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
        LockStrength.Share => "FOR SHARE",
        _ => "FOR KEY SHARE",
    };
}
