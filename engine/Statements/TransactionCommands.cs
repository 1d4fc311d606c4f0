using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Transactions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like.</summary>
internal static class TransactionCommands
{
    internal static CommandWork Open(SessionState session, TransactionStatement statement) =>
        new(cancellation => RunAsync(session, statement, cancellation));

    private static async ValueTask<string> RunAsync(
        SessionState session, TransactionStatement statement, CancellationToken cancellation)
    {
        SessionTransaction transaction = session.Transaction;
        switch (statement.Verb)
        {
            case TransactionVerb.Begin:
                transaction.Begin(statement.Modes);
                return "BEGIN";
            case TransactionVerb.StartTransaction:
                transaction.Begin(statement.Modes);
                return "START TRANSACTION";
            case TransactionVerb.Commit:
                return await transaction.CommitAsync(statement.AndChain, cancellation);
            case TransactionVerb.Rollback:
                await transaction.RollbackAsync(statement.AndChain);
                return "ROLLBACK";
            case TransactionVerb.Savepoint:
                transaction.Savepoint(statement.Name ?? "");
                return "SAVEPOINT";
            case TransactionVerb.Release:
                transaction.Release(statement.Name ?? "");
                return "RELEASE";
            case TransactionVerb.RollbackTo:
                await transaction.RollbackToAsync(statement.Name ?? "");
                return "ROLLBACK";
            case TransactionVerb.SetTransaction:
                if (transaction.State != BlockState.Block)
                    session.Notices.Warn(SqlState.NoActiveSqlTransaction, "SET TRANSACTION can only be used in transaction blocks");
                transaction.SetModes(statement.Modes);
                return "SET";
            case TransactionVerb.SetSessionCharacteristics:
                SetDefaults(session, statement.Modes);
                return "SET";
            default:
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "prepared transactions are disabled",
                    hint: "Set max_prepared_transactions to a nonzero value.");
        }
    }

    private static void SetDefaults(SessionState session, TransactionModes modes)
    {
        if (modes.AsOf is { } asOf)
            throw new SqlException(SqlState.FeatureNotSupported, "AS OF SYSTEM TIME is not supported for all transactions of a session", asOf.Position);
        if (modes.Isolation is { } isolation)
            session.Settings.Set(SettingCatalog.DefaultIsolation.Name, isolation, isLocal: false);
        if (modes.IsReadOnly is { } isReadOnly)
            session.Settings.Set(SettingCatalog.DefaultReadOnly.Name, isReadOnly ? "on" : "off", isLocal: false);
        if (modes.IsDeferrable is { } isDeferrable)
            session.Settings.Set("default_transaction_deferrable", isDeferrable ? "on" : "off", isLocal: false);
    }
}
