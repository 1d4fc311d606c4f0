using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>What is remembered of one subquery: its values by the outer values it read, or its rows.</summary>
internal sealed class SubplanMemory : IDisposable
{
    private const int ValuesMax = 1 << 16;

    private readonly int[] _slots;
    private readonly bool _isVolatile;
    private readonly List<Column> _values = [];
    private readonly MemoryGrant _grant;
    private readonly StatementRun _run;
    private readonly int _probeSlot = -1; // of a test that is one hashable equality
    private readonly KeyKind _probeKind;
    private KeyTable? _keys; // outer values seen; null until their physical types are known
    private KeyTable? _set;
    private long _valueBytes;
    private int _pending = KeyTable.Absent;
    private bool _setHasNull;

    internal SubplanMemory(SubplanExpression subplan, StatementRun run)
    {
        _run = run;
        _grant = new MemoryGrant(run.Execution.Memory);
        PlanTraits traits = PlanTraits.Of(subplan.Plan);
        _slots = [.. traits.FreeSlots];
        _isVolatile = traits.IsVolatile;
        // A subquery without outer values runs once even when it is volatile, as in PostgreSQL.
        IsIndependent = _slots.Length == 0;
        if (subplan.Kind == SubplanKind.Any && subplan.Test is CallExpression test && IsEquality(test, out int slot))
        {
            _probeSlot = slot;
            _probeKind = KeyKinds.Of(test.Arguments[0].Type);
        }
    }

    internal bool IsIndependent { get; }

    internal RowStore? Rows { get; private set; }

    /// <summary>The value for the outer values as they are; null when it is not known, and <see cref="Keep"/> is to tell.</summary>
    internal Column? Find(EvaluationContext context)
    {
        _pending = KeyTable.Absent;
        if (_isVolatile && !IsIndependent)
            return null;
        if (IsIndependent)
            return _values.Count > 0 ? _values[0] : null;
        var columns = new Column[_slots.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = context.OuterValues[_slots[i]]
                ?? throw new InvalidOperationException($"outer value {_slots[i]} is not set");
        }
        _keys ??= KeyTable.Create([.. columns.Select(static column => KeyKinds.Of(column.Type))], nullsMatch: true);
        Span<int> id = stackalloc int[1];
        _keys.Add(columns, 1, id, isFull: _values.Count >= ValuesMax || _valueBytes > _run.Execution.WorkMemoryBytes);
        if (id[0] != KeyTable.Absent && id[0] < _values.Count)
            return _values[id[0]];
        _pending = id[0];
        return null;
    }

    internal void Keep(Column value)
    {
        if (IsIndependent)
        {
            _values.Add(value);
            return;
        }
        if (_pending != _values.Count)
            return; // no room, or a nested run of the same subquery came between
        _values.Add(value);
        _valueBytes += BatchMemory.SizeBytes(value) + 64;
        _grant.Set(_valueBytes + (_keys?.SizeBytes ?? 0));
    }

    internal void AddRows(ColumnBatch batch)
    {
        Rows ??= new RowStore(_run.Execution.Memory, _run.Spill, _run.Execution.WorkMemoryBytes);
        if (_probeSlot < 0)
        {
            Rows.Add(batch);
            return;
        }
        _set ??= KeyTable.Create([_probeKind], nullsMatch: false);
        int[] ids = new int[batch.RowCount];
        _set.Add(batch.Columns.AsSpan(0, 1), batch.RowCount, ids);
        _setHasNull = _setHasNull || ids.Contains(KeyTable.Absent);
        _grant.Set(_set.SizeBytes);
    }

    internal void EndRows() =>
        Rows ??= new RowStore(_run.Execution.Memory, _run.Spill, _run.Execution.WorkMemoryBytes);

    internal IBatchReader OpenRows() => (Rows ?? throw new InvalidOperationException("no rows kept")).Read();

    /// <summary>x = ANY by look-up; null where the test or the state does not allow it.</summary>
    internal Column? Lookup(EvaluationContext context)
    {
        if (_set is null || context.OuterValues[_probeSlot] is not { } probe)
            return null;
        if (probe.IsNull(0))
            return Column.Nulls(PhysicalType.Bool, 1); // the set is not empty, or there would be none
        Span<int> id = stackalloc int[1];
        _set.Find([probe], 1, id);
        return id[0] != KeyTable.Absent ? BoolColumn.Constant(true, 1)
            : _setHasNull ? Column.Nulls(PhysicalType.Bool, 1) : BoolColumn.Constant(false, 1);
    }

    public void Dispose()
    {
        Rows?.Dispose();
        _grant.Dispose();
    }

    // outer = row's only column, both of one type, by that type's own equality.
    private static bool IsEquality(CallExpression test, out int slot)
    {
        slot = -1;
        if (test.Function.Name is not { } name || !name.EndsWith("eq", StringComparison.Ordinal)
            || test.Arguments.Count != 2 || test.Arguments[0].Type.Oid != test.Arguments[1].Type.Oid)
        {
            return false;
        }
        slot = (test.Arguments[0], test.Arguments[1]) switch
        {
            (OuterExpression outer, InputExpression { Ordinal: 0 }) => outer.Slot,
            (InputExpression { Ordinal: 0 }, OuterExpression outer) => outer.Slot,
            _ => -1,
        };
        return slot >= 0;
    }
}
