using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>COMMENT ON table, view, column, schema, sequence, index, constraint, type, function, model, role, database and extension.</summary>
internal static class CommentCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, CommentStatement statement, CancellationToken cancellation)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        string? text = string.IsNullOrEmpty(statement.Comment) ? null : statement.Comment;
        switch (statement.Kind)
        {
            case "table" or "view":
                TableEntry table = await LockAsync(session, statement.Name, cancellation);
                RefuseOtherKind(statement, table);
                Definitions.Put(session, table with { Comment = text });
                break;
            case "column":
                await CommentColumnAsync(session, statement.Name, text, cancellation);
                break;
            case "schema":
                SchemaEntry schema = session.Names.GetSchema(catalog, statement.Name.Name);
                Definitions.Put(session, schema with { Comment = text });
                break;
            case "sequence":
                if (SequenceCommands.Find(session, statement.Name, ifExists: false) is { } sequence)
                    Definitions.Put(session, sequence with { Comment = text });
                break;
            case "index":
                CommentIndex(session, catalog, statement, text);
                break;
            case "function" when statement.Function is { } function:
                await FunctionCommands.CommentAsync(session, function, text, cancellation);
                break;
            case "type":
                await UserTypeCommands.CommentAsync(session, statement.Name, text, cancellation);
                break;
            case "extension":
                ExtensionCommands.Comment(session, statement.Name.Name, text);
                break;
            case "role":
                await RoleCommands.CommentAsync(session, statement.Name.Name, text, cancellation);
                break;
            case "model":
                await ModelCommands.CommentAsync(session, statement.Name.Name, text, cancellation);
                break;
            case "database":
                await DatabaseCommands.CommentAsync(session, statement.Name.Name, text, cancellation);
                break;
            case "constraint" when statement.On is { } on:
                CommentConstraint(session, await LockAsync(session, on, cancellation), statement.Name.Name, text);
                break;
            default:
                throw StatementDispatch.Unsupported("COMMENT ON " + statement.Kind.ToUpperInvariant());
        }
    }

    private static ValueTask<TableEntry> LockAsync(SessionState session, QualifiedName name, CancellationToken cancellation) =>
        Definitions.LockTableAsync(session, session.Names.GetTable(Definitions.Catalog(session), name),
            TableLockMode.ShareUpdateExclusive, cancellation);

    private static void RefuseOtherKind(CommentStatement statement, TableEntry table)
    {
        bool isView = table.Kind == TableKind.View;
        if (isView != (statement.Kind == "view"))
            throw new SqlException(SqlState.WrongObjectType, $"\"{table.Name}\" is not a {statement.Kind}");
    }

    private static async ValueTask CommentColumnAsync(
        SessionState session, QualifiedName name, string? text, CancellationToken cancellation)
    {
        if (name.Parts.Count < 2)
            throw new SqlException(SqlState.SyntaxError, "column name must be qualified") { Position = name.Position };
        QualifiedName tableName = new([.. name.Parts.Take(name.Parts.Count - 1)]) { Position = name.Position };
        TableEntry table = await LockAsync(session, tableName, cancellation);
        ColumnEntry column = TableColumns.Get(table, name.Name);
        Definitions.Put(session, TableColumns.With(table, column with { Comment = text }));
    }

    private static void CommentIndex(
        SessionState session, CatalogSnapshot catalog, CommentStatement statement, string? text)
    {
        if (session.Names.FindIndex(catalog, statement.Name) is not { } found)
            throw session.Names.Undefined(catalog, statement.Name);
        Definitions.Put(session, found.Table with
        {
            Indexes = found.Table.Indexes.Replace(found.Index, found.Index with { Comment = text }),
        });
    }

    private static void CommentConstraint(SessionState session, TableEntry table, string name, string? text)
    {
        if (table.Checks.FirstOrDefault(check => check.Name == name) is { } check)
            Definitions.Put(session, table with { Checks = table.Checks.Replace(check, check with { Comment = text }) });
        else if (table.Indexes.FirstOrDefault(index => index.ConstraintOid != 0 && index.Name == name) is { } key)
            Definitions.Put(session, table with { Indexes = table.Indexes.Replace(key, key with { Comment = text }) });
        else if (table.ForeignKeys.FirstOrDefault(key => key.Name == name) is { } reference)
            Definitions.Put(session, table with { ForeignKeys = table.ForeignKeys.Replace(reference, reference with { Comment = text }) });
        else
            throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist");
    }
}
