using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>The groups of one grouping set, their keys and their aggregates' states.</summary>
/// <remarks>
/// Order:  groups come out in the order in which their first rows came.
/// Memory: when the limit is passed, no new groups are taken in; rows of others are put aside, for a later pass over them alone.
/// Threads: one at a time.
/// </remarks>
internal sealed class GroupedAggregation : IDisposable
{
    private readonly AggregateLayout _layout;
    private readonly OperatorContext _context;
    private readonly int _set;
    private readonly int[] _keyOrdinals;
    private readonly KeyTable _groups;
    private readonly BatchBuilder _keyValues;
    private readonly AggregateState[] _states;
    private readonly MemoryGrant _grant;
    private readonly int[] _ids = new int[ColumnBatch.RowsMax];
    private readonly int[] _rows = new int[ColumnBatch.RowsMax];
    private bool _isFull;
    private ColumnBatch? _finishedKeys;
    private int _finished, _groupCount;

    internal GroupedAggregation(AggregateLayout layout, int set, OperatorContext context)
    {
        (_layout, _set, _context) = (layout, set, context);
        _keyOrdinals = [.. layout.Plan.GroupingSets[set]];
        var kinds = new KeyKind[_keyOrdinals.Length];
        var types = new PhysicalType[_keyOrdinals.Length];
        for (int i = 0; i < kinds.Length; i++)
        {
            kinds[i] = KeyKinds.Of(layout.Plan.Keys[_keyOrdinals[i]].Type);
            types[i] = layout.Types[_keyOrdinals[i]];
        }
        _groups = KeyTable.Create(kinds, nullsMatch: true);
        _keyValues = new BatchBuilder(types);
        _states = new AggregateState[layout.Calls.Length];
        for (int i = 0; i < _states.Length; i++)
            _states[i] = AggregateState.Create(layout, layout.Calls[i], context);
        _grant = new MemoryGrant(context.Memory);
    }

    internal int Set => _set;

    /// <summary>Takes memory beyond the limit rather than put rows aside: for passes that would not get smaller.</summary>
    internal bool IsUnlimited { get; init; }

    /// <summary>Adds prepared rows.</summary>
    /// <returns>The rows that found no room, or null.</returns>
    internal ColumnBatch? Add(ColumnBatch prepared)
    {
        if (_keyOrdinals.Length == 0)
        {
            AddToStates(prepared, default, 1);
            _groupCount = 1;
            return null;
        }
        Column[] keys = KeysOf(prepared);
        Span<int> ids = _ids.AsSpan(0, prepared.RowCount);
        int known = _groups.Count;
        _groups.Add(keys, prepared.RowCount, ids, _isFull);
        _groupCount = _groups.Count;
        if (_groups.Count > known)
            KeepKeys(keys, ids, known);
        ColumnBatch? rest = null;
        if (_isFull && ids.Contains(KeyTable.Absent))
            prepared = Divide(prepared, ref ids, out rest);
        if (prepared.RowCount > 0)
            AddToStates(prepared, ids, _groupCount);
        return rest;
    }

    /// <summary>Adds the groups of another aggregation over the same set.</summary>
    internal void Merge(GroupedAggregation other)
    {
        if (_keyOrdinals.Length == 0)
        {
            if (other._groupCount == 0)
                return;
            _groupCount = 1;
            for (int i = 0; i < _states.Length; i++)
                _states[i].Merge(other._states[i], [0], 1);
            return;
        }
        ColumnBatch keys = other._keyValues.Build();
        int[] ids = new int[keys.RowCount];
        int known = _groups.Count;
        _groups.Add(keys.Columns, keys.RowCount, ids);
        _groupCount = _groups.Count;
        KeepKeys(keys.Columns, ids, known);
        for (int i = 0; i < _states.Length; i++)
            _states[i].Merge(other._states[i], ids, _groupCount);
        CheckMemory();
    }

