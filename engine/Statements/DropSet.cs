using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>Objects to drop, and those that must go with them.</summary>
internal sealed class DropSet(SessionState session)
{
    private const int NamedMax = 100; // PostgreSQL names as many in a message and counts the rest

    private readonly List<CatalogObject> _targets = [];
    private readonly HashSet<uint> _dropped = [];
    private readonly List<CatalogObject> _order = [];
    private readonly List<(string Text, string On, uint Owner)> _dependents = [];
    private readonly List<(TableEntry Table, ColumnEntry Column)> _defaults = [];
    private readonly List<(TableEntry Table, ForeignKeyEntry Key)> _references = [];
    private readonly List<(TableEntry Table, ColumnEntry Column)> _columns = [];
    private readonly List<(TableEntry Table, ColumnEntry Column)> _modelled = [];
    private readonly List<(TableEntry Table, CheckEntry? Check, IndexEntry? Index)> _parts = [];

    internal void AddTarget(CatalogObject target)
    {
        if (!_targets.Any(entry => entry.Oid == target.Oid))
            _targets.Add(target);
    }

    internal async ValueTask RunAsync(bool cascade, CancellationToken cancellation)
    {
        if (_targets.Count == 0)
            return;
        foreach (CatalogObject target in _targets.ToArray())
        {
            await LockAsync(target, cancellation);
            if (cascade && target is SchemaEntry schema)
                await LockTablesAsync(Definitions.Catalog(session).Tables.Where(table => table.SchemaOid == schema.Oid), cancellation);
            if (cascade && target is SchemaEntry or UserTypeEntry or FunctionDefinition or ModelEntry)
                await LockTablesAsync(UsersOf(target), cancellation);
        }
        CatalogSnapshot catalog = Definitions.Catalog(session);
        foreach (CatalogObject target in _targets)
            _dropped.Add(target.Oid);
        foreach (CatalogObject target in _targets)
            Collect(catalog, target);
        _dependents.RemoveAll(dependent => _dropped.Contains(dependent.Owner)); // goes with the table that it is part of
        if (_dependents.Count > 0 && !cascade)
            throw StillNeeded();
        TellCascades(session, [.. _dependents.Select(dependent => dependent.Text)]);
        await ForeignKeyDependents.DropAsync(session, _references.Where(found => !_dropped.Contains(found.Table.Oid)), cancellation);
        foreach (TableEntry table in _order.OfType<TableEntry>())
            session.References.RefusePending(table, "DROP TABLE");
        foreach ((TableEntry table, ColumnEntry column) in _defaults)
            ClearDefault(table.Oid, column.Number);
        foreach ((TableEntry table, ColumnEntry column) in _modelled)
            ForgetModel(table.Oid, column.Number);
        foreach (CatalogObject dropped in _order)
            Definitions.Drop(session, dropped.Oid);
        if (_order.OfType<TableEntry>().Any(static table => table.Placement is not null))
            await ShardGroups.DropUnusedAsync(session, cancellation);
        foreach ((TableEntry table, CheckEntry? check, IndexEntry? index) in _parts)
            DropPart(table.Id, check, index);
        foreach ((TableEntry table, ColumnEntry column) in _columns)
            await DropColumnAsync(table.Id, column, cancellation);
    }

    private void DropPart(TableId tableId, CheckEntry? check, IndexEntry? index)
    {
        if (!Definitions.Catalog(session).TryFindTable(tableId, out TableEntry? table))
            return;
        if (check is not null)
            table = table with { Checks = table.Checks.RemoveAll(found => found.Oid == check.Oid) };
        if (index is not null)
            table = IndexColumns.Without(table, found => found.Oid == index.Oid);
        Definitions.Put(session, table);
    }

    private async ValueTask DropColumnAsync(TableId tableId, ColumnEntry column, CancellationToken cancellation)
    {
        if (!Definitions.Catalog(session).TryFindTable(tableId, out TableEntry? table) || table.Column(column.Number).IsDropped)
            return;
        session.References.RefusePending(table, "ALTER TABLE");
        await AlterColumns.DropAsync(session, table, new Parser.Syntax.DropColumnAction(column.Name, false, true), cancellation);
    }

