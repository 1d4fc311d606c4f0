using VecSQL.Catalog.Objects;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Tables;

/// <summary>The sequences that one transaction has restarted, with what they were before.</summary>
internal sealed class SequenceRestarts(Sequences sequences)
{
    private readonly List<(SequenceEntry Sequence, long LastValue, bool IsCalled)> _restarts = [];

    public int Count => _restarts.Count;

    public IReadOnlyList<SequenceMark> Marks => [.. _restarts.Select(static restart => new SequenceMark(restart.Sequence.Oid, restart.LastValue, restart.IsCalled, 0))];

    public void Restart(SequenceEntry sequence, long value)
    {
        (long lastValue, bool isCalled) = sequences.Position(sequence);
        sequences.Set(sequence, value, isCalled: false);
        _restarts.Add((sequence, lastValue, isCalled));
    }

    /// <summary>Takes over one that a prepared transaction has done.</summary>
    public void Restore(SequenceEntry sequence, SequenceMark before) => _restarts.Add((sequence, before.LastValue, before.IsCalled));

    /// <summary>Undoes all but the first so many, the last first.</summary>
    public void UndoFrom(int count)
    {
        for (int i = _restarts.Count - 1; i >= count; i--)
            sequences.Set(_restarts[i].Sequence, _restarts[i].LastValue, _restarts[i].IsCalled);
        _restarts.RemoveRange(count, _restarts.Count - count);
    }
}
