using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>The built side of a hash join: its rows, and for each key the rows that have it.</summary>
/// <remarks>
/// Layout:  rows lie in one batch, with a row of nulls at its end for outer rows without a match; the rows of key i are
///          <c>RowsOf[Starts[i]]</c> to <c>RowsOf[Starts[i + 1]]</c>, in the order they came.
/// Threads: any number may probe once it is sealed, except for marking matches.
/// </remarks>
internal sealed class JoinTable : IDisposable
{
    private readonly KeyTable _keys;
    private readonly MemoryGrant _grant;
    private readonly BatchBuilder _builder;
    private int[] _ids = new int[256];
    private int[] _starts = [];
    private int[] _rowsOf = [];
    private ulong[]? _matched;

    internal JoinTable(OperatorContext context, ReadOnlySpan<PhysicalType> types, ReadOnlySpan<KeyKind> kinds)
    {
        _keys = KeyTable.Create(kinds, nullsMatch: false);
        _grant = new MemoryGrant(context.Memory);
        _builder = new BatchBuilder(types);
    }

    /// <summary>The rows, and behind them one of nulls.</summary>
    internal ColumnBatch Rows { get; private set; } = ColumnBatch.Empty;

    internal int RowCount { get; private set; }

    /// <summary>Where <see cref="Rows"/> has nulls only.</summary>
    internal int NullRow => RowCount;

    /// <summary>Whether some row has a null among its keys.</summary>
    internal bool HasNullKey { get; private set; }

    internal long SizeBytes => _builder.SizeBytes + _keys.SizeBytes + (12L * _ids.Length);

    /// <summary>Adds rows; false when the memory limit is passed (the rows are in all the same).</summary>
    internal bool Add(ColumnBatch rows, ReadOnlySpan<Column> keys, long bytesMax)
    {
        if (RowCount + rows.RowCount > _ids.Length)
            Array.Resize(ref _ids, Math.Max(_ids.Length * 2, RowCount + rows.RowCount));
        Span<int> ids = _ids.AsSpan(RowCount, rows.RowCount);
        _keys.Add(keys, rows.RowCount, ids);
        HasNullKey = HasNullKey || ids.Contains(KeyTable.Absent);
        _builder.AppendAll(rows);
        RowCount += rows.RowCount;
        long bytes = SizeBytes;
        return bytes <= bytesMax && _grant.TrySet(bytes);
    }

    /// <summary>Holds on to the memory whatever the limit: for a partition that will not get smaller.</summary>
    /// <exception cref="Core.Errors.SqlException">53200: the query's budget has no more.</exception>
    internal void Reserve() => _grant.Set(SizeBytes);

    /// <summary>Ends the building.</summary>
    internal void Seal(bool marksMatches)
    {
        foreach (ColumnBuilder column in _builder.Columns)
            column.AppendNull();
        _builder.EndRow();
        Rows = _builder.Build();
        _starts = new int[_keys.Count + 1];
        for (int row = 0; row < RowCount; row++)
        {
            if (_ids[row] >= 0)
                _starts[_ids[row] + 1]++;
        }
        for (int i = 1; i < _starts.Length; i++)
            _starts[i] += _starts[i - 1];
        _rowsOf = new int[_starts[^1]];
        int[] next = ArrayPool<int>.Shared.Rent(_starts.Length);
        _starts.CopyTo(next, 0);
        for (int row = 0; row < RowCount; row++)
        {
            if (_ids[row] >= 0)
                _rowsOf[next[_ids[row]]++] = row;
        }
        ArrayPool<int>.Shared.Return(next);
        _ids = [];
        if (marksMatches)
            _matched = Bitmap.Allocate(Math.Max(RowCount, 1));
    }

    /// <summary>The key number of each probing row, or <see cref="KeyTable.Absent"/>.</summary>
    internal void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids) => _keys.Find(keys, rowCount, ids);

    /// <summary>The rows that have a key.</summary>
    internal ReadOnlySpan<int> RowsOf(int id) => _rowsOf.AsSpan(_starts[id], _starts[id + 1] - _starts[id]);

    internal void MarkMatched(ReadOnlySpan<int> rows)
    {
        if (_matched is not { } matched)
            return;
        foreach (int row in rows)
            Bitmap.Set(matched, row);
    }

    /// <summary>Writes the numbers of rows from <paramref name="next"/> on that nothing matched, and moves it.</summary>
    internal int TakeUnmatched(ref int next, Span<int> target)
    {
        int count = 0;
        for (; next < RowCount && count < target.Length; next++)
        {
            if (_matched is null || (_matched[next >> 6] & (1UL << (next & 63))) == 0)
                target[count++] = next;
        }
        return count;
    }

    public void Dispose() => _grant.Dispose();
}
