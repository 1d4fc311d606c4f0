using System.Runtime.CompilerServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The keys of columns by which an indexed segment's rows were filtered lately.</summary>
/// <remarks>
/// A segment does not change, so its keys do not either. They are made when a filter first asks for them, and gone with the index.
/// Memory:  8 to 12 bytes a row for each of a few columns.
/// Cost:    of making them some fiftieth part of a second for a million rows.
/// Threads: any; who asks for keys that another makes, waits.
/// </remarks>
internal sealed class ColumnKeys
{
    private const int ColumnsMax = 6;

    private static readonly ConditionalWeakTable<CellIndex, ColumnKeys> Known = [];

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = []; // the one used last is last

    internal static ColumnKeys Of(CellIndex index) => Known.GetOrCreateValue(index);

    internal CellKeys Find(CellIndex index, KeyCondition condition, IReadOnlyList<(ScanUnit Unit, int Start)> units)
    {
        Entry entry;
        lock (_lock)
        {
            int at = _entries.FindIndex(known => known.Column == condition.Column && known.IsHashed == condition.IsHashed);
            entry = at >= 0 ? _entries[at]
                : new Entry(condition.Column, condition.IsHashed, new Lazy<CellKeys>(() => Make(index, condition, units)));
            if (at >= 0)
                _entries.RemoveAt(at);
            else if (_entries.Count == ColumnsMax)
                _entries.RemoveAt(0);
            _entries.Add(entry);
        }
        return entry.Keys.Value;
    }

    private static CellKeys Make(CellIndex index, KeyCondition condition, IReadOnlyList<(ScanUnit Unit, int Start)> units)
    {
        int rows = units[^1].Start + units[^1].Unit.RowCountMax;
        long[] keys = new long[rows];
        ulong[] valid = Bitmap.Allocate(rows);
        bool hasNulls = false;
        short[] columns = [condition.Column];
        foreach ((ScanUnit unit, int start) in units)
        {
            for (int first = 0; first < unit.RowCountMax; first += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, unit.RowCountMax - first);
                Column column = unit.Slice(first, count, columns).Columns[0].Expand();
                for (int row = 0; row < count; row++)
                {
                    if (column.IsNull(row))
                    {
                        hasNulls = true;
                        continue;
                    }
                    keys[start + first + row] = KeyCondition.KeyOf(condition.Type, column, row, condition.IsHashed);
                    Bitmap.Set(valid, start + first + row);
                }
            }
        }
        return CellKeys.Make(index, keys, hasNulls ? valid : []);
    }

    private sealed record Entry(short Column, bool IsHashed, Lazy<CellKeys> Keys);
}
