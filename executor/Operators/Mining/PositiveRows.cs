using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>The rows that queries go with: each anchor names one, and anchors of one key are one query.</summary>
internal sealed class PositiveRows
{
    private readonly KeyedRows _keyed;
    private readonly List<int> _rows = []; // of each anchor
    private bool _areNamed = true;

    internal PositiveRows(MiningRows rows, SqlType key) => _keyed = new KeyedRows(rows, key);

    /// <summary>The row of each anchor, -1 for one that is not there; null where anchors name none.</summary>
    internal int[]? OfAnchors => _areNamed ? [.. _rows] : null;

    internal void Add(Column named, int rowCount)
    {
        _rows.AddRange(_keyed.Find(named, rowCount));
        _areNamed &= !named.HasNulls; // all are, or none is
    }

    /// <summary>For each anchor all rows that anchors of its key name, in ascending order.</summary>
    /// <param name="keys">Equal ones are neighbours.</param>
    internal int[][] OfKeys(Column keys, SqlType key)
    {
        int[][] rows = new int[_rows.Count][];
        int[] numbers = new int[_rows.Count];
        KeyTable.Create([KeyKinds.Of(key)], nullsMatch: false).Add([keys], numbers.Length, numbers);
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
