using VecSQL.Catalog.Objects;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE TABLE.</summary>
internal static class CreateTableCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, CreateTableStatement statement, CancellationToken cancellation)
    {
        foreach (Option clause in statement.Clauses)
            throw StatementDispatch.Unsupported(clause.Name.ToUpperInvariant());
        SchemaEntry? schema = await Definitions.TakeNameAsync(
            session, statement.Name, statement.IsTemporary, statement.IfNotExists, cancellation);
        if (schema is null)
            return;
        if (statement.IsUnlogged)
            session.Notices.Notice("unlogged tables are logged like all others");
        await ForeignKeyDefinition.LockTargetsAsync(session, ForeignKeyDefinition.Targets(statement.Elements), cancellation);
        TableEntry empty = Empty(session, schema, statement.Name.Name, statement.Options);
        TableDraft draft = new(session, empty);
        foreach (TableElement element in statement.Elements)
        {
            if (element is ColumnDefinition column)
                draft.AddColumn(column);
            else if (element is LikeClause like)
                LikeTable.Add(session, draft, like);
        }
        foreach (TableConstraint constraint in statement.Elements.OfType<TableConstraint>())
            draft.AddConstraint(constraint);
        TableEntry table = await ShardPlacement.PlaceAsync(session, draft.Finish(), cancellation, statement.Split);
        foreach (SequenceEntry sequence in draft.Sequences)
            Definitions.Put(session, sequence);
        Definitions.Put(session, table);
        QualifiedName name = new([schema.Name, table.Name]);
        foreach (InlineIndex index in statement.Elements.OfType<InlineIndex>())
            await IndexCommands.CreateAsync(session, Statement(name, index), isInScript: false, cancellation);
        RegisterOnCommit(session, table, statement.OnCommit, statement.IsTemporary);
    }

    private static CreateIndexStatement Statement(QualifiedName table, InlineIndex index) => new(table)
    {
        Name = index.Name, Method = index.Method, Elements = index.Elements, Options = index.Options,
    };

    internal static TableEntry Empty(SessionState session, SchemaEntry schema, string name, ValueList<Option> options)
    {
        TableOptions.Check(options);
        return new TableEntry(Definitions.NextOid(session), schema.Oid, name)
        {
            Columns = [],
            Options = Definitions.Options(options),
            IsTemporary = session.IsTemporarySchema(schema.Oid),
        };
    }

    internal static void RegisterOnCommit(SessionState session, TableEntry table, string? onCommit, bool isTemporary)
    {
        if (onCommit is null)
            return;
        if (!isTemporary)
            throw new SqlException(SqlState.InvalidTableDefinition, "ON COMMIT can only be used on temporary tables");
        if (onCommit != "preserve rows")
            session.Temporary.OnCommitOf(table.Oid, onCommit == "drop" ? OnCommit.Drop : OnCommit.DeleteRows);
    }
}
