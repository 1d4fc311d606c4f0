using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Transactions;

/// <summary>A session's transaction: implicit ones, blocks, savepoints, failure.</summary>
/// <remarks>
/// The storage transaction begins with the first statement that needs it, so that SET TRANSACTION can still choose its isolation.
/// A failure rolls back at once what has to be (the innermost savepoint, or everything), so that its locks go, and leaves the block failed.
/// Threads: those of the session, one at a time.
/// </remarks>
internal sealed class SessionTransaction(SessionState session)
{
    private readonly List<NamedSavepoint> _savepoints = [];
    private ITransaction? _storage;
    private bool _isAbandoned; // failed from outside; the rollback is still to do
    private bool _hasToldOfSerializable;

    internal BlockState State { get; private set; }

    internal bool HasStorage => _storage is not null;

    internal TransactionStatus Status => State switch
    {
        BlockState.Block => TransactionStatus.InTransaction,
        BlockState.Failed => TransactionStatus.Failed,
        _ => TransactionStatus.Idle,
    };

    /// <summary>When the transaction began: microseconds since 1970 UTC.</summary>
    internal long StartTime { get; private set; }

    /// <summary>Counts the session's transactions.</summary>
    internal long Number { get; private set; }

    /// <summary>How often something of the session's may have been committed.</summary>
    internal long Commits { get; private set; }

    /// <summary>AS OF SYSTEM TIME: of which moment all is that it reads; null for what is newest.</summary>
    internal ReadAt? AsOf { get; private set; }

    /// <summary>Whether it has come to tables.</summary>
    internal bool HasRead { get; set; }

    /// <summary>When the session has last committed something; null where it has not.</summary>
    internal CommitTimestamp? LastCommit { get; private set; }

    internal bool IsReadOnly => session.Settings[SettingCatalog.TransactionReadOnly].IsOn;

    /// <summary>The open storage transaction; begins one, and an implicit session transaction, where there is none.</summary>
    internal ITransaction Storage => _storage ?? BeginStorage();

    internal ITransaction? StorageIfOpen => _storage;

    /// <summary>Begins an implicit transaction unless one is open.</summary>
    internal void EnsureOpen()
    {
        if (State == BlockState.Idle)
            Open(BlockState.Implicit);
    }

