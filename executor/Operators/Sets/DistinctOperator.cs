using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sets;

/// <summary>Removes equal rows; nulls are equal. The first row of equals is the one kept.</summary>
/// <remarks>
/// Order:  rows leave as they come, as long as the table of rows seen fits in memory.
/// Memory: when it does not fit, rows that are not in it are parted by hash, spilled, and made distinct part by part.
/// </remarks>
internal sealed class DistinctOperator : Operator
{
    private const int PartCount = 16, PartBits = 4, DepthMax = 6;

    private readonly Operator _input;
    private readonly OperatorContext _context;
    private readonly KeyKind[] _kinds;
    private readonly MemoryGrant _grant;
    private readonly Stack<(RowStore Rows, int Depth)> _parts = [];
    private KeyTable _seen;
    private RowStore[]? _overflow;
    private RowStore? _source; // null while the input itself is read
    private IBatchReader? _reader;
    private int _depth;
    private bool _isFull;

    internal DistinctOperator(DistinctPlan plan, Operator input, OperatorContext context)
    {
        (_input, _context) = (input, context);
        _kinds = KeyKinds.Of(plan.Output.AsSpan());
        _seen = KeyTable.Create(_kinds, nullsMatch: true);
        _grant = new MemoryGrant(context.Memory);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch? batch = _reader is null
                ? await _input.NextAsync(cancellation).ConfigureAwait(false)
                : _reader.Next();
            if (batch is null)
            {
                if (!NextPart())
                    return null;
                continue;
            }
            ColumnBatch fresh = _isFull ? PutAside(batch) : DistinctRows.TakeNew(batch, batch.Columns, _seen);
            if (!_isFull)
                CheckMemory();
            if (fresh.RowCount > 0)
                return fresh;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        _source?.Dispose();
        foreach (RowStore rows in _overflow ?? [])
            rows.Dispose();
        foreach ((RowStore rows, _) in _parts)
            rows.Dispose();
        _grant.Dispose();
        await _input.DisposeAsync().ConfigureAwait(false);
    }

    private void CheckMemory()
    {
        if (_depth >= DepthMax)
            _grant.Set(_seen.SizeBytes);
        else
            _isFull = _seen.SizeBytes > _context.WorkMemoryBytes || !_grant.TrySet(_seen.SizeBytes);
    }

    // Rows already seen are dropped; the others can only be told apart in a later pass.
    private ColumnBatch PutAside(ColumnBatch batch)
    {
        int[] ids = new int[batch.RowCount], rows = new int[batch.RowCount];
        ulong[] hashes = new ulong[batch.RowCount];
        _seen.Find(batch.Columns, batch.RowCount, ids);
        _seen.Hash(batch.Columns, batch.RowCount, hashes);
        if (_overflow is null)
        {
            _overflow = new RowStore[PartCount];
            for (int i = 0; i < PartCount; i++)
                _overflow[i] = new RowStore(_context.Memory, _context.Spill, memoryBytesMax: 0);
        }
        int shift = 60 - (_depth * PartBits);
        for (int part = 0; part < PartCount; part++)
        {
            int count = 0;
            for (int row = 0; row < ids.Length; row++)
            {
                rows[count] = row;
                bool isHere = ids[row] == KeyTable.Absent && (int)((hashes[row] >> shift) & (PartCount - 1)) == part;
                count += isHere ? 1 : 0;
            }
            if (count > 0)
                _overflow[part].Add(batch.Take(rows.AsSpan(0, count)));
        }
        return ColumnBatch.Empty;
    }

    private bool NextPart()
    {
        _reader?.Dispose();
        _source?.Dispose();
        foreach (RowStore rows in _overflow ?? [])
        {
            if (rows.RowCount > 0)
                _parts.Push((rows, _depth + 1));
            else
                rows.Dispose();
        }
        _overflow = null;
        if (!_parts.TryPop(out (RowStore Rows, int Depth) part))
        {
            _reader = EmptyReader.Instance;
            return false;
        }
        (_source, _depth) = part;
        _reader = part.Rows.Read();
        _seen = KeyTable.Create(_kinds, nullsMatch: true);
        _grant.Set(0);
        _isFull = false;
        return true;
    }

    private sealed class EmptyReader : IBatchReader
    {
        internal static readonly EmptyReader Instance = new();

        public ColumnBatch? Next() => null;

        public void Dispose()
        {
        }
    }
}
