using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Models;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER TABLE, and ALTER VIEW, INDEX and SEQUENCE where they share its actions.</summary>
internal static class AlterTableCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, AlterTableStatement statement, bool isInScript, CancellationToken cancellation)
    {
        switch (statement.Kind)
        {
            case "index" or "table" when IsIndex(session, statement):
                await AlterIndex.RunAsync(session, statement, cancellation);
                return;
            case "sequence":
            case "table" when IsSequence(session, statement):
                await AlterSequenceAsync(session, statement, cancellation);
                return;
        }
        CatalogSnapshot catalog = Definitions.Catalog(session);
        if (Find(session, catalog, statement) is not { } found)
            return;
        if (statement.Actions is [SetModelAction set] && await AlterColumnModel.TryOnlineAsync(session, found, set, isInScript, cancellation))
            return;
        switch (statement.Actions)
        {
            case [SplitShardsAction or MergeShardsAction or TrainShardsAction] when found.Kind == TableKind.Table:
                await ShardChanges.RunAsync(session, found, statement.Actions[0], cancellation);
                return;
            case [ScatterAction] when found.Kind == TableKind.Table:
                await ClusterCommands.ScatterAsync(session, statement.Name, isInScript, cancellation);
                return;
        }
        TableEntry table = await Definitions.LockTableAsync(session, found, TableLockMode.AccessExclusive, cancellation);
        ShadowColumns.Refuse(table);
        RefuseOtherKind(statement, table);
        session.References.RefusePending(table, "ALTER TABLE");
        AlterTypeAction[] conversions = [.. statement.Actions.OfType<AlterTypeAction>()];
        // Several conversions are one, over the rows as they were; what would be in their way goes before, wherever it stands.
        IEnumerable<AlterAction> actions = conversions.Length > 1
            ? statement.Actions.OrderBy(static action => action is DropConstraintAction or AlterDefaultAction { Default: null } ? 0 : 1)
            : statement.Actions;
        foreach (AlterAction action in actions)
        {
            if (action is not AlterTypeAction conversion)
                await ActAsync(session, table, action, cancellation);
            else if (ReferenceEquals(conversion, conversions[0]))
                await AlterColumnType.RunAsync(session, table, conversions, cancellation);
            table = Definitions.Catalog(session).TryFindTable(table.Id, out TableEntry? now) ? now : table;
        }
    }

    // ALTER TABLE renames indexes too, as in PostgreSQL; ALTER INDEX says itself what is wrong with other relations.
    private static bool IsIndex(SessionState session, AlterTableStatement statement) => statement.Kind == "index"
        || (statement.Actions.All(static action => action is RenameAction)
            && session.Names.FindIndex(Definitions.Catalog(session), statement.Name) is not null);

    private static bool IsSequence(SessionState session, AlterTableStatement statement) =>
        statement.Actions.All(static action => action is RenameAction or SetSchemaAction or OwnerAction)
        && session.Names.FindRelation(Definitions.Catalog(session), statement.Name) is SequenceEntry;

    private static TableEntry? Find(SessionState session, CatalogSnapshot catalog, AlterTableStatement statement)
    {
        if (statement.IfExists && session.Names.FindRelation(catalog, statement.Name) is null
            && NameResolver.FindSystemView(statement.Name) is null)
        {
            session.Notices.Notice($"relation \"{statement.Name.Name}\" does not exist, skipping");
            return null;
        }
        return session.Names.GetTable(catalog, statement.Name);
    }

    private static void RefuseOtherKind(AlterTableStatement statement, TableEntry table)
    {
        bool isView = table.Kind == TableKind.View;
        if (statement.Kind == "view" && !isView)
            throw new SqlException(SqlState.WrongObjectType, $"\"{table.Name}\" is not a view");
        // PostgreSQL lets ALTER TABLE rename and move views, and refuses what needs rows.
        AlterAction? misfit = isView ? statement.Actions.FirstOrDefault(action => action is not (RenameAction
            or RenameColumnAction or SetSchemaAction or OwnerAction or AlterDefaultAction or SetOptionsAction)) : null;
        if (misfit is not null)
        {
            throw new SqlException(SqlState.WrongObjectType,
                $"ALTER action {NameOf(misfit)} cannot be performed on relation \"{table.Name}\"")
            { Detail = "This operation is not supported for views." };
        }
    }

    private static string NameOf(AlterAction action) => action switch
    {
        AddColumnAction => "ADD COLUMN",
        DropColumnAction => "DROP COLUMN",
        AlterTypeAction => "ALTER COLUMN ... SET DATA TYPE",
        AlterNotNullAction change => $"ALTER COLUMN ... {(change.IsNotNull ? "SET" : "DROP")} NOT NULL",
        AlterIdentityAction { Identity: null } => "ALTER COLUMN ... DROP IDENTITY",
        AlterIdentityAction => "ALTER COLUMN ... ADD IDENTITY",
        SetIdentityAction => "ALTER COLUMN ... SET",
        SetModelAction => "ALTER COLUMN ... SET MODEL",
        DropExpressionAction => "ALTER COLUMN ... DROP EXPRESSION",
        AlterColumnOptionAction option => "ALTER COLUMN ... " + option.What.ToUpperInvariant(),
        AddConstraintAction => "ADD CONSTRAINT",
        DropConstraintAction => "DROP CONSTRAINT",
        ValidateConstraintAction => "VALIDATE CONSTRAINT",
        ClusterOnAction { Index: null } => "SET WITHOUT CLUSTER",
        ClusterOnAction => "CLUSTER ON",
        ReplicaIdentityAction => "REPLICA IDENTITY",
        RenameConstraintAction => "RENAME CONSTRAINT",
        SplitShardsAction => "SPLIT",
        MergeShardsAction => "MERGE SHARDS",
        TrainShardsAction => "TRAIN SHARDS",
        ScatterAction => "SCATTER",
        UnsupportedAction other => other.What.ToUpperInvariant(),
        _ => "SET",
    };

    private static async ValueTask ActAsync(
        SessionState session, TableEntry table, AlterAction action, CancellationToken cancellation)
    {
        switch (action)
        {
            case AddColumnAction add:
                await AlterColumns.AddAsync(session, table, add, cancellation);
                break;
            case DropColumnAction drop:
                await AlterColumns.DropAsync(session, table, drop, cancellation);
                break;
            case AlterDefaultAction or AlterNotNullAction or AlterIdentityAction or SetIdentityAction or DropExpressionAction
                or AlterColumnOptionAction or RenameColumnAction:
                await AlterColumns.ChangeAsync(session, table, action, cancellation);
                break;
            case AddConstraintAction or DropConstraintAction or ValidateConstraintAction or RenameConstraintAction
                or AlterConstraintAction:
                await AlterConstraints.RunAsync(session, table, action, cancellation);
                break;
            case SetModelAction set:
                await AlterColumnModel.RunAsync(session, table, set, cancellation);
                break;
            case RenameAction rename:
                await RenameAsync(session, table, rename.NewName, cancellation);
                break;
            case SetSchemaAction move:
                await MoveAsync(session, table, move.Schema, cancellation);
                break;
            case OwnerAction owner:
                Roles.RequireOwner(session, owner.Owner);
                break;
            case SetOptionsAction options:
                await SetOptionsAsync(session, table, options, cancellation);
                break;
            case ClusterOnAction cluster:
                IndexMarks.Run(session, table, cluster);
                break;
            case ReplicaIdentityAction replica:
                IndexMarks.Run(session, table, replica);
                break;
            // What tells of a storage that is not there changes nothing.
            case UnsupportedAction { What: "set without" }: // OIDS, which no table has
                break;
            case UnsupportedAction { What: "set logged" or "set unlogged" } storage:
                session.Notices.Notice($"{storage.What.ToUpperInvariant()} has no effect");
                break;
            case UnsupportedAction unsupported:
                throw StatementDispatch.Unsupported("ALTER TABLE ... " + unsupported.What.ToUpperInvariant());
            default:
                throw StatementDispatch.Unsupported("this action of ALTER TABLE");
        }
    }

    internal static async ValueTask TakeNameAsync(
        SessionState session, uint schemaOid, string name, CancellationToken cancellation)
    {
        await Definitions.LockNameAsync(session, schemaOid, name, cancellation);
        if (Definitions.Catalog(session).IsNameTaken(schemaOid, name))
            throw Definitions.AlreadyExists(name);
    }

    private static async ValueTask RenameAsync(
        SessionState session, TableEntry table, string name, CancellationToken cancellation)
    {
        await TakeNameAsync(session, table.SchemaOid, name, cancellation);
        UserTypeCommands.RefuseRelation(session, table.SchemaOid, name);
        ViewTexts.Rewrite(session, Dependencies.ViewsOn(session, Definitions.Catalog(session), table),
            () => Definitions.Put(session, table with { Name = name }));
    }

    private static async ValueTask MoveAsync(
        SessionState session, TableEntry table, string schemaName, CancellationToken cancellation)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        SchemaEntry schema = session.Names.GetSchema(catalog, schemaName);
        if (schema.Oid == table.SchemaOid)
            return;
        if (table.IsTemporary || session.IsTemporarySchema(schema.Oid))
        {
            throw new SqlException(
                SqlState.FeatureNotSupported, "cannot move objects into or out of temporary schemas");
        }
        await Definitions.LockNameAsync(session, schema.Oid, table.Name, cancellation);
        if (Definitions.Catalog(session).IsNameTaken(schema.Oid, table.Name))
        {
            throw new SqlException(SqlState.DuplicateTable,
                $"relation \"{table.Name}\" already exists in schema \"{schema.Name}\"");
        }
        ViewTexts.Rewrite(session, Dependencies.ViewsOn(session, catalog, table), () =>
        {
            foreach (SequenceEntry sequence in Dependencies.OwnedSequences(catalog, table))
                Definitions.Put(session, sequence with { SchemaOid = schema.Oid });
            Definitions.Put(session, table with { SchemaOid = schema.Oid });
        });
    }

    private static async ValueTask SetOptionsAsync(
        SessionState session, TableEntry table, SetOptionsAction action, CancellationToken cancellation)
    {
        if (!action.IsReset && table.Kind == TableKind.View)
            ViewCommands.CheckOptions(action.Options);
        else if (!action.IsReset)
            TableOptions.Check(action.Options);
        var kept = table.Options.Where(option => !action.Options.Any(changed => changed.Name == option.Key));
        TableEntry changed = table with
        {
            Options = action.IsReset ? [.. kept] : [.. kept, .. Definitions.Options(action.Options)],
        };
        if (table.Kind == TableKind.View)
            ViewCommands.RequireUpdatable(session, changed);
        foreach (ColumnEntry column in changed.LiveColumns)
            DeferredColumns.Check(changed, column);
        if (action.Options.Any(static option => ShardPlacement.IsOption(option.Name)))
            changed = await ShardPlacement.MoveAsync(session, table, changed, cancellation);
        Definitions.Put(session, changed);
    }

    private static async ValueTask AlterSequenceAsync(
        SessionState session, AlterTableStatement statement, CancellationToken cancellation)
    {
        if (SequenceCommands.Find(session, statement.Name, statement.IfExists) is not { } sequence)
            return;
        foreach (AlterAction action in statement.Actions)
        {
            switch (action)
            {
                case RenameAction rename:
                    await TakeNameAsync(session, sequence.SchemaOid, rename.NewName, cancellation);
                    sequence = sequence with { Name = rename.NewName };
                    break;
                case SetSchemaAction move:
                    RefuseOwned(sequence);
                    SchemaEntry schema = session.Names.GetSchema(Definitions.Catalog(session), move.Schema);
                    await TakeNameAsync(session, schema.Oid, sequence.Name, cancellation);
                    sequence = sequence with { SchemaOid = schema.Oid };
                    break;
                case OwnerAction owner:
                    Roles.RequireOwner(session, owner.Owner);
                    break;
                default:
                    throw StatementDispatch.Unsupported("this action of ALTER SEQUENCE");
            }
            Definitions.Put(session, sequence);
        }
    }

    private static void RefuseOwned(SequenceEntry sequence)
    {
        if (sequence.OwnerTable != 0)
            throw new SqlException(SqlState.FeatureNotSupported, "cannot move an owned sequence into another schema");
    }
}
