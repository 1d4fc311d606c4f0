using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
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
                Drop(session, table, drop);
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
        Definitions.Put(session, after);
    }

    private static void Drop(SessionState session, TableEntry table, DropConstraintAction action)
    {
        if (table.Checks.FirstOrDefault(check => check.Name == action.Name) is { } check)
        {
            Definitions.Put(session, table with { Checks = table.Checks.Remove(check) });
            return;
        }
        if (FindKey(table, action.Name) is { } key)
        {
            Definitions.Put(session, table with { Indexes = table.Indexes.Remove(key) });
            return;
        }
        if (!action.IfExists)
            throw Missing(table, action.Name);
        session.Notices.Notice($"constraint \"{action.Name}\" of relation \"{table.Name}\" does not exist, skipping");
    }

    private static async ValueTask ValidateAsync(
        SessionState session, TableEntry table, string name, CancellationToken cancellation)
    {
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
        bool isTaken = table.Checks.Any(check => check.Name == action.NewName) || FindKey(table, action.NewName) is not null;
        if (isTaken)
            throw TableDraft.ConstraintExists(action.NewName, table.Name);
        if (table.Checks.FirstOrDefault(check => check.Name == action.Name) is { } check)
        {
            Definitions.Put(session, table with { Checks = table.Checks.Replace(check, check with { Name = action.NewName }) });
            return;
        }
        IndexEntry key = FindKey(table, action.Name) ?? throw new SqlException(
            SqlState.UndefinedObject, $"constraint \"{action.Name}\" for table \"{table.Name}\" does not exist");
        await AlterTableCommand.TakeNameAsync(session, table.SchemaOid, action.NewName, cancellation);
        Definitions.Put(session, table with { Indexes = table.Indexes.Replace(key, key with { Name = action.NewName }) });
    }

    private static IndexEntry? FindKey(TableEntry table, string name) =>
        table.Indexes.FirstOrDefault(index => index.ConstraintOid != 0 && index.Name == name);

    private static SqlException Missing(TableEntry table, string name) => new(
        SqlState.UndefinedObject, $"constraint \"{name}\" of relation \"{table.Name}\" does not exist");
}
