using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>DROP TABLE, VIEW, SEQUENCE, INDEX, TYPE, MODEL, SCHEMA, ROLE, DATABASE and EXTENSION, with what depends on them.</summary>
internal static class DropCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, DropStatement statement, bool isInScript, CancellationToken cancellation)
    {
        if (statement.Kind == "index" && statement.IsConcurrent)
            RefuseConcurrently(session, statement, isInScript);
        if (statement.Kind == "role")
        {
            await RoleCommands.DropAsync(session, statement, cancellation);
            return;
        }
        if (statement.Kind == "database")
        {
            await DatabaseCommands.DropAsync(session, statement, isInScript, cancellation);
            return;
        }
        DropSet drops = new(session);
        foreach (QualifiedName name in statement.Names)
        {
            switch (statement.Kind)
            {
                case "table" or "view" or "sequence":
                    if (FindRelation(session, statement, name) is { } relation)
                        drops.AddTarget(relation);
                    break;
                case "schema":
                    if (FindSchema(session, statement, name) is { } schema)
                        drops.AddTarget(schema);
                    break;
                case "type":
                    if (FindType(session, statement, name) is { } type)
                        drops.AddTarget(type);
                    break;
                case "model":
                    if (await ModelCommands.FindToDropAsync(session, statement, name, cancellation) is { } model)
                        drops.AddTarget(model);
                    break;
                case "index":
                    await DropIndexAsync(session, statement, name, cancellation);
                    break;
                case "extension":
                    DropExtension(session, statement, name);
                    break;
                default:
                    DropUnknown(session, statement, name);
                    break;
            }
        }
        await drops.RunAsync(statement.Cascade, cancellation);
    }

    internal static async ValueTask RunAsync(SessionState session, DropFunctionStatement statement, CancellationToken cancellation)
    {
        DropSet drops = new(session);
        foreach (FunctionSignature signature in statement.Functions)
        {
            if (FunctionCommands.Find(session, signature) is { } found)
                drops.AddTarget(found);
            else if (!statement.IfExists)
                throw FunctionCommands.Missing(session, signature);
            else
                session.Notices.Notice($"function {FunctionCommands.Text(session, signature)} does not exist, skipping");
        }
        await drops.RunAsync(statement.Cascade, cancellation);
    }

    private static void RefuseConcurrently(SessionState session, DropStatement statement, bool isInScript)
    {
        session.Transaction.RefuseBlock("DROP INDEX CONCURRENTLY", isInScript);
        if (statement.Names.Count > 1)
            throw StatementDispatch.Lacking("DROP INDEX CONCURRENTLY", "dropping multiple objects");
        if (statement.Cascade)
            throw StatementDispatch.Lacking("DROP INDEX CONCURRENTLY", "CASCADE");
    }

    private static CatalogObject? FindRelation(SessionState session, DropStatement statement, QualifiedName name)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        if (IsSchemaMissing(session, statement, name))
            return null;
        CatalogObject? found = session.Names.FindRelation(catalog, name) ?? NameResolver.FindSystemView(name);
        if (found is null && session.Names.FindIndex(catalog, name) is not null)
            throw WrongKind(name, statement.Kind, "index");
        string? kind = found switch
        {
            TableEntry { Kind: TableKind.View } => "view",
            TableEntry => "table",
            SequenceEntry => "sequence",
            _ => null,
        };
        if (kind is null)
            return Missing(session, statement, $"{statement.Kind} \"{name}\" does not exist", SqlState.UndefinedTable);
        if (kind != statement.Kind)
            throw WrongKind(name, statement.Kind, kind);
        if (found is TableEntry table)
            Definitions.RefuseSystem(table);
        return found;
    }

    private static bool IsSchemaMissing(SessionState session, DropStatement statement, QualifiedName name)
    {
        if (name.Schema is not { } schema || session.Names.FindSchema(Definitions.Catalog(session), schema) is not null)
            return false;
        if (!statement.IfExists)
            throw NameResolver.UndefinedSchema(schema, 0);
        session.Notices.Notice($"schema \"{schema}\" does not exist, skipping");
        return true;
    }

    private static SqlException WrongKind(QualifiedName name, string wanted, string actual) => new(
        SqlState.WrongObjectType, $"\"{name.Name}\" is not {(wanted == "index" ? "an" : "a")} {wanted}",
        hint: $"Use DROP {actual.ToUpperInvariant()} to remove {(actual == "index" ? "an" : "a")} {actual}.");

    private static SchemaEntry? FindSchema(SessionState session, DropStatement statement, QualifiedName name)
    {
        if (Definitions.Catalog(session).FindSchema(name.Name) is { } schema)
        {
            SchemaCommands.RefuseSystem(schema);
            return schema;
        }
        Missing(session, statement, $"schema \"{name.Name}\" does not exist", SqlState.InvalidSchemaName);
        return null;
    }

    private static UserTypeEntry? FindType(SessionState session, DropStatement statement, QualifiedName name)
    {
        if (IsSchemaMissing(session, statement, name))
            return null;
        if (QueryPlanner.FindType(new TypeName(name, []), Definitions.Context(session)) is not { } found)
        {
            Missing(session, statement, $"type \"{name}\" does not exist", SqlState.UndefinedObject);
            return null;
        }
        string text = BuiltinTypes.FormatType(found.Oid, null);
        if (Definitions.Catalog(session).FindType(found.Oid) is not { } type)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop type {text} because it is required by the database system");
        }
        return found.Oid == type.Oid ? type : throw new SqlException(SqlState.DependentObjectsStillExist,
            $"cannot drop type {text} because type {CatalogMark.OfType(type.Oid)} requires it",
            hint: $"You can drop type {CatalogMark.OfType(type.Oid)} instead.");
    }

    private static async ValueTask DropIndexAsync(
        SessionState session, DropStatement statement, QualifiedName name, CancellationToken cancellation)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        if (IsSchemaMissing(session, statement, name))
            return;
        if (session.Names.FindIndex(catalog, name) is not { } found)
        {
            CatalogObject? other = session.Names.FindRelation(catalog, name);
            if (other is not null)
                throw WrongKind(name, "index", other is SequenceEntry ? "sequence" : other is TableEntry { Kind: TableKind.View } ? "view" : "table");
            Missing(session, statement, $"index \"{name}\" does not exist", SqlState.UndefinedObject);
            return;
        }
        if (found.Index.ConstraintOid != 0)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop index {found.Index.Name} because constraint {found.Index.Name} on table {found.Table.Name} requires it",
                hint: $"You can drop constraint {found.Index.Name} on table {found.Table.Name} instead.");
        }
        TableEntry table = await Definitions.LockTableAsync(
            session, found.Table, TableLockMode.AccessExclusive, cancellation);
        IReadOnlyList<(TableEntry Table, ForeignKeyEntry Key)> needy = ForeignKeyDependents.OfIndex(session, table, found.Index);
        if (needy.Count > 0 && !statement.Cascade)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop index {found.Index.Name} because other objects depend on it",
                hint: "Use DROP ... CASCADE to drop the dependent objects too.")
            {
                Detail = string.Join('\n', needy.Select(reference =>
                    $"{ForeignKeyDependents.Describe(reference)} depends on index {found.Index.Name}")),
            };
        }
        DropSet.TellCascades(session, [.. needy.Select(ForeignKeyDependents.Describe)]);
        await ForeignKeyDependents.DropAsync(session, needy, cancellation);
        table = Definitions.Catalog(session).TryFindTable(table.Id, out TableEntry? now) ? now : table;
        Definitions.Put(session, IndexColumns.Without(table, index => index.Oid == found.Index.Oid));
    }

    private static void DropExtension(SessionState session, DropStatement statement, QualifiedName name)
    {
        if (BuiltInExtension.Find(name.Name) is { } builtIn)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop extension {builtIn.Name} because it is required by the database system");
        }
        Missing(session, statement, $"extension \"{name.Name}\" does not exist", SqlState.UndefinedObject);
    }

    /// <summary>Kinds of which there can be no objects: IF EXISTS is content, otherwise nothing has the name.</summary>
    private static void DropUnknown(SessionState session, DropStatement statement, QualifiedName name)
    {
        if (IsSchemaMissing(session, statement, name))
            return;
        if (statement.Kind == "domain" && QueryPlanner.FindType(new TypeName(name, []), Definitions.Context(session)) is not null)
            throw new SqlException(SqlState.WrongObjectType, $"\"{name}\" is not a domain");
        if (statement.Kind is "materialized view")
            Missing(session, statement, $"{statement.Kind} \"{name}\" does not exist", SqlState.UndefinedTable);
        else if (statement.Kind is "domain" or "collation" or "foreign table" or "server" or "publication")
            Missing(session, statement, $"{statement.Kind} \"{name}\" does not exist", SqlState.UndefinedObject);
        else
            throw StatementDispatch.Unsupported("DROP " + statement.Kind.ToUpperInvariant());
    }

    private static CatalogObject? Missing(SessionState session, DropStatement statement, string message, SqlState state)
    {
        if (!statement.IfExists)
            throw new SqlException(state, message);
        session.Notices.Notice(message + ", skipping");
        return null;
    }
}
