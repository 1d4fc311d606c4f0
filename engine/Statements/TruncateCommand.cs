using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>TRUNCATE.</summary>
internal static class TruncateCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, TruncateStatement statement, CancellationToken cancellation)
    {
        foreach (QualifiedName name in statement.Tables)
        {
            TableEntry found = session.Names.GetTable(Definitions.Catalog(session), name);
            Definitions.RefuseSystem(found);
            if (found.Kind != TableKind.Table)
                throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a table");
            TableEntry table = await Definitions.LockTableAsync(
                session, found, TableLockMode.AccessExclusive, cancellation);
            await session.Transaction.Storage.TruncateAsync(table.Id, cancellation);
            if (!statement.RestartIdentity)
                continue;
            CatalogSnapshot catalog = Definitions.Catalog(session);
            foreach (SequenceEntry sequence in Dependencies.OwnedSequences(catalog, table))
                SequenceCommands.Restart(session, sequence, sequence.Start);
        }
    }
}