    private IEnumerable<TableEntry> UsersOf(CatalogObject target)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        IEnumerable<CatalogObject> used = target is SchemaEntry
            ? catalog.Objects.Where(member => member is UserTypeEntry or FunctionDefinition && Database.SchemaOf(member) == target.Oid)
            : [target];
        return used.SelectMany(member => new MarkDependents(member).Relations(catalog));
    }

    private async ValueTask LockAsync(CatalogObject target, CancellationToken cancellation)
    {
        if (target is TableEntry table)
            await Definitions.LockTableAsync(session, table, TableLockMode.AccessExclusive, cancellation);
        else
            await Definitions.LockNameAsync(session, Database.SchemaOf(target), target.Name, cancellation);
    }

    // Else whoever changes one meanwhile would bring it back, without its schema.
    private async ValueTask LockTablesAsync(IEnumerable<TableEntry> tables, CancellationToken cancellation)
    {
        foreach (TableEntry table in tables.ToArray())
            await Definitions.TryLockTableAsync(session, table, TableLockMode.AccessExclusive, cancellation);
    }

    /// <summary>Adds the object behind all that needs it.</summary>
    private void Collect(CatalogSnapshot catalog, CatalogObject target)
    {
        switch (target)
        {
            case TableEntry table:
                CollectTable(catalog, table);
                break;
            case SequenceEntry sequence:
                CollectDefaults(catalog, sequence, ownTable: 0);
                foreach (TableEntry view in Dependencies.ViewsOn(session, catalog, sequence))
                    AddDependent(catalog, view, Describe(sequence));
                break;
            case SchemaEntry schema:
                CollectSchema(catalog, schema);
                break;
            case UserTypeEntry or FunctionDefinition or ModelEntry:
                CollectUsers(catalog, target, new MarkDependents(target));
                break;
        }
        _order.Add(target);
    }

    private void CollectTable(CatalogSnapshot catalog, TableEntry table)
    {
        foreach (SequenceEntry sequence in Dependencies.OwnedSequences(catalog, table))
        {
            if (_dropped.Add(sequence.Oid))
            {
                CollectDefaults(catalog, sequence, table.Oid);
                _order.Add(sequence);
            }
        }
        IEnumerable<(uint Oid, TableEntry Table, ForeignKeyEntry? Key)> needy = Dependencies.ViewsOn(session, catalog, table)
            .Select(view => (view.Oid, view, (ForeignKeyEntry?)null))
            .Concat(catalog.ForeignKeysTo(table.Id).Select(found => (found.Key.Oid, found.Table, (ForeignKeyEntry?)found.Key)))
            .OrderBy(found => found.Oid);
        foreach ((_, TableEntry dependent, ForeignKeyEntry? key) in needy)
        {
            if (key is null)
            {
                AddDependent(catalog, dependent, Describe(table));
                continue;
            }
            _references.Add((dependent, key));
            _dependents.Add(($"constraint {TableValidation.Quote(key.Name)} on {Describe(dependent)}", Describe(table), dependent.Oid));
        }
    }

    private void CollectDefaults(CatalogSnapshot catalog, SequenceEntry sequence, uint ownTable)
    {
        foreach ((TableEntry table, ColumnEntry column) in Dependencies.DefaultsOn(catalog, sequence))
        {
            if (table.Oid == ownTable || _dropped.Contains(table.Oid))
                continue;
            if (column.Identity != IdentityKind.None)
            {
                throw new SqlException(SqlState.DependentObjectsStillExist,
                    $"cannot drop sequence {sequence.Name} because column {column.Name} of table {table.Name} requires it",
                    hint: $"You can drop column {column.Name} of table {table.Name} instead.");
            }
            _defaults.Add((table, column));
            _dependents.Add(($"default value for column {column.Name} of {Describe(table)}", Describe(sequence), 0));
        }
    }

    /// <summary>A version of a model that is to go and that something uses.</summary>
    /// <exception cref="SqlException">2BP01.</exception>
    internal void RefuseUse(ModelEntry model, int version)
    {
        _targets.Add(model);
        CollectUsers(Definitions.Catalog(session), model, new MarkDependents(model, version));
        if (_dependents.Count > 0)
            throw StillNeeded($"version {version} of {Describe(model)}", hint: null);
    }

    /// <summary>What uses a type, a function or a model.</summary>
    private void CollectUsers(CatalogSnapshot catalog, CatalogObject used, MarkDependents dependents)
    {
        string on = Describe(used);
        foreach (TableEntry table in dependents.Relations(catalog))
        {
            if (table.Kind == TableKind.View)
                AddDependent(catalog, table, on);
            else
                CollectParts(catalog, table, dependents, on);
        }
        foreach (FunctionDefinition function in dependents.Functions(catalog))
            AddDependent(catalog, function, on);
    }

    private void CollectParts(CatalogSnapshot catalog, TableEntry table, MarkDependents dependents, string on)
    {
        ColumnEntry[] columns = [.. dependents.Columns(table)];
        foreach (ColumnEntry column in columns)
        {
            string text = $"column {TableValidation.Quote(column.Name)} of {Describe(table)}";
            _columns.Add((table, column));
            _dependents.Add((text, dependents.IsArray(column) ? on + "[]" : on, table.Oid));
            foreach (TableEntry view in Dependencies.ViewsOn(session, catalog, table, column.Name))
                AddDependent(catalog, view, text);
        }
        foreach (ColumnEntry column in dependents.Modelled(table))
        {
            _modelled.Add((table, column));
            _dependents.Add(($"model of column {TableValidation.Quote(column.Name)} of {Describe(table)}", on, table.Oid));
        }
        foreach (ColumnEntry column in dependents.Defaults(table))
        {
            _defaults.Add((table, column));
            _dependents.Add(($"default value for column {TableValidation.Quote(column.Name)} of {Describe(table)}", on, table.Oid));
        }
        // What goes with a column is not told of.
        HashSet<CheckEntry> withColumns = [.. columns.SelectMany(column => Dependencies.ChecksOn(table, column))];
        foreach (CheckEntry check in table.Checks.Where(check => dependents.IsIn(check.Sql) && !withColumns.Contains(check)))
        {
            _parts.Add((table, check, null));
            _dependents.Add(($"constraint {TableValidation.Quote(check.Name)} on {Describe(table)}", on, table.Oid));
        }
        foreach (IndexEntry index in table.Indexes.Where(
            index => dependents.Uses(index) && !columns.Any(column => index.Columns.Contains(column.Number))))
        {
            _parts.Add((table, null, index));
            _dependents.Add(($"index {Shown(table.SchemaOid, index.Name)}", on, table.Oid));
        }
    }

    private void CollectSchema(CatalogSnapshot catalog, SchemaEntry schema)
    {
        CatalogObject[] members = [.. catalog.Objects
            .Where(found => Database.SchemaOf(found) == schema.Oid
                && found is not SequenceEntry { OwnerTable: not 0 }).OrderBy(found => found.Oid)];
        foreach (CatalogObject member in members)
            AddDependent(catalog, member, Describe(schema));
    }

    private void AddDependent(CatalogSnapshot catalog, CatalogObject dependent, string on)
    {
        if (!_dropped.Add(dependent.Oid))
            return;
        _dependents.Add((Describe(dependent), on, 0));
        Collect(catalog, dependent);
    }

    private void ClearDefault(uint tableOid, short number)
    {
        if (!_dropped.Contains(tableOid) && Definitions.Catalog(session).TryFindTable(new TableId(tableOid), out TableEntry? table))
            Definitions.Put(session, TableColumns.With(table, table.Column(number) with { SequenceOid = 0, DefaultSql = null }));
    }

    private void ForgetModel(uint tableOid, short number)
    {
        if (!_dropped.Contains(tableOid) && Definitions.Catalog(session).TryFindTable(new TableId(tableOid), out TableEntry? table))
            Definitions.Put(session, TableColumns.With(table, table.Column(number) with { Model = null }));
    }

    private SqlException StillNeeded() => StillNeeded(
        _targets.Count == 1 ? Describe(_targets[0]) : null, "Use DROP ... CASCADE to drop the dependent objects too.");

    /// <param name="target">Null where there are several.</param>
    private SqlException StillNeeded(string? target, string? hint)
    {
        string message = target is not null
            ? $"cannot drop {target} because other objects depend on it"
            : "cannot drop desired object(s) because other objects depend on them";
        return new SqlException(SqlState.DependentObjectsStillExist, message, hint: hint)
        {
            Detail = Lines(_dependents.Select(dependent => $"{dependent.Text} depends on {dependent.On}")),
        };
    }

    internal static void TellCascades(SessionState session, IReadOnlyList<string> dependents)
    {
        if (dependents.Count == 1)
            session.Notices.Notice($"drop cascades to {dependents[0]}");
        else if (dependents.Count > 1)
        {
            session.Notices.Notice(SqlState.SuccessfulCompletion, $"drop cascades to {dependents.Count} other objects",
                detail: Lines(dependents.Select(dependent => $"drop cascades to {dependent}")));
        }
    }

    private static string Lines(IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        string text = string.Join('\n', all.Take(NamedMax));
        return all.Length > NamedMax ? $"{text}\nand {all.Length - NamedMax} other objects (see server log for list)" : text;
    }

    private string Describe(CatalogObject named) => named switch
    {
        SchemaEntry schema => $"schema {TableValidation.Quote(schema.Name)}",
        SequenceEntry sequence => $"sequence {Shown(sequence.SchemaOid, sequence.Name)}",
        TableEntry { Kind: TableKind.View } view => $"view {Shown(view.SchemaOid, view.Name)}",
        TableEntry table => $"table {Shown(table.SchemaOid, table.Name)}",
        FunctionDefinition function => $"function {session.Catalogs.NameOf(TypeOid.RegProcedure, function.Oid)}",
        ModelEntry model => $"model {TableValidation.Quote(model.Name)}",
        UserTypeEntry type => $"type {session.Catalogs.NameOf(TypeOid.RegType, type.Oid)}",
        _ => named.Name,
    };

    /// <summary>The name, qualified unless the search path finds it.</summary>
    private string Shown(uint schemaOid, string name)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        bool isVisible = session.Names.FindRelation(catalog, new Parser.Syntax.QualifiedName([name])) is { } found
            && Database.SchemaOf(found) == schemaOid;
        string quoted = TableValidation.Quote(name);
        return isVisible ? quoted : $"{TableValidation.Quote(catalog.Find(schemaOid)?.Name ?? "")}.{quoted}";
    }
}
