using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>The built side of a hash join: its rows, and for each key the rows that have it.</summary>
/// <remarks>
/// Layout:  rows are kept as they come until all are there; then they lie in one batch, with a row of nulls at its end for outer rows
///          without a match. The rows of key i are <c>_rowsOf[_starts[i]]</c> to <c>_rowsOf[_starts[i + 1]]</c>, in the order they came;
///          where no two rows have the same key there are no starts.
/// Threads: any number may probe once it is sealed.
/// </remarks>
internal sealed class JoinTable(OperatorContext context, JoinLayout layout) : IDisposable
{
    private const long RowBytes = 24; // of the index, about

    private readonly MemoryGrant _grant = new(context.Memory);
    private readonly List<ColumnBatch> _pieces = []; // prepared
    private JoinIndex? _index;
    private int[]? _starts;
    private int[] _rowsOf = [];
    private ulong[]? _matched;
    private long _bytes;

    /// <summary>The columns wanted of the rows, and behind the rows one of nulls.</summary>
    internal ColumnBatch Rows { get; private set; } = ColumnBatch.Empty;

    internal int RowCount { get; private set; }

    /// <summary>Where <see cref="Rows"/> has nulls only.</summary>
    internal int NullRow => RowCount;

    /// <summary>No two rows have the same key.</summary>
    internal bool IsUnique => _starts is null;

    /// <summary>The prepared rows, until the building ends.</summary>
    internal IReadOnlyList<ColumnBatch> Pieces => _pieces;

    /// <summary>Adds prepared rows; false when the memory limit is passed (the rows are in all the same).</summary>
    internal bool Add(ColumnBatch prepared, long bytesMax)
    {
        if (prepared.RowCount == 0)
            return true;
        _pieces.Add(prepared);
        RowCount += prepared.RowCount;
        _bytes += BatchMemory.SizeBytes(prepared) + (RowBytes * prepared.RowCount);
        return _bytes <= bytesMax && _grant.TrySet(_bytes);
    }

    /// <summary>Holds on to the memory whatever the limit: for a partition that will not get smaller.</summary>
    /// <exception cref="Core.Errors.SqlException">53200: the query's budget has no more.</exception>
    internal void Reserve() => _grant.Set(_bytes);

    /// <summary>Ends the building.</summary>
    internal void Seal(bool marksMatches)
    {
        Rows = JoinPieces();
        var keys = new Column[_pieces.Count][];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = layout.Right.KeysOf(_pieces[i]).ToArray();
        _pieces.Clear();
        int[] ids = GC.AllocateUninitializedArray<int>(RowCount);
        _index = JoinIndex.Create(layout.Kinds, keys, ids);
        Order(ids, _index.Count);
        if (marksMatches)
            _matched = Bitmap.Allocate(Math.Max(RowCount, 1));
    }

    /// <summary>The key number of each probing row, or <see cref="KeyTable.Absent"/>.</summary>
    internal void Find(ReadOnlySpan<Column> keys, Span<int> ids)
    {
        if (RowCount == 0)
            ids.Fill(KeyTable.Absent);
        else
            (_index ?? throw new InvalidOperationException("the table is not sealed")).Find(keys, ids);
    }

    /// <summary>The rows that have a key.</summary>
    internal ReadOnlySpan<int> RowsOf(int id) => _starts is { } starts
        ? _rowsOf.AsSpan(starts[id], starts[id + 1] - starts[id])
        : _rowsOf.AsSpan(id, 1);

    /// <summary>Where no two rows have the same key: each key's row.</summary>
    internal ReadOnlySpan<int> OnlyRows => _rowsOf;

    internal void MarkMatched(ReadOnlySpan<int> rows)
    {
        if (_matched is not { } matched)
            return;
        foreach (int row in rows)
        {
            ulong bit = 1UL << (row & 63);
            if (row < RowCount && (Volatile.Read(ref matched[row >> 6]) & bit) == 0)
                Interlocked.Or(ref matched[row >> 6], bit);
        }
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

    private ColumnBatch JoinPieces()
    {
        var columns = new Column[layout.Right.Types.Length];
        var parts = new Column[_pieces.Count + 1];
        for (int i = 0; i < columns.Length; i++)
        {
            for (int piece = 0; piece < _pieces.Count; piece++)
                parts[piece] = _pieces[piece].Columns[i];
            parts[^1] = Column.Nulls(layout.Right.Types[i], 1);
            columns[i] = Concatenation.Of(layout.Right.Types[i], parts);
        }
        return new ColumnBatch(columns, RowCount + 1);
    }

    private void Order(ReadOnlySpan<int> ids, int keyCount)
    {
        int[] next = new int[keyCount + 1];
        int withKey = 0;
        foreach (int id in ids)
        {
            if (id < 0)
                continue;
            next[id + 1]++;
            withKey++;
        }
        for (int i = 1; i < next.Length; i++)
            next[i] += next[i - 1];
        if (withKey > keyCount)
            _starts = [.. next];
        _rowsOf = GC.AllocateUninitializedArray<int>(withKey);
        for (int row = 0; row < ids.Length; row++)
        {
            if (ids[row] >= 0)
                _rowsOf[next[ids[row]]++] = row;
        }
    }
}