    /// <summary>The next groups as result rows, once all rows are in; null at the end.</summary>
    internal ColumnBatch? Next(CancellationToken cancellation)
    {
        if (_finishedKeys is null)
        {
            if (_keyOrdinals.Length == 0)
                _groupCount = 1; // an aggregate without keys has a row even of no input
            foreach (AggregateState state in _states)
                state.Complete(_groupCount, cancellation);
            _finishedKeys = _keyValues.Build();
        }
        cancellation.ThrowIfCancellationRequested();
        int count = Math.Min(ColumnBatch.RowsMax, _groupCount - _finished);
        if (count <= 0)
            return null;
        int start = _finished;
        _finished += count;
        return Output(_finishedKeys.Slice(start, _keyOrdinals.Length == 0 ? 0 : count), start, count);
    }

    public void Dispose()
    {
        foreach (AggregateState state in _states)
            state.Dispose();
        _grant.Dispose();
    }

    /// <summary>The columns of the rows' group keys.</summary>
    internal Column[] KeysOf(ColumnBatch prepared)
    {
        var keys = new Column[_keyOrdinals.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = prepared.Columns[_keyOrdinals[i]];
        return keys;
    }

    internal void Hash(ColumnBatch prepared, Span<ulong> hashes) =>
        _groups.Hash(KeysOf(prepared), prepared.RowCount, hashes);

    private void AddToStates(ColumnBatch prepared, ReadOnlySpan<int> ids, int groupCount)
    {
        foreach (AggregateState state in _states)
            state.Add(prepared, ids, groupCount);
        CheckMemory();
    }

    private void KeepKeys(ReadOnlySpan<Column> keys, ReadOnlySpan<int> ids, int known)
    {
        int[] rows = ids.Length <= _rows.Length ? _rows : new int[ids.Length];
        int count = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            rows[count] = row;
            count += ids[row] == known + count ? 1 : 0; // new keys are numbered in the order of their first rows
        }
        _keyValues.AppendRows(new ColumnBatch(keys.ToArray(), ids.Length), rows.AsSpan(0, count));
    }

    private ColumnBatch Divide(ColumnBatch prepared, ref Span<int> ids, out ColumnBatch? rest)
    {
        int[] known = new int[ids.Length], absent = new int[ids.Length];
        int knownCount = 0, absentCount = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            if (ids[row] == KeyTable.Absent)
            {
                absent[absentCount++] = row;
                continue;
            }
            ids[knownCount] = ids[row];
            known[knownCount++] = row;
        }
        rest = prepared.Take(absent.AsSpan(0, absentCount));
        ids = ids[..knownCount];
        return prepared.Take(known.AsSpan(0, knownCount));
    }

    private void CheckMemory()
    {
        long bytes = _groups.SizeBytes + _keyValues.SizeBytes;
        foreach (AggregateState state in _states)
            bytes += state.SizeBytes;
        if (_isFull || IsUnlimited)
            _grant.Set(bytes);
        else
            _isFull = bytes > _context.WorkMemoryBytes || !_grant.TrySet(bytes);
    }

    private ColumnBatch Output(ColumnBatch keys, int start, int count)
    {
        AggregatePlan plan = _layout.Plan;
        var columns = new Column[plan.Keys.Length + plan.Aggregates.Length + plan.Groupings.Length];
        for (int i = 0; i < plan.Keys.Length; i++)
        {
            int at = Array.IndexOf(_keyOrdinals, i);
            columns[i] = at < 0 ? Column.Nulls(_layout.Types[i], count) : keys.Columns[at];
        }
        for (int i = 0; i < _states.Length; i++)
            columns[plan.Keys.Length + i] = _states[i].Finish(start, count);
        for (int i = 0; i < plan.Groupings.Length; i++)
        {
            int bits = 0;
            foreach (int key in plan.Groupings[i])
                bits = (bits << 1) | (Array.IndexOf(_keyOrdinals, key) < 0 ? 1 : 0);
            columns[plan.Keys.Length + _states.Length + i] = FixedColumn<int>.Constant(bits, count);
        }
        return new ColumnBatch(columns, count);
    }
}
