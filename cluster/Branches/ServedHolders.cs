using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Sessions of other nodes that hold advisory locks here, or have their transactions hold some.</summary>
/// <remarks>A session is known while a branch of it that has locked is open, or a stream keeps its locks. Threads: any.</remarks>
internal sealed class ServedHolders
{
    private const int NameLengthMax = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ShardId Shard, string Name), ServedHolder> _known = [];

    /// <exception cref="InvalidDataException">Nobody is called so.</exception>
    public ServedHolder Enter(ShardId id, IShard shard, string name)
    {
        if (name.Length is 0 or > NameLengthMax)
            throw new InvalidDataException($"a holder of locks whose name has {name.Length} characters");
        lock (_lock)
        {
            if (!_known.TryGetValue((id, name), out ServedHolder? holder))
                _known.Add((id, name), holder = new ServedHolder(id, shard, name));
            holder.Users++;
            return holder;
        }
    }

    public void Leave(ServedHolder holder)
    {
        lock (_lock)
        {
            if (--holder.Users == 0)
                _known.Remove((holder.Id, holder.Name));
        }
    }
}

/// <summary>A session of another node.</summary>
internal sealed class ServedHolder
{
    private readonly Lock _lock = new();
    private readonly HashSet<(AdvisoryKey Key, bool IsShared)> _held = [];
    private readonly IShard _shard;
    private bool _isKept;

    public ServedHolder(ShardId id, IShard shard, string name)
    {
        (Id, _shard, Name) = (id, shard, name);
        Holder = new AdvisoryHolder(name, () => Running, static () => { }); // its node sees by itself that the primary has moved
    }

    public ShardId Id { get; }

    public string Name { get; }

    public AdvisoryHolder Holder { get; }

    /// <summary>The branch of the session that is open.</summary>
    public ITransaction? Running { get; set; }

    /// <summary>How many branches and streams know it; the table's to count.</summary>
    public int Users { get; set; }

    /// <summary>A stream keeps the session's locks from here on.</summary>
    public void Keep()
    {
        lock (_lock)
            _isKept = true;
    }

    /// <summary>The session has been granted a lock.</summary>
    /// <exception cref="SqlException">40001: nothing keeps it.</exception>
    public void Hold(AdvisoryKey key, bool isShared)
    {
        lock (_lock)
        {
            if (_isKept)
            {
                _held.Add((key, isShared));
                return;
            }
        }
        _shard.ReturnAdvisory(Holder, key, isShared);
        throw BranchService.NotHere(Id);
    }

    public void Return(AdvisoryKey key, bool isShared)
    {
        lock (_lock)
        {
            if (!_held.Remove((key, isShared)))
                return;
        }
        _shard.ReturnAdvisory(Holder, key, isShared);
    }

    /// <summary>The stream that has kept the session's locks has ended.</summary>
    public void ReturnAll()
    {
        (AdvisoryKey Key, bool IsShared)[] all;
        lock (_lock)
        {
            _isKept = false;
            all = [.. _held];
            _held.Clear();
        }
        foreach ((AdvisoryKey key, bool isShared) in all)
            _shard.ReturnAdvisory(Holder, key, isShared);
    }
}
