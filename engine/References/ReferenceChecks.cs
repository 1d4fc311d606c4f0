using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Statements;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.References;

/// <summary>Keeps a session's foreign keys and deferrable unique keys: at the end of each statement, or when they are deferred, at the end of the transaction.</summary>
/// <remarks>
/// A check looks at all rows that a statement wrote at once, as the storage knows them, whichever operator or COPY wrote them. What
/// actions change is checked in turn, in another round, until a round changes nothing.
/// </remarks>
internal sealed class ReferenceChecks(SessionState session)
{
    private readonly ReferrerCheck _referrers = new(session);
    private readonly ReferencedCheck _referenced = new(session);
    private readonly Dictionary<uint, Pending> _pending = []; // by constraint

    /// <summary>When deferrable constraints are checked; savepoints go back to what it was.</summary>
    internal ConstraintTiming Timing { get; set; } = ConstraintTiming.AsDefined;

    /// <summary>Checks what has been written since the savepoint, and does what foreign keys say is to follow.</summary>
    /// <exception cref="SqlException">23503: a row refers to a key that is not there, or no longer.</exception>
    internal async ValueTask CheckAsync(int savepoint, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        if (!storage.Catalog.HasForeignKeys && !storage.Catalog.HasDeferrableKeys)
            return;
        while (true)
        {
            CatalogSnapshot catalog = storage.Catalog;
            TableChanges[] changes = [.. storage.ChangesSince(savepoint).Where(change => Concerns(catalog, change))];
            if (changes.Length == 0)
                return;
            savepoint = storage.Savepoint();
            storage.BeginCheck();
            try
            {
                foreach (TableChanges change in changes)
                    await CheckAsync(catalog, change, cancellation);
            }
            finally
            {
                storage.EndCheck();
            }
        }
    }

    /// <summary>Checks what was deferred.</summary>
    internal async ValueTask BeforeCommitAsync(CancellationToken cancellation)
    {
        if (_pending.Count == 0 || session.Transaction.StorageIfOpen is not { } storage)
            return;
        storage.BeginStatement();
        await CheckPendingAsync([.. _pending.Keys.Order()], cancellation);
    }

