using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Finds rows by their keys.</summary>
internal sealed class KeyedRows
{
    /// <summary>What stands for a row that is not there.</summary>
    internal const int Unknown = -1;

    private readonly KeyTable _keys;
    private readonly List<int> _rowOf = []; // by number in the table: keys may come more than once

    internal KeyedRows(MiningRows rows, SqlType key)
    {
        _keys = KeyTable.Create([KeyKinds.Of(key)], nullsMatch: false);
        int[] numbers = new int[rows.Count];
        _keys.Add([rows.Keys], rows.Count, numbers);
        for (int row = 0; row < numbers.Length; row++)
        {
            if (numbers[row] == _rowOf.Count)
                _rowOf.Add(row);
        }
    }

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
