using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>LOCK TABLE.</summary>
internal static class LockTableCommand
{
    internal static CommandWork Open(SessionState session, LockTableStatement statement, bool isInScript)
    {
        session.Transaction.RequireBlock("LOCK TABLE", isInScript);
        return new CommandWork(async cancellation =>
        {
            TableLockMode mode = Mode(statement.Mode);
            if (session.Transaction.IsReadOnly && mode > TableLockMode.RowExclusive)
                throw QueryWork.ReadOnlyTransaction("LOCK TABLE");
            ITransaction storage = session.Transaction.Storage;
            foreach (QualifiedName name in statement.Tables)
            {
                TableEntry table = session.Names.GetTable(storage.Catalog, name);
                if (table.Kind == TableKind.System)
                    continue;
                LockWaitPolicy wait = statement.NoWait ? LockWaitPolicy.NoWait : LockWaitPolicy.Block;
                await storage.LockTableAsync(table.Id, mode, wait, cancellation);
            }
            return "LOCK TABLE";
        });
    }

    private static TableLockMode Mode(string words) => words.ToLowerInvariant() switch
    {
        "access share" => TableLockMode.AccessShare,
        "row share" => TableLockMode.RowShare,
        "row exclusive" => TableLockMode.RowExclusive,
        "share update exclusive" => TableLockMode.ShareUpdateExclusive,
        "share" => TableLockMode.Share,
        "share row exclusive" => TableLockMode.ShareRowExclusive,
        "exclusive" => TableLockMode.Exclusive,
        "access exclusive" or "" => TableLockMode.AccessExclusive,
        _ => throw new SqlException(SqlState.SyntaxError, $"unrecognized lock mode \"{words}\""),
    };
}