    /// <exception cref="SqlException">55006: rows of the table are still to be checked.</exception>
    internal void RefusePending(TableEntry table, string command)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        if (_pending.Any(entry => Find(catalog, entry.Key) is { } reference && Waits(reference, entry.Value, table)))
        {
            throw new SqlException(SqlState.ObjectInUse,
                $"cannot {command} \"{table.Name}\" because it has pending trigger events");
        }
    }

    /// <summary>Whether keys in the table are to be checked: rows that changed in other columns only are not.</summary>
    private static bool Waits(Reference reference, Pending pending, TableEntry table)
    {
        short[] referring = [.. reference.Key.Columns], referenced = [.. reference.Key.ReferencedColumns];
        return (pending.Referrers is { } added && added.Table == table.Id && added.Inserted(reference.Table, referring).Any())
            || (pending.Referenced is { } taken && taken.Table == table.Id
                && (taken.Removed(reference.Referenced, referenced).Any() || taken.Replaced(reference.Referenced, referenced).Any()));
    }

    /// <summary>The transaction is over.</summary>
    internal void Forget()
    {
        _pending.Clear();
        Timing = ConstraintTiming.AsDefined;
    }

    /// <summary>SET CONSTRAINTS.</summary>
    internal async ValueTask SetAsync(SetConstraintsStatement statement, CancellationToken cancellation)
    {
        if (session.Transaction.State != Transactions.BlockState.Block)
            session.Notices.Warn(SqlState.NoActiveSqlTransaction, "SET CONSTRAINTS can only be used in transaction blocks");
        ITransaction storage = session.Transaction.Storage;
        storage.BeginStatement();
        uint[] named = [.. statement.Names.SelectMany(Find)];
        ConstraintTiming timing = statement.Names.IsEmpty
            ? new ConstraintTiming(statement.IsDeferred, [])
            : Timing with { ByConstraint = Timing.ByConstraint.SetItems(named.Select(oid => KeyValuePair.Create(oid, statement.IsDeferred))) };
        if (!statement.IsDeferred)
        {
            IEnumerable<uint> due = statement.Names.IsEmpty ? _pending.Keys : named.Where(_pending.ContainsKey);
            await CheckPendingAsync([.. due.Order()], cancellation);
        }
        Timing = timing;
    }

    private static bool Concerns(CatalogSnapshot catalog, TableChanges change) =>
        catalog.TryFindTable(change.Table, out TableEntry? table)
        && ((change.HasInserted && (!table.ForeignKeys.IsEmpty || table.HasDeferrableKeys)) || (change.HasDeleted && catalog.IsReferenced(change.Table)));

    private async ValueTask CheckAsync(CatalogSnapshot catalog, TableChanges change, CancellationToken cancellation)
    {
        if (!catalog.TryFindTable(change.Table, out TableEntry? table))
            return;
        bool keepsReferences = session.Settings[SettingCatalog.ReplicationRole].Text != "replica";
        if (change.HasDeleted && keepsReferences)
        {
            foreach ((TableEntry referrer, ForeignKeyEntry key) in catalog.ForeignKeysTo(change.Table).ToArray())
            {
                Reference reference = new(referrer, key, table);
                bool isDeferred = Timing.IsDeferred(key);
                await _referenced.RunAsync(reference, change, isDeferred, cancellation);
                if (isDeferred)
                    Defer(key, change, isReferrer: false);
            }
        }
        if (!change.HasInserted)
            return;
        foreach (IndexEntry key in table.Indexes)
        {
            if (Timing.IsDeferred(key))
                Defer(key, change);
            else if (key.IsDeferrable)
                await session.Transaction.Storage.TestKeysAsync(change, key, cancellation);
        }
        if (!keepsReferences)
            return;
        foreach (ForeignKeyEntry key in table.ForeignKeys)
        {
            if (Timing.IsDeferred(key))
                Defer(key, change, isReferrer: true);
            else if (catalog.TryFindTable(new TableId(key.ReferencedTable), out TableEntry? referenced))
                await _referrers.RunAsync(new Reference(table, key, referenced), change, cancellation);
        }
    }

    // The first of a constraint's changes tells of all that came later, unless a savepoint from before it was gone back to.
    private void Defer(ForeignKeyEntry key, TableChanges change, bool isReferrer)
    {
        Pending pending = _pending.GetValueOrDefault(key.Oid);
        _pending[key.Oid] = isReferrer
            ? pending with { Referrers = pending.Referrers?.With(change) ?? change }
            : pending with { Referenced = pending.Referenced?.With(change) ?? change };
    }

    private void Defer(IndexEntry key, TableChanges change)
    {
        Pending pending = _pending.GetValueOrDefault(key.ConstraintOid);
        _pending[key.ConstraintOid] = pending with { Keys = pending.Keys?.With(change) ?? change };
    }

    private async ValueTask CheckPendingAsync(uint[] constraints, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        CatalogSnapshot catalog = storage.Catalog;
        storage.BeginCheck();
        try
        {
            foreach (uint oid in constraints)
            {
                Pending pending = _pending[oid];
                if (pending.Keys is { } keys && FindKey(catalog, keys.Table, oid) is { } key)
                    await storage.TestKeysAsync(keys, key, cancellation);
                else if (Find(catalog, oid) is { } reference)
                {
                    if (pending.Referenced is { } referenced)
                        await _referenced.RunDeferredAsync(reference, referenced, cancellation);
                    if (pending.Referrers is { } referrers)
                        await _referrers.RunAsync(reference, referrers, cancellation);
                }
                _pending.Remove(oid);
            }
        }
        finally
        {
            storage.EndCheck();
        }
    }

    private static IndexEntry? FindKey(CatalogSnapshot catalog, TableId id, uint oid) =>
        catalog.TryFindTable(id, out TableEntry? table) ? table.Indexes.FirstOrDefault(index => index.ConstraintOid == oid) : null;

    private static Reference? Find(CatalogSnapshot catalog, uint oid)
    {
        foreach (TableEntry table in catalog.Tables)
        {
            foreach (ForeignKeyEntry key in table.ForeignKeys)
            {
                if (key.Oid == oid && catalog.TryFindTable(new TableId(key.ReferencedTable), out TableEntry? referenced))
                    return new Reference(table, key, referenced);
            }
        }
        return null;
    }

    /// <summary>The constraints of that name in the first schema that has one.</summary>
    private IEnumerable<uint> Find(QualifiedName name)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        IEnumerable<string> schemas = name.Schema is { } given ? [given] : session.Names.SearchPath(catalog);
        foreach (string schemaName in schemas)
        {
            if (session.Names.FindSchema(catalog, schemaName) is not { } schema)
                continue;
            (uint Oid, bool IsDeferrable)[] found =
            [
                .. catalog.Tables.Where(table => table.SchemaOid == schema.Oid).SelectMany(Constraints)
                    .Where(entry => entry.Name == name.Name).Select(entry => (entry.Oid, entry.IsDeferrable)),
            ];
            if (found.Length == 0)
                continue;
            if (found.Any(entry => !entry.IsDeferrable))
                throw new SqlException(SqlState.WrongObjectType, $"constraint \"{name.Name}\" is not deferrable");
            return found.Select(entry => entry.Oid);
        }
        throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name.Name}\" does not exist");
    }

    private static IEnumerable<(uint Oid, string Name, bool IsDeferrable)> Constraints(TableEntry table) =>
    [
        .. table.ForeignKeys.Select(key => (key.Oid, key.Name, key.IsDeferrable)),
        .. table.Checks.Select(check => (check.Oid, check.Name, false)),
        .. table.Indexes.Where(index => index.ConstraintOid != 0).Select(index =>
            (index.ConstraintOid, index.Name, index.IsDeferrable)),
    ];

    /// <summary>What is still to be checked of a constraint.</summary>
    private readonly record struct Pending(TableChanges? Referrers, TableChanges? Referenced, TableChanges? Keys);
}

/// <summary>A foreign key with the tables at its two ends.</summary>
internal sealed record Reference(TableEntry Table, ForeignKeyEntry Key, TableEntry Referenced);
