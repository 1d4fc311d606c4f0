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

/// <summary>Tests whether new rows refer to keys that are there, and holds those keys until the transaction ends.</summary>
internal sealed class ReferrerCheck(SessionState session)
{
    /// <exception cref="SqlException">23503: a row refers to a key that is not there.</exception>
    internal async ValueTask RunAsync(Reference reference, TableChanges changes, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        await storage.LockTableAsync(reference.Referenced.Id, TableLockMode.RowShare, LockWaitPolicy.Block, cancellation);
        short[] columns = [.. reference.Key.Columns];
        MemoryBudget memory = Executions.Memory(session);
        KeyFinder finder = new(session, reference);
        DistinctKeys? distinct = null;
        try
        {
            foreach (ColumnBatch rows in changes.Inserted(reference.Table, columns))
            {
                cancellation.ThrowIfCancellationRequested();
                ColumnBatch keys = WithoutNulls(reference, rows);
                if (distinct is not null || keys.RowCount > 1)
                {
                    distinct ??= new DistinctKeys(finder.ReferringTypes, memory);
                    keys = distinct.TakeNew(keys);
                }
                if (keys.RowCount > 0 && await finder.FindMissingAsync(keys, cancellation) is { } row)
                    throw ReferenceErrors.Missing(session, reference.Table, reference.Key, reference.Referenced, keys, row);
            }
        }
        finally
        {
            distinct?.Dispose();
        }
    }

    /// <summary>The keys that refer to something.</summary>
    /// <exception cref="SqlException">23503: under MATCH FULL one is null in some columns only.</exception>
    private ColumnBatch WithoutNulls(Reference reference, ColumnBatch rows)
    {
        if (!Array.Exists(rows.Columns, column => column.HasNulls))
            return rows;
        var kept = new List<int>(rows.RowCount);
        for (int row = 0; row < rows.RowCount; row++)
        {
            int nulls = rows.Columns.Count(column => column.IsNull(row));
            if (nulls == 0)
                kept.Add(row);
            else if (reference.Key.MatchesFull && nulls < rows.Columns.Length)
                throw ReferenceErrors.Mixed(session, reference.Table, reference.Key);
        }
        return rows.Take([.. kept]);
    }

    /// <summary>Looks keys up in the index that they refer to.</summary>
    private sealed class KeyFinder
    {
        private readonly SessionState _session;
        private readonly Reference _reference;
        private readonly int[] _order; // of the index's columns, which of the key's
        private readonly Func<ColumnBatch, ColumnBatch>? _convert;

        internal KeyFinder(SessionState session, Reference reference)
        {
            (_session, _reference) = (session, reference);
            _order = KeyOrder.Of(reference);
            ReferringTypes = [.. reference.Key.Columns.Select(number => reference.Table.Column(number).Type)];
            ImmutableArray<SqlType> referenced =
                [.. reference.Key.ReferencedColumns.Select(number => reference.Referenced.Column(number).Type)];
            _convert = KeyConversion.Between(session, ReferringTypes, referenced);
        }

        internal ImmutableArray<SqlType> ReferringTypes { get; }

        /// <summary>Holds the keys that are there.</summary>
        /// <returns>The first that is not; null where all are.</returns>
        internal async ValueTask<int?> FindMissingAsync(ColumnBatch keys, CancellationToken cancellation)
        {
            ColumnBatch converted = _convert is { } convert ? convert(keys) : keys;
            int? missing = null;
            if (_convert is not null && FirstNull(converted) is { } row)
            {
                missing = row; // equal to no key of the other type
                converted = converted.Slice(0, row);
            }
            if (converted.RowCount == 0)
                return missing;
            ColumnBatch ordered = new([.. _order.Select(i => converted.Columns[i])], converted.RowCount);
            bool[] found = await _session.Transaction.Storage.HoldKeysAsync(
                _reference.Referenced.Id, _reference.Key.IndexOid, ordered, cancellation);
            int absent = Array.IndexOf(found, false);
            return absent >= 0 ? absent : missing;
        }

        private static int? FirstNull(ColumnBatch rows)
        {
            for (int row = 0; row < rows.RowCount; row++)
            {
                foreach (Column column in rows.Columns)
                {
                    if (column.IsNull(row))
                        return row;
                }
            }
            return null;
        }
    }
}
