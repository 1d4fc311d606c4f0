using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Constraint actions of ALTER TABLE.</summary>
internal static class AlterConstraints
{
    internal static async ValueTask RunAsync(
        SessionState session, TableEntry table, AlterAction action, CancellationToken cancellation)
    {
        switch (action)
        {
            case AddConstraintAction add:
                await AddAsync(session, table, add.Constraint, cancellation);
                break;
            case DropConstraintAction drop:
                await DropAsync(session, table, drop, cancellation);
                break;
            case AlterConstraintAction alter:
                Alter(session, table, alter);
                break;
            case ValidateConstraintAction validate:
                await ValidateAsync(session, table, validate.Name, cancellation);
                break;
            case RenameConstraintAction rename:
                await RenameAsync(session, table, rename, cancellation);
                break;
        }
    }

    private static async ValueTask AddAsync(
        SessionState session, TableEntry table, TableConstraint constraint, CancellationToken cancellation)
    {
        await ForeignKeyDefinition.LockTargetsAsync(session, ForeignKeyDefinition.Targets([constraint]), cancellation);
        TableDraft draft = new(session, table);
        draft.AddConstraint(constraint);
        TableEntry after = draft.Finish();
        foreach (CheckEntry check in after.Checks.Where(check => !table.Checks.Contains(check) && !check.IsNotValid))
            await TableValidation.RequireCheckAsync(session, table, check, cancellation);
        foreach (ColumnEntry column in after.LiveColumns.Where(
            column => column.IsNotNull && !table.Column(column.Number).IsNotNull))
        {
            await TableValidation.RequireNotNullAsync(session, table, column, cancellation);
        }
        foreach (IndexEntry index in after.Indexes.Where(index => !table.Indexes.Any(old => old.Oid == index.Oid)))
            await TableValidation.RequireUniqueAsync(session, table, index, cancellation);
        foreach (ForeignKeyEntry key in after.ForeignKeys.Where(key => !table.ForeignKeys.Contains(key) && !key.IsNotValid))
            await TableValidation.RequireReferencesAsync(session, table, key, cancellation);
        Definitions.Put(session, await ShardPlacement.RefitAsync(session, table, after, cancellation));
    }

    private static async ValueTask DropAsync(
        SessionState session, TableEntry table, DropConstraintAction action, CancellationToken cancellation)
    {
        if (FindForeignKey(table, action.Name) is { } reference)
        {
            Definitions.Put(session, table with { ForeignKeys = table.ForeignKeys.Remove(reference) });
            return;
        }
        if (table.Checks.FirstOrDefault(check => check.Name == action.Name) is { } check)
        {
            Definitions.Put(session, table with { Checks = table.Checks.Remove(check) });
            return;
        }
        if (FindKey(table, action.Name) is { } key)
        {
            await DropKeyAsync(session, table, key, action.Cascade, cancellation);
            return;
        }
        if (!action.IfExists)
            throw Missing(table, action.Name);
        session.Notices.Notice($"constraint \"{action.Name}\" of relation \"{table.Name}\" does not exist, skipping");
    }

