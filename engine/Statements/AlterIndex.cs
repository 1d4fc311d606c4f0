using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER INDEX: renaming and storage parameters.</summary>
internal static class AlterIndex
{
    internal static async ValueTask RunAsync(
        SessionState session, AlterTableStatement statement, CancellationToken cancellation)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        if (session.Names.FindIndex(catalog, statement.Name) is not { } found)
        {
            if (session.Names.FindRelation(catalog, statement.Name) is not null)
                throw new SqlException(SqlState.WrongObjectType, $"\"{statement.Name.Name}\" is not an index");
            if (!statement.IfExists)
                throw session.Names.Undefined(catalog, statement.Name);
            session.Notices.Notice($"relation \"{statement.Name.Name}\" does not exist, skipping");
            return;
        }
        TableEntry table = await Definitions.LockTableAsync(session, found.Table, TableLockMode.ShareUpdateExclusive, cancellation);
        IndexEntry old = table.Indexes.FirstOrDefault(kept => kept.Oid == found.Index.Oid)
            ?? throw session.Names.Undefined(catalog, statement.Name);
        IndexEntry index = old;
        foreach (AlterAction action in statement.Actions)
        {
            switch (action)
            {
                case RenameAction rename:
                    await AlterTableCommand.TakeNameAsync(session, table.SchemaOid, rename.NewName, cancellation);
                    index = index with { Name = rename.NewName };
                    break;
                case SetOptionsAction options:
                    var kept = index.Options.Where(option => !options.Options.Any(changed => changed.Name == option.Key));
                    var given = options.IsReset ? [] : Definitions.Options(options.Options);
                    IndexOptions.Check(index.Method, given);
                    TextIndexRules.CheckChange(index, options);
                    index = index with { Options = [.. kept, .. given] };
                    break;
                default:
                    throw StatementDispatch.Unsupported("this action of ALTER INDEX");
            }
        }
        Definitions.Put(session, table with { Indexes = table.Indexes.Replace(old, index) });
    }
}
