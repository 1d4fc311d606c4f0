using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>Column actions of ALTER TABLE, changes of type apart.</summary>
internal static class AlterColumns
{
    internal static async ValueTask AddAsync(
        SessionState session, TableEntry table, AddColumnAction action, CancellationToken cancellation)
    {
        if (TableColumns.Find(table, action.Column.Name) is not null)
        {
            string message = $"column \"{action.Column.Name}\" of relation \"{table.Name}\" already exists";
            if (!action.IfNotExists)
                throw new SqlException(SqlState.DuplicateColumn, message);
            session.Notices.Notice(SqlState.DuplicateColumn, message + ", skipping");
            return;
        }
        await ForeignKeyDefinition.LockTargetsAsync(session, ForeignKeyDefinition.Targets([action.Column]), cancellation);
        TableDraft draft = new(session, table);
        short number = draft.AddColumn(action.Column);
        TableEntry changed = draft.Finish();
        foreach (SequenceEntry sequence in draft.Sequences)
            Definitions.Put(session, sequence);
        ColumnEntry column = changed.Column(number);
        IndexEntry[] keys = [.. changed.Indexes.Where(index => !table.Indexes.Contains(index))];
        ForeignKeyEntry[] references = [.. changed.ForeignKeys.Where(key => !table.ForeignKeys.Contains(key))];
        TableEntry withoutKeys = changed with { Indexes = table.Indexes, ForeignKeys = table.ForeignKeys };
        if (FillValue(session, column, out string? missing))
        {
            column = column with { MissingValue = missing };
            withoutKeys = TableColumns.With(withoutKeys, column);
            changed = TableColumns.With(changed, column);
            Definitions.Put(session, withoutKeys);
        }
        else
        {
            await TableRewrite.RunAsync(session, table, withoutKeys, new Dictionary<short, ScalarExpression>(), cancellation);
        }
        if (column.IsNotNull)
            await TableValidation.RequireNotNullAsync(session, changed, column, cancellation);
        foreach (CheckEntry check in changed.Checks.Where(check => !table.Checks.Contains(check)))
            await TableValidation.RequireCheckAsync(session, changed, check, cancellation);
        foreach (IndexEntry key in keys)
            await TableValidation.RequireUniqueAsync(session, changed, key, cancellation);
        foreach (ForeignKeyEntry reference in references)
            await TableValidation.RequireReferencesAsync(session, changed, reference, cancellation);
        if (keys.Length > 0 || references.Length > 0)
            Definitions.Put(session, changed);
    }

    /// <summary>Whether old rows can all be given one value, without being touched.</summary>
    private static bool FillValue(SessionState session, ColumnEntry column, out string? missing)
    {
        missing = null;
        if (column.IsGenerated || column.SequenceOid != 0)
            return false;
        if (column.DefaultSql is null)
            return true;
        ScalarExpression value = QueryPlanner.BindConstant(
            SqlParser.ParseExpression(column.DefaultSql), column.Type, Definitions.Context(session));
        if (!StoredExpressions.IsConstant(value))
            return false;
        Column result = SessionExpressions.Evaluate(session, value);
        missing = TextRows.Text(result, 0, column.Type, Catalog.Formats.FormatContext.Default);
        return true;
    }

