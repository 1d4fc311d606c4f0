using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>A transaction over shards: sends each call to the branches that it concerns, and puts together what they answer.</summary>
/// <remarks>
/// Branches: one on the home shard, which has tables that are whole; one on each shard that the transaction has touched, begun at its first
///           touch. Definitions are the transaction's own, and commit with the home shard's branch or in the log of the catalog.
/// Order:    where several branches wait for locks of rows or keys, they do so one after the other in the order of their shards (<see cref="AtEachAsync"/>).
/// Threads:  as of every transaction.
/// </remarks>
internal sealed partial class ShardedTransaction : ITransaction, IBranchOrigin
{
    private readonly ShardedStorage _storage;
    private readonly TransactionCatalog _definitions;
    private readonly Func<TimeSpan>? _lockPatience;
    private readonly IBranch _home;
    private static readonly SortedDictionary<ShardId, IBranch> None = [];

    private SortedDictionary<ShardId, IBranch> _branches = None;
    private IBranch[] _others = []; // the branches in the order of their shards
    private List<(int Definitions, int Moves)>? _marks; // how many there were before each savepoint; made with the first
    private List<MovedRows>? _moves; // made when there is one
    private HashSet<ShardId>? _reached;
    private CatalogSnapshot? _atMoment; // as it was then, under REPEATABLE READ
    private CommitTimestamp? _moment; // that the statement reads at, once it has come to a table in shards
    private (AdvisoryHolder Holder, AdvisoryKey Key, bool IsShared)? _advisory; // the last that was locked
    private bool _isChecking;
    private bool _hasEntered, _entersAnywhere;

    internal ShardedTransaction(
        ShardedStorage storage, TransactionCatalog definitions, IsolationLevel isolation, bool isReadOnly, Func<TimeSpan>? lockPatience)
    {
        (_storage, _definitions, _lockPatience) = (storage, definitions, lockPatience);
        (Isolation, IsReadOnly) = (isolation, isReadOnly);
        _home = storage.Shards.Find(ShardedStorage.Home).Begin(this);
    }

    public TransactionId Id => _home.Id;

    public LockOwner Owner => _home.Owner;

    public IsolationLevel Isolation { get; }

    public bool IsReadOnly { get; }

    public ReplicationMode? WriteAcks { get; set; }

    public CatalogSnapshot Catalog => _definitions.Current;

    public CatalogSnapshot Committed => _definitions.Committed;

    public IReadOnlyList<CatalogChange> Definitions => _definitions.Changes;

    public string GlobalId => LazyInitializer.EnsureInitialized(ref field, _storage.NextGlobalId); // asked for by who looks for circles too

    public TimeSpan LockPatience => _lockPatience?.Invoke() ?? Timeout.InfiniteTimeSpan;

    public bool HasWrites => Definitions.Count > 0 || Any(static branch => branch.HasWrites);

    public bool NotesConflicts
    {
        get => _home.NotesConflicts;
        set
        {
            _home.NotesConflicts = value;
            foreach (IBranch branch in _others)
                branch.NotesConflicts = value;
        }
    }

    public bool HasConflict => Any(static branch => branch.HasConflict);

    public bool HasChanged(TableId table)
    {
        bool has = _home.HasChanged(table);
        foreach (IBranch branch in _others)
            has |= branch.HasChanged(table);
        for (int i = 0; i < Definitions.Count; i++)
            has |= Definitions[i] is PutObject { Object: TableEntry changed } && changed.Id == table;
        return has;
    }

    public bool HasTruncated(TableId table)
    {
        bool has = _home.HasTruncated(table);
        foreach (IBranch branch in _others)
            has |= branch.HasTruncated(table);
        return has;
    }

    public bool TakeConflict()
    {
        bool had = _home.TakeConflict();
        foreach (IBranch branch in _others)
            had |= branch.TakeConflict();
        return had;
    }

    public void BeginStatement()
    {
        if (ReadsPast)
        {
            _definitions.Refresh();
            return; // all its statements see what the first has seen
        }
        if (Isolation == IsolationLevel.ReadCommitted)
        {
            _moment = null;
            _reached?.Clear();
        }
        _definitions.Refresh();
        _home.BeginStatement();
        foreach (IBranch branch in _others)
            branch.BeginStatement();
    }

    public void BeginCheck()
    {
        _isChecking = true;
        foreach (IBranch branch in All())
            branch.BeginCheck();
    }

    public void EndCheck()
    {
        _isChecking = false;
        foreach (IBranch branch in All())
            branch.EndCheck();
    }

    public TableView Read(TableId table)
    {
        if (GroupOf(table) is not { } group)
            return Branch(ShardedStorage.Home).Read(table);
        Invariant.Holds(Catalog.TryFindTable(table, out TableEntry? entry));
        ShardId[] shards = [.. group.Shards.Distinct()];
        return new ShardedView(entry!, group, shards, [.. shards.Select(shard => Branch(shard).Read(table))]);
    }

