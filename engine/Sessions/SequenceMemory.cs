using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage;

namespace VecSQL.Engine.Sessions;

/// <summary>The values that this session's nextval calls gave, for currval and lastval, and those that it has taken for the next ones.</summary>
/// <remarks>
/// Ahead: as many as the sequence's CACHE says, as in PostgreSQL: they are this session's, whatever others take meanwhile, until it ends, sets the sequence,
/// or the sequence is altered or restarted: another entry, to which the end of that transaction may bring back the one before.
/// </remarks>
internal sealed class SequenceMemory
{
    private readonly Dictionary<uint, long> _values = [];
    private readonly Dictionary<uint, Ahead> _ahead = [];
    private uint _last;

    /// <summary>Values taken for later calls.</summary>
    /// <param name="Sequence">As it was defined by then.</param>
    private readonly record struct Ahead(SequenceEntry Sequence, long Next, long Count);

    /// <summary>Gives the next values: those taken before, and others at once.</summary>
    internal void Take(SequenceEntry sequence, IStorage storage, Span<long> values)
    {
        Ahead ahead = _ahead.GetValueOrDefault(sequence.Oid);
        if (!ReferenceEquals(ahead.Sequence, sequence))
            ahead = new Ahead(sequence, 0, 0);
        for (int done = 0; done < values.Length;)
        {
            if (ahead.Count == 0)
            {
                SequenceBlock block = storage.TakeSequenceValues(sequence, RoundUp(values.Length - done, sequence.Cache));
                ahead = new Ahead(sequence, block.First, block.Count);
            }
            long next = ahead.Next;
            int count = (int)Math.Min(values.Length - done, ahead.Count);
            foreach (ref long value in values.Slice(done, count))
                (value, next) = (next, unchecked(next + sequence.Increment));
            done += count;
            ahead = ahead with { Next = next, Count = ahead.Count - count };
            (_values[sequence.Oid], _last, _ahead[sequence.Oid]) = (values[done - 1], sequence.Oid, ahead);
        }
    }

    /// <summary>What was taken for later calls is not used.</summary>
    internal void Forget(uint sequenceOid) => _ahead.Remove(sequenceOid);

    internal void Replace(uint sequenceOid, long value) => _values[sequenceOid] = value;

    internal long? Current(uint sequenceOid) => _values.TryGetValue(sequenceOid, out long value) ? value : null;

    /// <exception cref="SqlException">55000: nextval was not called, or of a sequence that is gone.</exception>
    internal long Last(Func<uint, bool> isThere) => isThere(_last) && _values.TryGetValue(_last, out long value)
        ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    internal void Clear()
    {
        _values.Clear();
        _ahead.Clear();
        _last = 0;
    }

    private static long RoundUp(long count, long step) => count >= long.MaxValue - step ? count : (count + step - 1) / step * step;
}
