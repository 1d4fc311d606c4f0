using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER COLUMN … TYPE: converts every row.</summary>
internal static class AlterColumnType
{
    /// <param name="actions">Of one statement: each converts the rows as they were before all of them.</param>
    internal static async ValueTask RunAsync(
        SessionState session, TableEntry table, IReadOnlyList<AlterTypeAction> actions, CancellationToken cancellation)
    {
        PlannerContext context = Definitions.Context(session);
        Dictionary<short, ScalarExpression> values = [];
        TableEntry after = table;
        foreach (AlterTypeAction action in actions)
        {
            ColumnEntry column = TableColumns.Get(table, action.Column);
            if (values.ContainsKey(column.Number))
                throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter type of column \"{column.Name}\" twice");
            (ColumnEntry changed, ScalarExpression value) = Change(session, table, column, action, context);
            values[column.Number] = value;
            after = TableColumns.With(after, changed);
        }
        ColumnEntry[] old = [.. values.Keys.Select(table.Column)];
        (TableEntry Table, ForeignKeyEntry Key, TableEntry Referenced)[] references =
            [.. old.SelectMany(column => References(session, after, column)).DistinctBy(static found => found.Key.Oid)];
        foreach ((TableEntry referring, ForeignKeyEntry key, TableEntry referenced) in references)
            ForeignKeyDefinition.RequireComparable(referring, key, referenced);
        CheckEntry[] checks = [.. after.Checks.Where(check => old.Any(column => Dependencies.ChecksOn(table, column).Contains(check)))];
        foreach (CheckEntry check in checks)
            StoredExpressions.Check(SqlParser.ParseExpression(check.Sql), after, context);
        after = await ShardPlacement.RefitAsync(session, table, after, cancellation);
        table = table with { Placement = after.Placement };
        // Keys are tested once all rows are there: on the way, a converted row may meet one not yet converted.
        TableEntry withoutKeys = after with { Indexes = after.Indexes.RemoveAll(index => index.Columns.Any(values.ContainsKey)) };
        await TableRewrite.RunAsync(session, table, withoutKeys, values, cancellation);
        foreach (short number in values.Keys.Where(number => after.Column(number).IsNotNull))
            await TableValidation.RequireNotNullAsync(session, after, after.Column(number), cancellation);
        foreach (CheckEntry check in checks)
            await TableValidation.RequireCheckAsync(session, after, check, cancellation);
        foreach (IndexEntry index in after.Indexes.Where(index => index.IsUnique && index.Columns.Any(values.ContainsKey)))
            await TableValidation.RequireUniqueAsync(session, after, index, cancellation);
        Definitions.Put(session, after);
        foreach ((TableEntry referring, ForeignKeyEntry key, _) in references.Where(found => !found.Key.IsNotValid))
            await TableValidation.RequireReferencesAsync(session, referring, key, cancellation);
    }

    /// <summary>The column as it will be, and its new value.</summary>
    private static (ColumnEntry Changed, ScalarExpression Value) Change(
        SessionState session, TableEntry table, ColumnEntry column, AlterTypeAction action, PlannerContext context)
    {
        SqlType type = QueryPlanner.ResolveType(action.Type, context);
        TableDraft.RefusePseudo(column.Name, type);
        RefuseDependents(session, table, column);
        if (column.IsGenerated && action.Using is not null)
        {
            throw new SqlException(SqlState.InvalidColumnDefinition, "cannot specify USING when altering type of generated column")
            {
                Detail = $"Column \"{column.Name}\" is a generated column.",
            };
        }
        if (column.Identity != IdentityKind.None)
            ColumnParts.RequireIdentityType(type);
        ScalarExpression value = Convert(table, column, type, action.Using, context);
        ColumnEntry changed = column with { Type = type, MissingValue = null, Statistics = null };
        if (column.Identity != IdentityKind.None && Definitions.Catalog(session).Find(column.SequenceOid) is SequenceEntry sequence)
            SequenceCommands.Change(session, sequence, [new SequenceOption("as", null) { Type = action.Type }]);
        RefuseUnfitDefault(column, type, context);
        if (UserTypeOid.IsUserMade(column.Type.Oid) && changed is { DefaultSql: not null, IsGenerated: false })
            changed = changed with { DefaultSql = AsBefore(column) }; // a label says nothing to another type
        return (changed, value);
    }

    /// <summary>The foreign keys that the column is part of, at either end, with the tables as they will be.</summary>
    private static IEnumerable<(TableEntry Table, ForeignKeyEntry Key, TableEntry Referenced)> References(
        SessionState session, TableEntry after, ColumnEntry column)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        foreach (ForeignKeyEntry key in after.ForeignKeys.Where(key => key.Columns.Contains(column.Number)))
        {
            if (key.ReferencedTable == after.Oid)
                yield return (after, key, after);
            else if (catalog.TryFindTable(new TableId(key.ReferencedTable), out TableEntry? referenced))
                yield return (after, key, referenced);
        }
        foreach ((TableEntry table, ForeignKeyEntry key) in catalog.ForeignKeysTo(after.Id))
        {
            bool isNew = table.Oid != after.Oid || !key.Columns.Contains(column.Number);
            if (isNew && key.ReferencedColumns.Contains(column.Number))
                yield return (table.Oid == after.Oid ? after : table, key, after);
        }
    }

    private static ScalarExpression Convert(
        TableEntry table, ColumnEntry column, SqlType type, Expression? usingValue, PlannerContext context)
    {
        Expression source = usingValue ?? new ColumnReference(new QualifiedName([column.Name]));
        try
        {
            return QueryPlanner.BindOverTable(source, table, type, context);
        }
        catch (SqlException error) when (error.State == SqlState.DatatypeMismatch || error.State == SqlState.CannotCoerce)
        {
            string name = BuiltinTypes.FormatType(type.Oid, null);
            throw usingValue is null
                ? new SqlException(SqlState.DatatypeMismatch,
                    $"column \"{column.Name}\" cannot be cast automatically to type {name}",
                    hint: $"You might need to specify \"USING {TableValidation.Quote(column.Name)}::{BuiltinTypes.FormatType(type)}\".")
                : new SqlException(SqlState.DatatypeMismatch,
                    $"result of USING clause for column \"{column.Name}\" cannot be cast automatically to type {name}",
                    hint: "You might need to add an explicit cast.");
        }
    }

    private static void RefuseDependents(SessionState session, TableEntry table, ColumnEntry column)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        if (Dependencies.ViewsOn(session, catalog, table, column.Name).FirstOrDefault() is { } view)
        {
            throw new SqlException(
                SqlState.FeatureNotSupported, "cannot alter type of a column used by a view or rule")
            { Detail = $"rule _RETURN on view {view.Name} depends on column \"{column.Name}\"" };
        }
        if (table.Indexes.FirstOrDefault(index => IndexColumns.MentionsInSql(index, column)) is { } user)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"cannot alter type of a column used by an expression or predicate of index \"{user.Name}\"",
                hint: "Drop the index first and create it again afterwards.");
        }
        if (column.IsGenerated)
            return;
        if (Dependencies.GeneratedFrom(table, column).FirstOrDefault() is { } generated)
        {
            throw new SqlException(
                SqlState.FeatureNotSupported, "cannot alter type of a column used by a generated column")
            { Detail = $"Column \"{column.Name}\" is used by generated column \"{generated.Name}\"." };
        }
    }

    /// <summary>The default with the type that it has by itself: a plain string has the column's.</summary>
    private static string AsBefore(ColumnEntry column)
    {
        string sql = column.DefaultSql ?? "NULL";
        return SqlParser.ParseExpression(sql) is StringLiteral ? $"CAST({sql} AS {BuiltinTypes.FormatType(column.Type)})" : sql;
    }

    private static void RefuseUnfitDefault(ColumnEntry column, SqlType type, PlannerContext context)
    {
        if (column.DefaultSql is null || column.IsGenerated)
            return;
        try
        {
            QueryPlanner.BindConstant(SqlParser.ParseExpression(AsBefore(column)), type, context);
        }
        catch (SqlException)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"default for column \"{column.Name}\" cannot be cast automatically to type {BuiltinTypes.FormatType(type.Oid, null)}");
        }
    }
}
