using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;

namespace VecSQL.Storage.Tables;

/// <summary>Where a sequence stands.</summary>
/// <param name="Sequence">The sequence's oid.</param>
/// <param name="Stamp">Grows with every change, so that of two records the later one is known.</param>
internal readonly record struct SequenceMark(uint Sequence, long LastValue, bool IsCalled, long Stamp);

/// <summary>The positions of all sequences.</summary>
/// <remarks>
/// Values are given out in memory. Before a value that no logged position covers can be committed, a position some
/// values
/// ahead is logged, so that one record serves for many values; a crash then skips those that were not used, as in
/// PostgreSQL.
/// Threads: any.
/// </remarks>
internal sealed class Sequences
{
    /// <summary>Values covered by one log record; as many as PostgreSQL's SEQ_LOG_VALS.</summary>
    private const int ValuesAhead = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<uint, State> _states = [];
    private readonly HashSet<uint> _unlogged = [];
    private long _stamp;

    /// <summary>Whether a position must be logged before the next commit counts.</summary>
    public bool HasUnlogged
    {
        get
        {
            lock (_lock)
                return _unlogged.Count > 0;
        }
    }

    /// <param name="countMax">Fewer are taken where the sequence ends, or begins anew.</param>
    public SequenceBlock Take(SequenceEntry sequence, long countMax)
    {
        lock (_lock)
        {
            State state = StateOf(sequence);
            if (state.IsCalled)
                state.LastValue = Following(sequence, state.LastValue);
            state.IsCalled = true;
            long first = state.LastValue;
            long count = Math.Min(Math.Max(countMax, 1), CountFrom(sequence, first));
            state.LastValue += (count - 1) * sequence.Increment;
            if (state.Covered < count)
            {
                state.Covered = ValuesAhead;
                (state.LoggedValue, state.LoggedIsCalled) = (Ahead(sequence, state), true);
                state.Stamp = ++_stamp;
                _unlogged.Add(sequence.Oid);
            }
            else
            {
                state.Covered -= (int)count;
            }
            return new SequenceBlock(first, count);
        }
    }

    public void Set(SequenceEntry sequence, long value, bool isCalled)
    {
        if (value < sequence.MinValue || value > sequence.MaxValue)
        {
            throw new SqlException(SqlState.NumericValueOutOfRange,
                $"setval: value {value} is out of bounds for sequence \"{sequence.Name}\" " +
                $"({sequence.MinValue}..{sequence.MaxValue})");
        }
        lock (_lock)
        {
            State state = StateOf(sequence);
            (state.LastValue, state.IsCalled, state.Covered) = (value, isCalled, 0);
            (state.LoggedValue, state.LoggedIsCalled) = (value, isCalled);
            state.Stamp = ++_stamp;
            _unlogged.Add(sequence.Oid);
        }
    }

    public (long LastValue, bool IsCalled) Position(SequenceEntry sequence)
    {
        lock (_lock)
        {
            return _states.TryGetValue(sequence.Oid, out State? state)
                ? (state.LastValue, state.IsCalled)
                : (sequence.Start, false);
        }
    }

    /// <summary>Takes the positions that are to be logged now.</summary>
    public SequenceMark[] TakeUnlogged()
    {
        lock (_lock)
        {
            SequenceMark[] positions = new SequenceMark[_unlogged.Count];
            int count = 0;
            foreach (uint oid in _unlogged)
            {
                State state = _states[oid];
                positions[count++] = new SequenceMark(oid, state.LoggedValue, state.LoggedIsCalled, state.Stamp);
            }
            _unlogged.Clear();
            return positions;
        }
    }

    /// <summary>The log has the positions, and they are applied.</summary>
    public void NoteLogged(ReadOnlySpan<SequenceMark> positions)
    {
        lock (_lock)
        {
            foreach (SequenceMark position in positions)
            {
                if (_states.TryGetValue(position.Sequence, out State? state))
                    state.Logged = position;
            }
        }
    }

    /// <summary>Goes back to what the log says: others go on from there.</summary>
    public void Follow()
    {
        lock (_lock)
        {
            _unlogged.Clear();
            _stamp = 0;
            foreach ((uint oid, State state) in _states.ToArray())
            {
                _states.Remove(oid);
                if (state.Logged is { } logged)
                    RestoreLocked(logged);
            }
        }
    }

