using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>The rows that queries go with: each anchor names one, and anchors of one key are one query.</summary>
/// <remarks>Memory: the rows' keys and what is said for each anchor, held of the query's budget; 53200 where that has not so much.</remarks>
internal sealed class PositiveRows : IDisposable
{
    private const int ArrayBytes = 24; // of an array, beside what is in it
    private const long AnchorBytes = (4 * sizeof(int)) + sizeof(long) + ArrayBytes + sizeof(int);

    private readonly MemoryGrant _grant;
    private readonly KeyedRows _keyed;
    private readonly List<int> _rows = []; // of each anchor
    private bool _areNamed = true;

    internal PositiveRows(MiningRows rows, SqlType key, MemoryBudget memory)
    {
        _keyed = new KeyedRows(rows, key, memory);
        _grant = new MemoryGrant(memory);
    }

    /// <summary>The row of each anchor, -1 for one that is not there; null where anchors name none.</summary>
    internal int[]? OfAnchors => _areNamed ? [.. _rows] : null;

    internal void Add(Column named, int rowCount)
    {
        _grant.Set((_rows.Count + rowCount) * AnchorBytes);
        _rows.AddRange(_keyed.Find(named, rowCount));
        _areNamed &= !named.HasNulls; // all are, or none is
    }

    public void Dispose()
    {
        _keyed.Dispose();
        _grant.Dispose();
    }

    /// <summary>For each anchor all rows that anchors of its key name, in ascending order.</summary>
    /// <param name="keys">Equal ones are neighbours.</param>
    internal int[][] OfKeys(Column keys, SqlType key)
    {
        int[][] rows = new int[_rows.Count][];
        int[] numbers = new int[_rows.Count];
        KeyTable table = KeyTable.Create([KeyKinds.Of(key)], nullsMatch: false);
        table.Add([keys], numbers.Length, numbers);
        _grant.Set((_rows.Count * AnchorBytes) + table.SizeBytes);
        for (int start = 0, end; start < numbers.Length; start = end)
        {
            for (end = start; end < numbers.Length && numbers[end] == numbers[start]; end++)
            {
            }
            int[] known = [.. _rows[start..end].Where(static row => row != KeyedRows.Unknown).Distinct().Order()];
            rows.AsSpan(start, end - start).Fill(known);
        }
        return rows;
    }
}
