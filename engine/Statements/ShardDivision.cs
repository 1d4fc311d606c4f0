using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Statements;

/// <summary>How keys are divided among the shards of a group, while shards are divided and put together.</summary>
internal sealed class ShardDivision
{
    private readonly ShardGroupEntry _group;
    private readonly HashSet<ShardId> _changed = [];
    private List<ShardId> _shards;
    private List<RangeBound> _bounds;
    private uint _last;

    /// <param name="last">The greatest number that a shard has.</param>
    internal ShardDivision(ShardGroupEntry group, ShardId last)
    {
        (_group, _last) = (group, last.Value);
        _bounds = [.. group.Bounds];
        _shards = group.Method == ShardMethod.Range ? [.. group.Shards] : [.. group.Slots.Select(slot => group.Shards[slot])]; // of each slot
    }

    /// <summary>Shards of before whose keys are not all theirs any more.</summary>
    internal IEnumerable<ShardId> Changed => _changed.Order();

    /// <summary>Has a range end at a bound, and another shard begin there.</summary>
    /// <returns>False where one begins there already.</returns>
    internal bool TrySplitAt(RangeBound bound)
    {
        int place = _bounds.FindIndex(known => known.Key.AsSpan().SequenceCompareTo(bound.Key) >= 0);
        if (place >= 0 && _bounds[place].Key.AsSpan().SequenceEqual(bound.Key))
            return false;
        place = place < 0 ? _bounds.Count : place;
        NoteChanged(_shards[place]);
        _bounds.Insert(place, bound);
        _shards.Insert(place + 1, Next());
        return true;
    }

    /// <summary>Gives half of a shard's slots to another.</summary>
    /// <returns>False where it has only one.</returns>
    internal bool TrySplitSlots(ShardId shard)
    {
        int[] slots = [.. Enumerable.Range(0, _shards.Count).Where(slot => _shards[slot] == shard)];
        if (slots.Length < 2)
            return false;
        NoteChanged(shard);
        ShardId next = Next();
        foreach (int slot in slots[(slots.Length / 2)..])
            _shards[slot] = next;
        return true;
    }

    /// <summary>Gives all keys of some shards to the first of them.</summary>
    /// <returns>False where they are ranges that are not next to each other.</returns>
    internal bool TryMerge(IReadOnlyList<ShardId> merged)
    {
        if (_group.Method != ShardMethod.Range)
        {
            foreach (ShardId shard in merged.Skip(1))
                NoteChanged(shard);
            _shards = [.. _shards.Select(shard => merged.Contains(shard) ? merged[0] : shard)];
            return true;
        }
        int[] places = [.. merged.Select(shard => _shards.IndexOf(shard)).Order()];
        int first = places[0];
        if (places[^1] - first != places.Length - 1)
            return false;
        foreach (ShardId shard in merged.Skip(1))
            NoteChanged(shard);
        _shards = [.. _shards[..first], merged[0], .. _shards[(first + places.Length)..]];
        _bounds = [.. _bounds[..first], .. _bounds[(first + places.Length - 1)..]];
        return true;
    }

    /// <summary>A group that is divided so.</summary>
    /// <param name="isTaken">Whether there is a group of that name.</param>
    internal ShardGroupEntry Group(uint oid, string rangeName, Predicate<string> isTaken)
    {
        ImmutableArray<ShardId> shards = [.. _shards.Distinct()];
        if (shards.Length > ShardPlacement.ShardsMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"tables can have at most {ShardPlacement.ShardsMax} shards");
        bool isRange = _group.Method == ShardMethod.Range;
        string cut = isRange ? rangeName : string.Create(CultureInfo.InvariantCulture, $"hash {shards.Length} #{oid}");
        string name = GroupShape.NameOf(cut, _group.Replicas, _group.Replication);
        if (isTaken(name))
            name = GroupShape.NameOf(string.Create(CultureInfo.InvariantCulture, $"{cut} #{oid}"), _group.Replicas, _group.Replication);
        return new ShardGroupEntry(oid, name, shards, isRange ? [] : [.. _shards.Select(shard => (ushort)shards.IndexOf(shard))])
        {
            Method = _group.Method, Bounds = [.. _bounds], Replicas = _group.Replicas, Replication = _group.Replication,
        };
    }

    internal ImmutableArray<RangeBound> Bounds => [.. _bounds];

    private void NoteChanged(ShardId shard)
    {
        if (_group.Shards.Contains(shard))
            _changed.Add(shard);
    }

    private ShardId Next() => new(++_last);
}