    /// <exception cref="SqlException">25P02: the block has failed.</exception>
    internal void RefuseFailed()
    {
        if (State == BlockState.Failed)
        {
            throw new SqlException(SqlState.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block");
        }
    }

    /// <exception cref="SqlException">25P02: the block has failed, and the statement does not end it or go back to a savepoint.</exception>
    internal void RefuseFailedUnlessEnding(Statement? statement)
    {
        bool isEnding = statement is null or TransactionStatement
        {
            Verb: TransactionVerb.Commit or TransactionVerb.Rollback
                or TransactionVerb.RollbackTo or TransactionVerb.PrepareTransaction,
        };
        if (!isEnding)
            RefuseFailed();
    }

    /// <exception cref="SqlException">25P01: the statement makes sense in a block only.</exception>
    internal void RequireBlock(string command, bool isInScript)
    {
        if (State == BlockState.Block || (State == BlockState.Implicit && isInScript))
            return;
        throw NoBlock($"{command} can only be used in transaction blocks");
    }

    /// <exception cref="SqlException">25001: the statement cannot be rolled back.</exception>
    internal void RefuseBlock(string command, bool isInScript)
    {
        if (IsInBlock(isInScript))
            throw new SqlException(SqlState.ActiveSqlTransaction, $"{command} cannot run inside a transaction block");
        Commits++; // it may commit parts of what it does
    }

    /// <summary>Whether the statement stands or falls with others.</summary>
    internal bool IsInBlock(bool isInScript) =>
        State == BlockState.Block || (State == BlockState.Implicit && isInScript) || _storage is { HasWrites: true };

    internal void Begin(TransactionModes modes)
    {
        if (State == BlockState.Block)
        {
            session.Notices.Warn(SqlState.ActiveSqlTransaction, "there is already a transaction in progress");
        }
        else if (State == BlockState.Implicit)
        {
            State = BlockState.Block; // statements of the script before BEGIN become part of the block
        }
        else
        {
            Open(BlockState.Block);
        }
        SetModes(modes);
    }

    /// <summary>COMMIT.</summary>
    /// <returns>The command tag: ROLLBACK where the block had failed.</returns>
    internal async ValueTask<string> CommitAsync(bool andChain, CancellationToken cancellation)
    {
        BlockState before = State;
        if (before is BlockState.Idle or BlockState.Implicit)
        {
            if (andChain)
                throw NoBlock("COMMIT AND CHAIN can only be used in transaction blocks");
            session.Notices.Warn(SqlState.NoActiveSqlTransaction, "there is no transaction in progress");
        }
        TransactionModes modes = CurrentModes();
        if (before == BlockState.Failed)
            await AbortAsync();
        else
            await FinishAsync(cancellation);
        Chain(andChain, modes);
        return before == BlockState.Failed ? "ROLLBACK" : "COMMIT";
    }

    internal async ValueTask RollbackAsync(bool andChain)
    {
        if (State is BlockState.Idle or BlockState.Implicit)
        {
            if (andChain)
                throw NoBlock("ROLLBACK AND CHAIN can only be used in transaction blocks");
            session.Notices.Warn(SqlState.NoActiveSqlTransaction, "there is no transaction in progress");
        }
        TransactionModes modes = CurrentModes();
        await AbortAsync();
        Chain(andChain, modes);
    }

    internal void Savepoint(string name)
    {
        RequireBlock("SAVEPOINT", isInScript: false);
        Mark(name);
    }

    /// <summary>Begins what may be undone by itself, within a statement.</summary>
    /// <returns>What to give to <see cref="EndPart"/> or <see cref="UndoPartAsync"/>.</returns>
    internal int BeginPart()
    {
        Mark("");
        return _savepoints.Count - 1;
    }

    /// <summary>The part has come to its end: it belongs to what it is in.</summary>
    internal void EndPart(int part)
    {
        if (_savepoints[part].Mark is { } mark)
            _storage?.Release(mark);
        while (_savepoints.Count > part)
            DropLevel(keep: true);
        session.Portals.MergeLevels(_savepoints.Count);
    }

    internal async ValueTask UndoPartAsync(int part)
    {
        NamedSavepoint undone = await UndoAsync(part);
        if (undone.Mark is { } mark)
            _storage?.Release(mark);
        session.Portals.MergeLevels(_savepoints.Count);
    }

    /// <summary>Undoes what has happened since a savepoint, which is taken off with all later ones.</summary>
    private async ValueTask<NamedSavepoint> UndoAsync(int at)
    {
        NamedSavepoint target = _savepoints[at];
        await session.Portals.CloseFromLevelAsync(at + 1);
        while (_savepoints.Count > at)
            DropLevel(keep: false);
        if (target.Mark is { } mark)
            _storage?.RollbackTo(mark);
        session.References.Timing = target.Timing;
        return target;
    }

    private void Mark(string name)
    {
        _savepoints.Add(new NamedSavepoint(name, _storage?.Savepoint(), session.References.Timing));
        session.Settings.BeginLevel();
        session.Portals.EnterLevel(_savepoints.Count);
    }

    internal void Release(string name)
    {
        RequireBlock("RELEASE SAVEPOINT", isInScript: false);
        EndPart(Find(name));
    }

    internal async ValueTask RollbackToAsync(string name)
    {
        if (State is not (BlockState.Block or BlockState.Failed))
            throw NoBlock("ROLLBACK TO SAVEPOINT can only be used in transaction blocks");
        NamedSavepoint target = await UndoAsync(Find(name));
        _isAbandoned = false;
        _savepoints.Add(target);
        session.Settings.BeginLevel();
        State = BlockState.Block;
    }

    /// <summary>Something failed: undoes what must be undone and leaves a block failed.</summary>
    internal async ValueTask FailAsync()
    {
        if (State == BlockState.Block)
            MarkFailed();
        await FinishAbandonedAsync();
    }

    /// <summary>Something failed outside the session: a block is failed from here on; the undoing waits for the next call.</summary>
    internal void MarkFailed()
    {
        if (State != BlockState.Block)
            return;
        State = BlockState.Failed;
        _isAbandoned = true;
    }

    /// <summary>Ends the implicit transaction, if that is what is open.</summary>
    internal async ValueTask EndImplicitAsync(bool failed, CancellationToken cancellation)
    {
        await FinishAbandonedAsync();
        if (State != BlockState.Implicit)
            return;
        if (failed)
            await AbortAsync();
        else
            await FinishAsync(cancellation);
    }

    /// <summary>The session ends: rolls back what is open.</summary>
    internal ValueTask CloseAsync() => State == BlockState.Idle ? ValueTask.CompletedTask : AbortAsync();

    /// <summary>BEGIN … modes, SET TRANSACTION modes.</summary>
    internal void SetModes(TransactionModes modes)
    {
        if (modes.Snapshot is not null)
            throw new SqlException(SqlState.FeatureNotSupported, "SET TRANSACTION SNAPSHOT is not supported");
        if (modes.Isolation is { } isolation)
            SetIsolation(isolation);
        if (modes.IsReadOnly is { } isReadOnly)
            SetReadOnly(isReadOnly);
        if (modes.AsOf is { } asOf)
            SetAsOf(asOf, modes.IsReadOnly);
        if (modes.IsDeferrable is { } isDeferrable)
            session.Settings.Set("transaction_deferrable", isDeferrable ? "on" : "off", isLocal: true);
    }

    private void SetIsolation(string isolation)
    {
        string now = session.Settings[SettingCatalog.TransactionIsolation].Text;
        if (now != isolation && (HasStorage || _savepoints.Count > 0))
        {
            throw new SqlException(SqlState.ActiveSqlTransaction, HasStorage
                ? "SET TRANSACTION ISOLATION LEVEL must be called before any query"
                : "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
        }
        session.Settings.Set("transaction_isolation", isolation, isLocal: true);
        TellOfSerializable(isolation);
    }

    /// <summary>AS OF SYSTEM TIME is a transaction's own.</summary>
    private void SetAsOf(Expression asOf, bool? isReadOnly)
    {
        if (HasStorage)
            throw new SqlException(SqlState.ActiveSqlTransaction, "AS OF SYSTEM TIME must be set before any query");
        if (isReadOnly == false)
            throw new SqlException(SqlState.InvalidParameterValue, "AS OF SYSTEM TIME specified with READ WRITE mode", asOf.Position);
        AsOf = PastReads.Read(session, asOf);
        SetReadOnly(true);
    }

    private void SetReadOnly(bool isReadOnly)
    {
        if (!isReadOnly && IsReadOnly && _savepoints.Count > 0)
        {
            throw new SqlException(SqlState.ActiveSqlTransaction,
                "cannot set transaction read-write mode inside a read-only transaction");
        }
        if (!isReadOnly && IsReadOnly && HasStorage)
        {
            throw new SqlException(SqlState.ActiveSqlTransaction,
                "transaction read-write mode must be set before any query");
        }
        session.Settings.Set("transaction_read_only", isReadOnly ? "on" : "off", isLocal: true);
    }

    private void TellOfSerializable(string isolation)
    {
        if (isolation != "serializable" || _hasToldOfSerializable)
            return;
        _hasToldOfSerializable = true;
        session.Notices.Notice(SqlState.SuccessfulCompletion, "SERIALIZABLE runs as REPEATABLE READ",
            detail: "Write skew between concurrent transactions is not detected.");
    }

    private void Open(BlockState state)
    {
        State = state;
        AsOf = null;
        Number++;
        StartTime = session.Clock.NowMicroseconds;
        SessionSettings settings = session.Settings;
        SettingValue isolation = settings[SettingCatalog.DefaultIsolation];
        settings.SetKnown(SettingCatalog.TransactionIsolation, isolation);
        settings.SetKnown(SettingCatalog.TransactionReadOnly, settings[SettingCatalog.DefaultReadOnly]);
        settings.BeginLevel();
        TellOfSerializable(isolation.Text);
    }

    private ITransaction BeginStorage()
    {
        EnsureOpen();
        HasRead = false;
        string isolation = session.Settings[SettingCatalog.TransactionIsolation].Text;
        bool isSnapshot = isolation is "repeatable read" or "serializable";
        _storage = session.Database.Storage.Begin(
            isSnapshot ? IsolationLevel.RepeatableRead : IsolationLevel.ReadCommitted, lockPatience: LockPatience, database: session.DatabaseOid);
        for (int i = 0; i < _savepoints.Count; i++)
            _savepoints[i] = _savepoints[i] with { Mark = _storage.Savepoint() };
        return _storage;
    }

    private TimeSpan LockPatience() => session.Settings[SettingCatalog.LockTimeout].Integer is > 0 and long milliseconds
        ? TimeSpan.FromMilliseconds(milliseconds)
        : Timeout.InfiniteTimeSpan;

    /// <summary>Commits; a failure of the commit itself leaves no transaction open.</summary>
    private async ValueTask FinishAsync(CancellationToken cancellation)
    {
        if (State == BlockState.Idle)
            return;
        try
        {
            await session.Portals.BeforeCommitAsync(cancellation);
            await session.References.BeforeCommitAsync(cancellation);
            await session.Temporary.BeforeCommitAsync(cancellation);
            session.Channels.BeforeCommit();
            if (_storage is { } storage)
            {
                bool leavesTexts = storage.Catalog.HasDeferringTables && LeavesTexts(storage);
                bool isDurable = session.Settings[SettingCatalog.SynchronousCommit].Text != "off" || session.ModelPins.HasChanges;
                storage.WriteAcks = WriteAcks();
                bool hasWrites = storage.HasWrites;
                CommitTimestamp committed = await storage.CommitAsync(isDurable, cancellation);
                if (hasWrites)
                    LastCommit = committed;
                Commits++;
                await storage.DisposeAsync();
                _storage = null;
                if (leavesTexts)
                    session.Database.Embedding.Wake();
            }
        }
        finally
        {
            if (_storage is not null)
                await AbortAsync();
        }
        Reset(keep: true);
        session.Channels.AfterCommit();
    }

    /// <summary>How many replicas' disks the session waits for: what it says, or PostgreSQL's setting where that means one.</summary>
    private ReplicationMode? WriteAcks() => ReplicationModes.Find(session.Settings[SettingCatalog.WriteAcks].Text)
        ?? (session.Settings[SettingCatalog.SynchronousCommit].Text is "off" or "local" ? ReplicationMode.Async : null);

    /// <summary>Whether texts were written whose vectors are computed later.</summary>
    private static bool LeavesTexts(ITransaction storage)
    {
        foreach (TableEntry table in storage.Catalog.DeferringTables)
        {
            if (storage.HasChanged(table.Id))
                return true;
        }
        return false;
    }

    /// <summary>Undoes what the storage has of the transaction, all of which one statement did that is to do it again.</summary>
    internal async ValueTask StartOverAsync()
    {
        if (_storage is not { } storage)
            return;
        _storage = null;
        await storage.RollbackAsync();
        await storage.DisposeAsync();
        session.References.Forget();
        session.ModelPins.End();
        if (State == BlockState.Implicit)
            session.Channels.Forget();
    }

    private async ValueTask AbortAsync()
    {
        ITransaction? storage = _storage;
        _storage = null;
        await session.Portals.CloseAllAsync(keepsHeld: true);
        if (storage is not null)
        {
            await storage.RollbackAsync();
            await storage.DisposeAsync();
        }
        session.Channels.Forget();
        Reset(keep: false);
    }

    private void Reset(bool keep)
    {
        _savepoints.Clear();
        session.References.Forget();
        session.ModelPins.End();
        _isAbandoned = false;
        while (session.Settings.Depth > 0)
            session.Settings.EndLevel(keep);
        State = BlockState.Idle;
    }

    private async ValueTask FinishAbandonedAsync()
    {
        if (!_isAbandoned)
            return;
        _isAbandoned = false;
        await session.Portals.CloseFromLevelAsync(_savepoints.Count);
        if (_storage is null)
            return;
        if (_savepoints is [.., { Mark: { } mark }])
        {
            _storage.RollbackTo(mark);
            return;
        }
        // Without a savepoint nothing can come back: let the locks go now, not at ROLLBACK.
        await _storage.RollbackAsync();
        await _storage.DisposeAsync();
        _storage = null;
    }

    private void DropLevel(bool keep)
    {
        _savepoints.RemoveAt(_savepoints.Count - 1);
        session.Settings.EndLevel(keep);
    }

    private int Find(string name)
    {
        int at = _savepoints.FindLastIndex(savepoint => savepoint.Name == name);
        if (at < 0)
        {
            throw new SqlException(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
        }
        return at;
    }

    private TransactionModes CurrentModes() => new(
        session.Settings[SettingCatalog.TransactionIsolation].Text, IsReadOnly,
        session.Settings[SettingCatalog.TransactionDeferrable].IsOn);

    private void Chain(bool andChain, TransactionModes modes)
    {
        if (!andChain)
            return;
        Open(BlockState.Block);
        SetModes(modes);
    }

    private static SqlException NoBlock(string message) => new(SqlState.NoActiveSqlTransaction, message);

    /// <param name="Mark">The storage's savepoint; null while there is no storage transaction, which a savepoint must not
    /// begin: its snapshot is that of the first statement.</param>
    private readonly record struct NamedSavepoint(string Name, int? Mark, ConstraintTiming Timing);
}