    public TableView Read(TableId table, ShardId shard) => Branch(shard).Read(table);

    public PinnedTable? Pin(TableId table) => GroupOf(table) is null ? Branch(ShardedStorage.Home).Pin(table) : null;

    public async ValueTask<bool> LockAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        bool isLocked = await _home.LockAdvisoryAsync(holder, key, isShared, waits, cancellation).ConfigureAwait(false);
        if (isLocked)
            _advisory = (holder, key, isShared);
        return isLocked;
    }

    /// <inheritdoc cref="IBranch.HoldAdvisoryAsync"/>
    internal ValueTask<bool> HoldAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation) =>
        _home.HoldAdvisoryAsync(holder, key, isShared, waits, cancellation);

    public IReadOnlyList<TableChanges> ChangesSince(int savepoint)
    {
        var found = new List<TableChanges>(_home.ChangesSince(savepoint));
        SortedDictionary<uint, SortedDictionary<ShardId, TableChanges>> divided = [];
        foreach ((ShardId shard, IBranch branch) in _branches)
        {
            foreach (TableChanges changes in branch.ChangesSince(savepoint))
            {
                if (!divided.TryGetValue(changes.Table.Oid, out SortedDictionary<ShardId, TableChanges>? parts))
                    divided.Add(changes.Table.Oid, parts = []);
                parts.Add(shard, changes);
            }
        }
        foreach ((uint oid, SortedDictionary<ShardId, TableChanges> parts) in divided)
            found.Add(new ShardedTableChanges(new TableId(oid), parts, _moves ?? [], _marks![savepoint].Moves));
        return found;
    }

    public async ValueTask TestKeysAsync(TableChanges changes, IndexEntry index, CancellationToken cancellation)
    {
        if (changes is not ShardedTableChanges divided)
        {
            await _home.TestKeysAsync(changes, index, cancellation).ConfigureAwait(false);
            return;
        }
        foreach ((ShardId shard, TableChanges part) in divided.Parts)
            await Branch(shard).TestKeysAsync(part, index, cancellation).ConfigureAwait(false);
    }

    public async ValueTask TruncateAsync(TableId table, CancellationToken cancellation)
    {
        if (GroupOf(table) is not { } group)
        {
            await _home.TruncateAsync(table, cancellation).ConfigureAwait(false);
            return;
        }
        await AtAllAsync(group.Shards.Order(), branch => branch.TruncateAsync(table, cancellation)).ConfigureAwait(false);
    }

    public void RestartSequence(SequenceEntry sequence, long value) => _home.RestartSequence(sequence, value);

    public void Change(CatalogChange change)
    {
        TableEntry? before = change is PutObject { Object: TableEntry put } ? Catalog.Find(put.Oid) as TableEntry : null;
        _definitions.Add(change);
        if (before is null || change is not PutObject { Object: TableEntry after })
            return;
        IEnumerable<ShardId> shards = GroupOf(after.Id) is { } group ? group.Shards.Order() : [ShardedStorage.Home];
        foreach (ShardId shard in shards)
            Branch(shard).MakeIndexes(before, after);
    }

    public int Savepoint()
    {
        (_marks ??= []).Add((Definitions.Count, _moves?.Count ?? 0));
        foreach (IBranch branch in _others)
            branch.Savepoint();
        return _home.Savepoint();
    }

    public void RollbackTo(int savepoint)
    {
        (int definitions, int moves) = _marks![savepoint];
        _marks.RemoveRange(savepoint + 1, _marks.Count - savepoint - 1);
        _moves?.RemoveRange(moves, _moves.Count - moves);
        IReadOnlyList<CatalogChange> undone = _definitions.RollBackTo(definitions);
        foreach (IBranch branch in All())
        {
            branch.RollbackTo(savepoint);
            if (undone.Count > 0)
                branch.Undo(undone);
        }
    }

    public void Release(int savepoint)
    {
        _marks!.RemoveRange(savepoint, _marks.Count - savepoint);
        _home.Release(savepoint);
        foreach (IBranch branch in _others)
            branch.Release(savepoint);
    }

    /// <remarks>Where several shards have changes, or the log of the catalog has some to take in, by <see cref="TwoPhaseCommit"/>.</remarks>
    public ValueTask<CommitTimestamp> CommitAsync(bool isDurable, CancellationToken cancellation)
    {
        _home.WriteAcks = WriteAcks;
        foreach (IBranch branch in _others)
            branch.WriteAcks = WriteAcks;
        return _others.Length == 0 && Definitions.Count == 0 ? _home.CommitAsync(isDurable, cancellation) : CommitPartsAsync(isDurable, cancellation);
    }

    private async ValueTask<CommitTimestamp> CommitPartsAsync(bool isDurable, CancellationToken cancellation)
    {
        // Files go with a group of shards: what is on disk then must not go back to before.
        isDurable |= Definitions.Any(change => change is DropObject drop && _definitions.Committed.Find(drop.Oid) is ShardGroupEntry);
        List<(ShardId Shard, IBranch Branch)> writers = [.. Parts().Where(static part => part.Branch.HasWrites || part.Branch.HasRestarts)];
        bool isDone = false;
        try
        {
            // What is written elsewhere under an advisory lock commits while that is held: who does not have it any more is told here.
            if (_advisory is { } held && !writers.Exists(part => part.Branch == _home))
                await _home.LockAdvisoryAsync(held.Holder, held.Key, held.IsShared, waits: false, cancellation).ConfigureAwait(false);
            CommitTimestamp at = await CommitAsync(writers, isDurable, cancellation).ConfigureAwait(false);
            isDone = true;
            if (Definitions.Count > 0)
                _storage.Follow(_definitions.Committed, Definitions);
            return at;
        }
        finally
        {
            await RollBackAllAsync().ConfigureAwait(false); // those that have not ended, or wait for a decision
            if (!isDone)
                UndoDefinitions();
        }
    }

    private async ValueTask<CommitTimestamp> CommitAsync(
        List<(ShardId Shard, IBranch Branch)> writers, bool isDurable, CancellationToken cancellation)
    {
        ICatalogLog? log = Definitions.Count > 0 ? _storage.CatalogLog : null;
        if (log is null && writers.Count <= 1)
            return await CommitOneAsync(writers, isDurable, cancellation).ConfigureAwait(false);
        TwoPhaseCommit commit = new(_storage, GlobalId, WriteAcks is not null);
        _storage.BeginCommit(GlobalId);
        try
        {
            return log is null
                ? await commit.RunAsync(writers, cancellation).ConfigureAwait(false)
                : await commit.RunAsync([.. Parts()], log, _definitions, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _storage.EndCommit(GlobalId);
        }
    }

    private async ValueTask<CommitTimestamp> CommitOneAsync(
        List<(ShardId Shard, IBranch Branch)> writers, bool isDurable, CancellationToken cancellation)
    {
        CommitTimestamp at = await _home.CommitAsync(isDurable, cancellation).ConfigureAwait(false); // where it has no rows, positions of sequences
        return writers is [(_, var only)] && only != _home ? await only.CommitAsync(isDurable, cancellation).ConfigureAwait(false) : at;
    }

    public ValueTask RollbackAsync() =>
        _home.HasEnded ? default : _others.Length == 0 && Definitions.Count == 0 ? _home.RollbackAsync() : RollbackPartsAsync();

    private async ValueTask RollbackPartsAsync()
    {
        await RollBackAllAsync().ConfigureAwait(false);
        UndoDefinitions();
    }

    /// <summary>All at once: those at other nodes wait for an answer.</summary>
    private Task RollBackAllAsync() => Task.WhenAll(All().Select(static branch => branch.RollbackAsync().AsTask()));

    private void UndoDefinitions()
    {
        if (_definitions.RollBackTo(0) is not { Count: > 0 } undone)
            return;
        foreach (IBranch branch in All())
            branch.Undo(undone);
    }

    public ValueTask DisposeAsync() => RollbackAsync();

    private bool TakesPartInReferences(TableId table) => Catalog.IsReferenced(table)
        || (Catalog.TryFindTable(table, out TableEntry? entry) && !entry.ForeignKeys.IsEmpty);

    private ShardGroupEntry? GroupOf(TableId table) => GroupOf(table, Catalog);

    private static ShardGroupEntry? GroupOf(TableId table, CatalogSnapshot catalog) =>
        !catalog.TryFindTable(table, out TableEntry? entry) || entry.Placement is not { } placement ? null
            : catalog.Find(placement.GroupOid) as ShardGroupEntry ?? throw new InvariantException($"there is no group of shards {placement.GroupOid}");

    private bool Any(Predicate<IBranch> test) => test(_home) || Array.Exists(_others, test);

    private IEnumerable<(ShardId Shard, IBranch Branch)> Parts() =>
        _branches.Select(static part => (part.Key, part.Value)).Prepend((ShardedStorage.Home, _home));

    private IEnumerable<IBranch> All() => _others.Prepend(_home);

    private IBranch Branch(ShardId shard)
    {
        if (shard == ShardedStorage.Home && !ReadsPast)
            return _home;
        if (_branches.TryGetValue(shard, out IBranch? branch))
            return branch;
        branch = (_readAt is { } past ? _storage.Shards.FindReplica(shard, _moment ?? default, past.Choice) : _storage.Shards.Find(shard)).Begin(this);
        branch.NotesConflicts = _home.NotesConflicts;
        for (int i = 0; i < (_marks?.Count ?? 0); i++)
            branch.Savepoint();
        if (_isChecking)
            branch.BeginCheck();
        if (_branches == None)
            _branches = [];
        _branches.Add(shard, branch);
        _others = [.. _branches.Values];
        return branch;
    }
}
