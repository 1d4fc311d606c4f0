using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Finds rows by their keys.</summary>
/// <remarks>Memory: the keys, held of the query's budget; 53200 where that has not so much.</remarks>
internal sealed class KeyedRows : IDisposable
{
    /// <summary>What stands for a row that is not there.</summary>
    internal const int Unknown = -1;

    private readonly KeyTable _keys;
    private readonly List<int> _rowOf = []; // by number in the table: keys may come more than once

    private readonly MemoryGrant _grant;

    internal KeyedRows(MiningRows rows, SqlType key, MemoryBudget memory)
    {
        _grant = new MemoryGrant(memory);
        _keys = KeyTable.Create([KeyKinds.Of(key)], nullsMatch: false);
        int[] numbers = new int[ColumnBatch.RowsMax];
        try
        {
            for (int start = 0, count; start < rows.Count; start += count)
            {
                count = Math.Min(numbers.Length, rows.Count - start);
                _keys.Add([rows.Keys.Slice(start, count)], count, numbers);
                for (int row = 0; row < count; row++)
                {
                    if (numbers[row] == _rowOf.Count)
                        _rowOf.Add(start + row);
                }
                _grant.Set(_keys.SizeBytes + ((long)_rowOf.Capacity * sizeof(int)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _grant.Dispose();

    /// <summary>The first row of each key; <see cref="Unknown"/> for keys that no row has, and nulls.</summary>
    internal int[] Find(Column keys, int rowCount)
    {
        int[] rows = new int[rowCount];
        _keys.Find([keys.Expand()], rowCount, rows);
        foreach (ref int row in rows.AsSpan())
            row = row == KeyTable.Absent ? Unknown : _rowOf[row];
        return rows;
    }
}
