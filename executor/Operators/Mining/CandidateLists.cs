using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Reads, for anchors in their order, the rows among which their negative ones are looked for.</summary>
/// <remarks>Memory: the rows' keys and the lists, held of the query's budget; 53200 where that has not so much.</remarks>
/// <param name="source">Places of anchors, ascending, and keys of rows.</param>
internal sealed class CandidateLists(Operator source, MiningRows rows, SqlType key, MemoryBudget memory) : IDisposable
{
    private const int RowBytes = 3 * sizeof(int); // in a list that has grown, and in the array that is made of it

    private readonly KeyedRows _keyed = new(rows, key, memory);
    private readonly MemoryGrant _grant = new(memory);
    private long _listed; // rows in the lists that are in use
    private ColumnBatch? _batch;
    private int[] _rows = []; // of the batch
    private int _next; // in the batch
    private long _lastPlace;

    /// <summary>Says that lists given so far are in use no more.</summary>
    internal void Forget() => _listed = 0;

    public void Dispose()
    {
        _keyed.Dispose();
        _grant.Dispose();
    }

    /// <summary>The rows of each of the anchors, which come after those asked for before.</summary>
    internal async ValueTask<int[][]> NextAsync(ReadOnlyMemory<int> anchors, CancellationToken cancellation)
    {
        var lists = new List<int>[anchors.Length];
        for (int i = 0; i < lists.Length; i++)
            lists[i] = [];
        int current = 0;
        while (await HasNextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            long place = ((FixedColumn<long>)batch.Columns[0])[_next];
            Invariant.Holds(place >= _lastPlace);
            _lastPlace = place;
            while (current < anchors.Length && anchors.Span[current] < place)
                current++;
            if (current == anchors.Length)
                break;
            if (anchors.Span[current] == place && _rows[_next] != KeyedRows.Unknown)
            {
                _grant.Set(++_listed * RowBytes);
                lists[current].Add(_rows[_next]);
            }
            _next++;
        }
        return Array.ConvertAll(lists, static list => list.ToArray());
    }

    /// <summary>The batch that the next row is in; null at the end.</summary>
    private async ValueTask<ColumnBatch?> HasNextAsync(CancellationToken cancellation)
    {
        if (_batch is null || _next == _batch.RowCount)
        {
            cancellation.ThrowIfCancellationRequested();
            _batch = await source.NextAsync(cancellation).ConfigureAwait(false);
            _next = 0;
            if (_batch is not null)
                _rows = _keyed.Find(_batch.Columns[1], _batch.RowCount);
        }
        return _batch;
    }
}