    private static async ValueTask DropKeyAsync(
        SessionState session, TableEntry table, IndexEntry key, bool cascade, CancellationToken cancellation)
    {
        IReadOnlyList<(TableEntry Table, ForeignKeyEntry Key)> needy = ForeignKeyDependents.OfIndex(session, table, key);
        if (needy.Count > 0 && !cascade)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop constraint {key.Name} on table {table.Name} because other objects depend on it",
                hint: "Use DROP ... CASCADE to drop the dependent objects too.")
            {
                Detail = string.Join('\n', needy.Select(found =>
                    $"{ForeignKeyDependents.Describe(found)} depends on index {key.Name}")),
            };
        }
        DropSet.TellCascades(session, [.. needy.Select(ForeignKeyDependents.Describe)]);
        await ForeignKeyDependents.DropAsync(session, needy, cancellation);
        table = Definitions.Catalog(session).TryFindTable(table.Id, out TableEntry? now) ? now : table;
        Definitions.Put(session, table with { Indexes = table.Indexes.RemoveAll(index => index.Oid == key.Oid) });
    }

    private static void Alter(SessionState session, TableEntry table, AlterConstraintAction action)
    {
        ForeignKeyEntry key = FindForeignKey(table, action.Name) ?? throw (HasConstraint(table, action.Name)
            ? new SqlException(SqlState.WrongObjectType,
                $"constraint \"{action.Name}\" of relation \"{table.Name}\" is not a foreign key constraint")
            : Missing(table, action.Name));
        Definitions.Put(session, table with
        {
            ForeignKeys = table.ForeignKeys.Replace(key, key with
            {
                IsDeferrable = action.Timing.IsDeferrable, IsInitiallyDeferred = action.Timing.IsInitiallyDeferred,
            }),
        });
    }

    private static async ValueTask ValidateAsync(
        SessionState session, TableEntry table, string name, CancellationToken cancellation)
    {
        if (FindForeignKey(table, name) is { } reference)
        {
            if (!reference.IsNotValid)
                return;
            await TableValidation.RequireReferencesAsync(session, table, reference, cancellation);
            Definitions.Put(session, table with
            {
                ForeignKeys = table.ForeignKeys.Replace(reference, reference with { IsNotValid = false }),
            });
            return;
        }
        CheckEntry check = table.Checks.FirstOrDefault(entry => entry.Name == name)
            ?? throw (FindKey(table, name) is null
                ? Missing(table, name)
                : new SqlException(SqlState.WrongObjectType,
                    $"constraint \"{name}\" of relation \"{table.Name}\" is not a foreign key or check constraint"));
        if (!check.IsNotValid)
            return;
        await TableValidation.RequireCheckAsync(session, table, check, cancellation);
        Definitions.Put(session, table with { Checks = table.Checks.Replace(check, check with { IsNotValid = false }) });
    }

    private static async ValueTask RenameAsync(
        SessionState session, TableEntry table, RenameConstraintAction action, CancellationToken cancellation)
    {
        if (HasConstraint(table, action.NewName))
            throw TableDraft.ConstraintExists(action.NewName, table.Name);
        if (table.Checks.FirstOrDefault(check => check.Name == action.Name) is { } check)
        {
            Definitions.Put(session, table with { Checks = table.Checks.Replace(check, check with { Name = action.NewName }) });
            return;
        }
        if (FindForeignKey(table, action.Name) is { } reference)
        {
            Definitions.Put(session, table with
            {
                ForeignKeys = table.ForeignKeys.Replace(reference, reference with { Name = action.NewName }),
            });
            return;
        }
        IndexEntry key = FindKey(table, action.Name) ?? throw new SqlException(
            SqlState.UndefinedObject, $"constraint \"{action.Name}\" for table \"{table.Name}\" does not exist");
        await AlterTableCommand.TakeNameAsync(session, table.SchemaOid, action.NewName, cancellation);
        Definitions.Put(session, table with { Indexes = table.Indexes.Replace(key, key with { Name = action.NewName }) });
    }

    private static bool HasConstraint(TableEntry table, string name) => table.Checks.Any(check => check.Name == name)
        || FindKey(table, name) is not null || FindForeignKey(table, name) is not null;

    private static ForeignKeyEntry? FindForeignKey(TableEntry table, string name) =>
        table.ForeignKeys.FirstOrDefault(key => key.Name == name);

    private static IndexEntry? FindKey(TableEntry table, string name) =>
        table.Indexes.FirstOrDefault(index => index.ConstraintOid != 0 && index.Name == name);

    private static SqlException Missing(TableEntry table, string name) => new(
        SqlState.UndefinedObject, $"constraint \"{name}\" of relation \"{table.Name}\" does not exist");
}
