using VecSQL.Core.Errors;

namespace VecSQL.Engine.Sessions;

/// <summary>The values that this session's nextval calls gave: for currval and lastval.</summary>
internal sealed class SequenceMemory
{
    private readonly Dictionary<uint, long> _values = [];
    private uint _last;

    internal void Remember(uint sequenceOid, long value)
    {
        _values[sequenceOid] = value;
        _last = sequenceOid;
    }

    internal void Replace(uint sequenceOid, long value) => _values[sequenceOid] = value;

    internal long? Current(uint sequenceOid) => _values.TryGetValue(sequenceOid, out long value) ? value : null;

    /// <exception cref="SqlException">55000: nextval was not called, or of a sequence that is gone.</exception>
    internal long Last(Func<uint, bool> isThere) => isThere(_last) && _values.TryGetValue(_last, out long value)
        ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    internal void Clear()
    {
        _values.Clear();
        _last = 0;
    }
}
