using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Sessions;

/// <summary>A session's temporary tables: they lie in a schema of its own, and go with the session or, if asked, with the transaction.</summary>
internal sealed class TemporaryTables(SessionState session)
{
    private readonly Dictionary<uint, OnCommit> _actions = [];
    private bool _mayHaveAny;

    /// <summary>The session's schema, made if missing.</summary>
    internal SchemaEntry Schema(ITransaction storage)
    {
        _mayHaveAny = true;
        if (storage.Catalog.FindSchema(session.Names.TemporarySchema) is { } schema)
            return schema;
        schema = new SchemaEntry(session.Database.Storage.NextOid(), session.Names.TemporarySchema)
        { DatabaseOid = session.DatabaseOid };
        storage.Change(new PutObject(schema));
        return schema;
    }

    internal void OnCommitOf(uint tableOid, OnCommit action) => _actions[tableOid] = action;

    internal async ValueTask BeforeCommitAsync(CancellationToken cancellation)
    {
        if (_actions.Count == 0 || session.Transaction.StorageIfOpen is not { } storage)
            return;
        foreach ((uint oid, OnCommit action) in _actions.ToArray())
        {
            if (!storage.Catalog.TryFindTable(new TableId(oid), out TableEntry? table))
                _actions.Remove(oid);
            else if (action == OnCommit.Drop)
                Drop(storage, table);
            else
                await storage.TruncateAsync(table.Id, cancellation);
        }
    }

    /// <summary>DISCARD TEMP, and the session's end.</summary>
    internal void DropAll(ITransaction storage)
    {
        if (storage.Catalog.FindSchema(session.Names.TemporarySchema) is not { } schema)
            return;
        foreach (SequenceEntry sequence in storage.Catalog.Sequences.Where(entry => entry.SchemaOid == schema.Oid).ToArray())
            storage.Change(new DropObject(sequence.Oid));
        foreach (TableEntry table in storage.Catalog.Tables.Where(entry => entry.SchemaOid == schema.Oid).ToArray())
            Drop(storage, table);
    }

    internal async ValueTask CloseAsync()
    {
        if (!_mayHaveAny || session.Catalog.FindSchema(session.Names.TemporarySchema) is not { } schema)
            return;
        await using ITransaction storage = session.Database.Storage.Begin(IsolationLevel.ReadCommitted, database: session.DatabaseOid);
        storage.BeginStatement();
        DropAll(storage);
        storage.Change(new DropObject(schema.Oid));
        await storage.CommitAsync(isDurable: false, CancellationToken.None);
    }

    private void Drop(ITransaction storage, TableEntry table)
    {
        _actions.Remove(table.Oid);
        foreach (SequenceEntry sequence in storage.Catalog.Sequences.Where(entry => entry.OwnerTable == table.Oid).ToArray())
            storage.Change(new DropObject(sequence.Oid));
        storage.Change(new DropObject(table.Oid));
    }
}

internal enum OnCommit : byte { PreserveRows, DeleteRows, Drop }