    internal static async ValueTask DropAsync(
        SessionState session, TableEntry table, DropColumnAction action, CancellationToken cancellation)
    {
        if (TableColumns.Find(table, action.Column) is not { } column)
        {
            if (!action.IfExists)
                throw Missing(table, action.Column);
            session.Notices.Notice($"column \"{action.Column}\" of relation \"{table.Name}\" does not exist, skipping");
            return;
        }
        CatalogSnapshot catalog = Definitions.Catalog(session);
        TableEntry[] views = [.. Dependencies.ViewsOn(session, catalog, table, column.Name)];
        ColumnEntry[] generated = [.. Dependencies.GeneratedFrom(table, column)];
        IReadOnlyList<(TableEntry Table, ForeignKeyEntry Key)> references = ForeignKeyDependents.OfColumn(session, table, column);
        string[] needy =
        [
            .. generated.Select(entry => $"column {entry.Name} of table {table.Name}"),
            .. views.Select(view => (view.Oid, Text: $"view {view.Name}"))
                .Concat(references.Select(found => (found.Key.Oid, Text: ForeignKeyDependents.Describe(found))))
                .OrderBy(found => found.Oid).Select(found => found.Text),
        ];
        if (needy.Length > 0 && !action.Cascade)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop column {column.Name} of table {table.Name} because other objects depend on it",
                hint: "Use DROP ... CASCADE to drop the dependent objects too.")
            {
                Detail = string.Join('\n',
                    needy.Select(name => $"{name} depends on column {column.Name} of table {table.Name}")),
            };
        }
        DropSet.TellCascades(session, needy);
        foreach (TableEntry view in views)
            Definitions.Drop(session, view.Oid);
        await ForeignKeyDependents.DropAsync(session, references, cancellation);
        table = Definitions.Catalog(session).TryFindTable(table.Id, out TableEntry? now) ? now : table;
        TableEntry before = table;
        foreach (ColumnEntry entry in generated.Append(column))
            table = Without(session, catalog, table, entry);
        table = await ShardPlacement.RefitAsync(session, before, table, cancellation);
        // Views that read other columns of it may name columns by their places.
        ViewTexts.Rewrite(session, Dependencies.ViewsOn(session, Definitions.Catalog(session), table),
            () => Definitions.Put(session, table));
    }

    /// <summary>The table without the column, its indexes and the checks that mention it.</summary>
    private static TableEntry Without(SessionState session, CatalogSnapshot catalog, TableEntry table, ColumnEntry column)
    {
        HashSet<CheckEntry> checks = [.. Dependencies.ChecksOn(table, column)];
        foreach (SequenceEntry sequence in Dependencies.OwnedSequences(catalog, table))
        {
            if (sequence.OwnerColumn == column.Number)
                Definitions.Drop(session, sequence.Oid);
        }
        table = IndexColumns.Without(table, index => IndexColumns.Mentions(index, column));
        return TableColumns.With(table, IndexColumns.Dropped(column)) with
        {
            Checks = table.Checks.RemoveAll(checks.Contains),
            ForeignKeys = table.ForeignKeys.RemoveAll(key => key.Columns.Contains(column.Number)),
        };
    }

    internal static async ValueTask ChangeAsync(
        SessionState session, TableEntry table, AlterAction action, CancellationToken cancellation)
    {
        switch (action)
        {
            case AlterDefaultAction change:
                SetDefault(session, table, change);
                break;
            case AlterNotNullAction change:
                await SetNotNullAsync(session, table, change, cancellation);
                break;
            case AlterIdentityAction change:
                SetIdentity(session, table, change);
                break;
            case DropExpressionAction change:
                DropExpression(session, table, change);
                break;
            case AlterColumnOptionAction option:
                TableColumns.Get(table, option.Column);
                session.Notices.Notice($"ALTER COLUMN {(option.What is "set" or "reset" ? "" : "SET ")}{option.What.ToUpperInvariant()} has no effect");
                break;
            case SetIdentityAction change:
                AlterIdentity(session, table, change);
                break;
            case RenameColumnAction rename:
                Rename(session, table, rename);
                break;
        }
    }

    private static void SetDefault(SessionState session, TableEntry table, AlterDefaultAction action)
    {
        ColumnEntry column = TableColumns.Get(table, action.Column);
        if (column.Identity != IdentityKind.None)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column",
                hint: action.Default is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : null);
        }
        if (column.IsGenerated)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is a generated column",
                hint: action.Default is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead." : null);
        }
        ColumnEntry changed = action.Default is null
            ? column with { DefaultSql = null, SequenceOid = 0 }
            : new TableDraft(session, table).WithDefault(column, action.Default);
        Definitions.Put(session, TableColumns.With(table, changed));
    }

    private static async ValueTask SetNotNullAsync(
        SessionState session, TableEntry table, AlterNotNullAction action, CancellationToken cancellation)
    {
        ColumnEntry column = TableColumns.Get(table, action.Column);
        if (column.IsNotNull == action.IsNotNull)
            return;
        if (action.IsNotNull)
        {
            await TableValidation.RequireNotNullAsync(session, table, column, cancellation);
        }
        else if (table.PrimaryKey?.Columns.Contains(column.Number) == true)
        {
            throw new SqlException(
                SqlState.InvalidTableDefinition, $"column \"{column.Name}\" is in a primary key");
        }
        else if (column.Identity != IdentityKind.None)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column");
        }
        Definitions.Put(session, TableColumns.With(table, column with { IsNotNull = action.IsNotNull }));
    }

    private static void SetIdentity(SessionState session, TableEntry table, AlterIdentityAction action)
    {
        ColumnEntry column = TableColumns.Get(table, action.Column);
        if (action.Identity is null)
        {
            DropIdentity(session, table, column, action.IfExists);
            return;
        }
        ColumnParts.RequireIdentityType(column.Type);
        if (!column.IsNotNull)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"column \"{column.Name}\" of relation \"{table.Name}\" must be declared NOT NULL before identity can be added");
        }
        if (column.Identity != IdentityKind.None)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is already an identity column");
        }
        if (column.DefaultSql is not null || column.SequenceOid != 0)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"column \"{column.Name}\" of relation \"{table.Name}\" already has a default value");
        }
        TableDraft draft = new(session, table);
        ColumnEntry changed = column with
        {
            Identity = action.Identity.IsAlways ? IdentityKind.Always : IdentityKind.ByDefault,
        };
        changed = changed with { SequenceOid = draft.AddSequence(changed, action.Identity.Options, isSerial: false) };
        foreach (SequenceEntry sequence in draft.Sequences)
            Definitions.Put(session, sequence);
        Definitions.Put(session, TableColumns.With(table, changed));
    }

    /// <summary>SET GENERATED, SET option and RESTART: another way to give values, and another sequence.</summary>
    private static void AlterIdentity(SessionState session, TableEntry table, SetIdentityAction action)
    {
        ColumnEntry column = TableColumns.Get(table, action.Column);
        if (column.Identity == IdentityKind.None)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
        }
        if (action.IsAlways is { } isAlways)
        {
            IdentityKind identity = isAlways ? IdentityKind.Always : IdentityKind.ByDefault;
            Definitions.Put(session, TableColumns.With(table, column with { Identity = identity }));
        }
        if (!action.Options.IsEmpty && Definitions.Catalog(session).Find(column.SequenceOid) is SequenceEntry sequence)
            SequenceCommands.Change(session, sequence, action.Options);
    }

    private static void DropIdentity(SessionState session, TableEntry table, ColumnEntry column, bool ifExists)
    {
        if (column.Identity == IdentityKind.None)
        {
            string message = $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column";
            if (!ifExists)
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, message);
            session.Notices.Notice(message + ", skipping");
            return;
        }
        Definitions.Drop(session, column.SequenceOid);
        Definitions.Put(session, TableColumns.With(
            table, column with { Identity = IdentityKind.None, SequenceOid = 0 }));
    }

    private static void DropExpression(SessionState session, TableEntry table, DropExpressionAction action)
    {
        ColumnEntry column = TableColumns.Get(table, action.Column);
        if (!column.IsGenerated)
        {
            string message = $"column \"{column.Name}\" of relation \"{table.Name}\" is not a stored generated column";
            if (!action.IfExists)
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, message);
            session.Notices.Notice(message + ", skipping");
            return;
        }
        Definitions.Put(session, TableColumns.With(table, column with { IsGenerated = false, DefaultSql = null }));
    }

    private static void Rename(SessionState session, TableEntry table, RenameColumnAction action)
    {
        ColumnEntry column = TableColumns.Find(table, action.Column)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{action.Column}\" does not exist");
        if (TableColumns.Find(table, action.NewName) is not null)
        {
            throw new SqlException(SqlState.DuplicateColumn,
                $"column \"{action.NewName}\" of relation \"{table.Name}\" already exists");
        }
        TableDraft.RefuseSystemName(action.NewName);
        ViewTexts.Rewrite(session, Dependencies.ViewsOn(session, Definitions.Catalog(session), table),
            () => Definitions.Put(session, ColumnRename.Apply(table, column, action.NewName, Definitions.Context(session))));
    }

    internal static SqlException Missing(TableEntry table, string column) => new(
        SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{table.Name}\" does not exist");
}