    /// <summary>Logging failed: the positions are still to be logged.</summary>
    public void PutBack(ReadOnlySpan<SequenceMark> positions)
    {
        lock (_lock)
        {
            foreach (SequenceMark position in positions)
                _unlogged.Add(position.Sequence);
        }
    }

    /// <summary>All positions as the log has them, or exact ones where no log will follow.</summary>
    public SequenceMark[] All(bool isExact)
    {
        lock (_lock)
        {
            List<SequenceMark> positions = [];
            foreach ((uint oid, State state) in _states)
            {
                positions.Add(isExact
                    ? new SequenceMark(oid, state.LastValue, state.IsCalled, state.Stamp)
                    : new SequenceMark(oid, state.LoggedValue, state.LoggedIsCalled, state.Stamp));
            }
            positions.Sort((left, right) => left.Sequence.CompareTo(right.Sequence));
            return [.. positions];
        }
    }

    /// <summary>All positions that the log has.</summary>
    public SequenceMark[] AllLogged()
    {
        lock (_lock)
            return [.. _states.Values.Select(static state => state.Logged).OfType<SequenceMark>().OrderBy(static mark => mark.Sequence)];
    }

    /// <summary>Takes in a position from manifest or log, unless a later one is known.</summary>
    public void Restore(SequenceMark position)
    {
        lock (_lock)
            RestoreLocked(position);
    }

    private void RestoreLocked(SequenceMark position)
    {
        if (_states.TryGetValue(position.Sequence, out State? state) && state.Stamp > position.Stamp)
            return;
        _states[position.Sequence] = new State
        {
            LastValue = position.LastValue,
            IsCalled = position.IsCalled,
            LoggedValue = position.LastValue,
            LoggedIsCalled = position.IsCalled,
            Stamp = position.Stamp,
            Logged = position,
        };
        _stamp = Math.Max(_stamp, position.Stamp);
    }

    /// <summary>Forgets sequences that were dropped.</summary>
    public void Forget(uint sequence)
    {
        lock (_lock)
        {
            _states.Remove(sequence);
            _unlogged.Remove(sequence);
        }
    }

    private State StateOf(SequenceEntry sequence)
    {
        if (!_states.TryGetValue(sequence.Oid, out State? state))
            _states.Add(sequence.Oid, state = new State { LastValue = sequence.Start, LoggedValue = sequence.Start });
        return state;
    }

    /// <summary>How many values there are from one on to the limit.</summary>
    private static long CountFrom(SequenceEntry sequence, long value)
    {
        Int128 rest = sequence.Increment > 0 ? (Int128)sequence.MaxValue - value : (Int128)value - sequence.MinValue;
        return (long)Int128.Min(long.MaxValue, (rest / Int128.Abs(sequence.Increment)) + 1);
    }

    private static long Following(SequenceEntry sequence, long value)
    {
        Int128 next = (Int128)value + sequence.Increment;
        if (next >= sequence.MinValue && next <= sequence.MaxValue)
            return (long)next;
        bool isUpward = sequence.Increment > 0;
        if (sequence.Cycles)
            return isUpward ? sequence.MinValue : sequence.MaxValue;
        throw new SqlException(SqlState.SequenceGeneratorLimitExceeded,
            $"nextval: reached {(isUpward ? "maximum" : "minimum")} value of sequence \"{sequence.Name}\" " +
            $"({(isUpward ? sequence.MaxValue : sequence.MinValue)})");
    }

    /// <summary>The position some values ahead; the last one before a limit, or round the corner of a cycle.</summary>
    private static long Ahead(SequenceEntry sequence, State state)
    {
        long value = state.LastValue;
        for (int i = 0; i < ValuesAhead; i++)
        {
            Int128 next = (Int128)value + sequence.Increment;
            bool isInRange = next >= sequence.MinValue && next <= sequence.MaxValue;
            if (!isInRange && !sequence.Cycles)
                break;
            value = isInRange ? (long)next : sequence.Increment > 0 ? sequence.MinValue : sequence.MaxValue;
        }
        return value;
    }

    private sealed class State
    {
        internal long LastValue, LoggedValue, Stamp;
        internal bool IsCalled, LoggedIsCalled;
        internal int Covered;
        internal SequenceMark? Logged; // the last that the log has, where replicas keep that
    }
}
