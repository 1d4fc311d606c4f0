using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.References;

/// <summary>Does what a foreign key says about keys that go or change: fails where rows refer to them, or changes those rows.</summary>
/// <remarks>
/// Keys are claimed first, so that nobody comes to refer to them any more; those who did so before are waited for, and seen. Those that
/// the statement took from one row and gave to another are no concern of NO ACTION's.
/// </remarks>
internal sealed class ReferencedCheck(SessionState session)
{
    private readonly ReferenceQueries _queries = new(session);

    /// <param name="isDeferred">NO ACTION is left to <see cref="RunDeferredAsync"/>; the keys are claimed now all the same.</param>
    internal async ValueTask RunAsync(Reference reference, TableChanges changes, bool isDeferred, CancellationToken cancellation)
    {
        short[] columns = [.. reference.Key.ReferencedColumns];
        (ReferenceAction onDelete, ReferenceAction onUpdate) = (reference.Key.OnDelete, reference.Key.OnUpdate);
        if (onDelete == ReferenceAction.NoAction && onUpdate == ReferenceAction.NoAction)
        {
            await KeepAsync(reference, changes.Deleted(reference.Referenced, columns), looks: !isDeferred, cancellation);
            return;
        }
        if (onDelete == ReferenceAction.NoAction)
            await KeepAsync(reference, changes.Removed(reference.Referenced, columns), looks: !isDeferred, cancellation);
        else
            await ActAsync(onDelete, isDelete: true, reference, Alone(changes.Removed(reference.Referenced, columns)), cancellation);
        if (onUpdate == ReferenceAction.NoAction)
        {
            await KeepAsync(reference, changes.Replaced(reference.Referenced, columns).Select(static pair => pair.Before),
                looks: !isDeferred, cancellation);
        }
        else
        {
            await ActAsync(onUpdate, isDelete: false, reference, Pairs(changes.Replaced(reference.Referenced, columns)), cancellation);
        }
    }

    /// <summary>NO ACTION at the end of the transaction.</summary>
    internal async ValueTask RunDeferredAsync(Reference reference, TableChanges changes, CancellationToken cancellation)
    {
        short[] columns = [.. reference.Key.ReferencedColumns];
        if (reference.Key.OnDelete == ReferenceAction.NoAction)
            await KeepAsync(reference, changes.Removed(reference.Referenced, columns), looks: true, cancellation);
        if (reference.Key.OnUpdate == ReferenceAction.NoAction)
        {
            await KeepAsync(reference, changes.Replaced(reference.Referenced, columns).Select(static pair => pair.Before),
                looks: true, cancellation);
        }
    }

    /// <summary>NO ACTION: fails where rows refer to keys that are gone.</summary>
    private async ValueTask KeepAsync(
        Reference reference, IEnumerable<ColumnBatch> changed, bool looks, CancellationToken cancellation)
    {
        using DistinctKeys distinct = Distinct(reference);
        foreach (ColumnBatch rows in changed)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch keys = distinct.TakeNew(rows);
            if (keys.RowCount == 0)
                continue;
            keys = await ClaimAsync(reference, keys, cancellation);
            if (looks && keys.RowCount > 0)
                await RequireUnreferencedAsync(reference, keys, cancellation);
        }
    }

    private async ValueTask ActAsync(
        ReferenceAction action, bool isDelete, Reference reference, IEnumerable<(ColumnBatch Before, ColumnBatch? After)> changed,
        CancellationToken cancellation)
    {
        (TableEntry table, ForeignKeyEntry key, TableEntry referenced) = reference;
        using DistinctKeys distinct = Distinct(reference);
        // All is read before rows change, which may be of the same table.
        foreach ((ColumnBatch before, ColumnBatch? after) in changed.ToArray())
        {
            cancellation.ThrowIfCancellationRequested();
            int count = key.ReferencedColumns.Length;
            ColumnBatch both = new([.. before.Columns, .. after?.Columns ?? []], before.RowCount);
            both = WithoutNulls(both, count);
            if (both.RowCount == 0)
                continue;
            ColumnBatch keys = new(both.Columns[..count], both.RowCount);
            await ClaimAsync(reference, keys, cancellation);
            if (action == ReferenceAction.Restrict)
            {
                await RequireUnreferencedAsync(reference, distinct.TakeNew(keys), cancellation);
                continue;
            }
            ColumnBatch? now = after is null ? null : new ColumnBatch(both.Columns[count..], both.RowCount);
            await _queries.ActAsync(action, isDelete, table, key, referenced, keys,
                action == ReferenceAction.Cascade ? now : null, cancellation);
            // A default may be the very key that goes.
            if (action == ReferenceAction.SetDefault)
                await RequireUnreferencedAsync(reference, keys, cancellation);
        }
    }

    private async ValueTask RequireUnreferencedAsync(Reference reference, ColumnBatch keys, CancellationToken cancellation)
    {
        (TableEntry table, ForeignKeyEntry key, TableEntry referenced) = reference;
        if (keys.RowCount > 0 && await _queries.FindAsync(table, key, referenced, keys, cancellation) is { } row)
            throw ReferenceErrors.StillReferenced(session, table, key, referenced, keys, row);
    }

    /// <returns>The keys that are gone.</returns>
    private async ValueTask<ColumnBatch> ClaimAsync(Reference reference, ColumnBatch keys, CancellationToken cancellation)
    {
        ColumnBatch ordered = new([.. KeyOrder.Of(reference).Select(i => keys.Columns[i])], keys.RowCount);
        bool[] gone = await session.Transaction.Storage.ClaimKeysAsync(
            reference.Referenced.Id, reference.Key.IndexOid, ordered, cancellation);
        int[] rows = [.. Enumerable.Range(0, gone.Length).Where(row => gone[row])];
        return rows.Length == gone.Length ? keys : keys.Take(rows);
    }

    private DistinctKeys Distinct(Reference reference)
    {
        ImmutableArray<SqlType> types =
            [.. reference.Key.ReferencedColumns.Select(number => reference.Referenced.Column(number).Type)];
        MemoryBudget memory = Executions.Memory(session);
        return new DistinctKeys(types, memory);
    }

    private static ColumnBatch WithoutNulls(ColumnBatch rows, int keyColumns)
    {
        Column[] keys = rows.Columns[..keyColumns];
        if (!Array.Exists(keys, column => column.HasNulls))
            return rows;
        return rows.Take([.. Enumerable.Range(0, rows.RowCount).Where(row => !Array.Exists(keys, column => column.IsNull(row)))]);
    }

    private static IEnumerable<(ColumnBatch Before, ColumnBatch? After)> Alone(IEnumerable<ColumnBatch> removed) =>
        removed.Select(static rows => (rows, (ColumnBatch?)null));

    private static IEnumerable<(ColumnBatch Before, ColumnBatch? After)> Pairs(
        IEnumerable<(ColumnBatch Before, ColumnBatch After)> replaced) =>
        replaced.Select(static pair => (pair.Before, (ColumnBatch?)pair.After));
}
