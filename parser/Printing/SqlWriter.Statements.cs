using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void Write(Statement statement)
    {
        GuardStack();
        switch (statement)
        {
            case QueryStatement query:
                Write(query.Query);
                break;
            case InsertStatement insert:
                Write(insert);
                break;
            case UpdateStatement update:
                Write(update);
                break;
            case DeleteStatement delete:
                Write(delete);
                break;
            case MergeStatement merge:
                Write(merge);
                break;
            case TruncateStatement truncate:
                Write(truncate);
                break;
            case CopyStatement copy:
                Write(copy);
                break;
            case ExplainStatement explain:
                Add("EXPLAIN ");
                if (!explain.Options.IsEmpty)
                    WriteParenthesized(explain.Options, WriteUtilityOption).Add(" ");
                Write(explain.Statement);
                break;
            case TransactionStatement transaction:
                Write(transaction);
                break;
            case SetStatement set:
                Write(set);
                break;
            case GrantStatement grant:
                Write(grant);
                break;
            default:
                if (!TryWriteCursor(statement) && !TryWriteSession(statement) && !TryWriteMaintenance(statement) && !TryWriteClusterWork(statement))
                    WriteDefinition(statement);
                break;
        }
    }

    private bool TryWriteCursor(Statement statement)
    {
        switch (statement)
        {
            case PrepareStatement prepare:
                Add("PREPARE ").WriteName(prepare.Name);
                if (!prepare.ParameterTypes.IsEmpty)
                    Add(" ").WriteParenthesized(prepare.ParameterTypes, Write);
                Add(" AS ");
                Write(prepare.Statement);
                return true;
            case ExecuteStatement execute:
                Add("EXECUTE ").WriteName(execute.Name);
                if (!execute.Arguments.IsEmpty)
                    Add(" ").WriteParenthesized(execute.Arguments, Write);
                return true;
            case DeallocateStatement deallocate:
                WriteNameOrAll("DEALLOCATE ", deallocate.Name, "ALL");
                return true;
            case DeclareCursorStatement declare:
                Add("DECLARE ").WriteName(declare.Name);
                WriteIf(declare.IsBinary, " BINARY");
                Add(declare.IsScrollable switch { true => " SCROLL", false => " NO SCROLL", null => "" });
                Add(declare.WithHold ? " CURSOR WITH HOLD FOR " : " CURSOR FOR ");
                Write(declare.Query);
                return true;
            case FetchStatement fetch:
                Write(fetch);
                return true;
            case CloseStatement close:
                WriteNameOrAll("CLOSE ", close.Name, "ALL");
                return true;
            default:
                return false;
        }
    }

    private void WriteNameOrAll(string verb, string? name, string all) =>
        Add(verb).Add(name is null ? all : SqlPrinter.QuoteIdentifier(name));

    private void Write(FetchStatement fetch)
    {
        Add(fetch.IsMove ? "MOVE " : "FETCH ").Add(fetch.Direction switch
        {
            FetchDirection.Forward => "FORWARD ",
            FetchDirection.Backward => "BACKWARD ",
            FetchDirection.Absolute => "ABSOLUTE ",
            _ => "RELATIVE ",
        });
        Add(fetch.Count == long.MaxValue ? "ALL" : fetch.Count.ToString()).Add(" FROM ").WriteName(fetch.Cursor);
    }

    private bool TryWriteSession(Statement statement)
    {
        switch (statement)
        {
            case SetConstraintsStatement constraints:
                Add("SET CONSTRAINTS ");
                if (constraints.Names.IsEmpty)
                    Add("ALL");
                else
                    WriteList(constraints.Names, Write);
                Add(constraints.IsDeferred ? " DEFERRED" : " IMMEDIATE");
                return true;
            case ResetStatement { Name: null }:
                Add("RESET ALL");
                return true;
            case ResetStatement reset:
                Add("RESET ").WriteDotted(reset.Name);
                return true;
            case ShowStatement { Name: "all" }:
                Add("SHOW ALL");
                return true;
            case ShowStatement show:
                Add("SHOW ").WriteDotted(show.Name);
                if (show.Table is { } shown)
                {
                    Add(" FROM TABLE ");
                    Write(shown);
                }
                return true;
            case DiscardStatement discard:
                Add("DISCARD ").Add(discard.What.ToUpperInvariant());
                return true;
            case ListenStatement listen:
                Add("LISTEN ").WriteName(listen.Channel);
                return true;
            case UnlistenStatement unlisten:
                WriteNameOrAll("UNLISTEN ", unlisten.Channel, "*");
                return true;
            case NotifyStatement notify:
                Add("NOTIFY ").WriteName(notify.Channel);
                if (notify.Payload is not null)
                    Add(", ").WriteLiteral(notify.Payload);
                return true;
            default:
                return false;
        }
    }

    private void Write(SetStatement set)
    {
        Add(set.IsLocal ? "SET LOCAL " : "SET ");
        if (set is { Name: "timezone", Values: [CastExpression { Operand: StringLiteral text } interval] })
        {
            WriteInterval(text, interval.Type);
            return;
        }
        WriteDotted(set.Name);
        Add(" TO ");
        if (set.Values.IsEmpty)
            Add("DEFAULT");
        else
            WriteList(set.Values, Write);
    }

    /// <summary>TIME ZONE INTERVAL '…' fields: the one place where a constant must have this spelling.</summary>
    private void WriteInterval(StringLiteral text, TypeName type)
    {
        Add("TIME ZONE INTERVAL ");
        if (type.IntervalFields is null && !type.Modifiers.IsEmpty)
            WriteParenthesized(type.Modifiers, Write).Add(" ");
        Write(text);
        if (type.IntervalFields is null)
            return;
        Add(" ").Add(type.IntervalFields);
        if (!type.Modifiers.IsEmpty)
            WriteParenthesized(type.Modifiers, Write);
    }

    private void Write(TransactionStatement transaction)
    {
        Add(transaction.Verb switch
        {
            TransactionVerb.Begin => "BEGIN",
            TransactionVerb.StartTransaction => "START TRANSACTION",
            TransactionVerb.Commit => "COMMIT",
            TransactionVerb.Rollback => "ROLLBACK",
            TransactionVerb.Savepoint => "SAVEPOINT ",
            TransactionVerb.Release => "RELEASE SAVEPOINT ",
            TransactionVerb.RollbackTo => "ROLLBACK TO SAVEPOINT ",
            TransactionVerb.SetTransaction => "SET TRANSACTION",
            TransactionVerb.SetSessionCharacteristics => "SET SESSION CHARACTERISTICS AS TRANSACTION",
            TransactionVerb.PrepareTransaction => "PREPARE TRANSACTION ",
            TransactionVerb.CommitPrepared => "COMMIT PREPARED ",
            _ => "ROLLBACK PREPARED ",
        });
        if (transaction.Name is { } name)
        {
            bool isName = transaction.Verb
                is TransactionVerb.Savepoint or TransactionVerb.Release or TransactionVerb.RollbackTo;
            Add(isName ? SqlPrinter.QuoteIdentifier(name) : SqlPrinter.QuoteLiteral(name));
        }
        Write(transaction.Modes);
        WriteIf(transaction.AndChain, " AND CHAIN");
    }

    private void Write(TransactionModes modes)
    {
        WriteIf(modes.Isolation is not null, $" ISOLATION LEVEL {modes.Isolation?.ToUpperInvariant()}");
        Add(modes.IsReadOnly switch { true => " READ ONLY", false => " READ WRITE", null => "" });
        Add(modes.IsDeferrable switch { true => " DEFERRABLE", false => " NOT DEFERRABLE", null => "" });
        WriteAsOf(modes.AsOf);
        if (modes.Snapshot is not null)
            Add(" SNAPSHOT ").WriteLiteral(modes.Snapshot);
    }

    private bool TryWriteMaintenance(Statement statement)
    {
        switch (statement)
        {
            case LockTableStatement locking:
                Add("LOCK TABLE ").WriteList(locking.Tables, Write);
                Add(" IN ").Add(locking.Mode.ToUpperInvariant()).Add(" MODE");
                WriteIf(locking.NoWait, " NOWAIT");
                return true;
            case MaintenanceStatement maintenance:
                Write(maintenance);
                return true;
            case DoStatement block:
                Add("DO LANGUAGE ").WriteName(block.Language).Add(" ").WriteLiteral(block.Body.Value);
                return true;
            case CallStatement call:
                Add("CALL ");
                Write(call.Call);
                return true;
            case CommentStatement comment:
                Write(comment);
                return true;
            default:
                return false;
        }
    }

    private void Write(CommentStatement comment)
    {
        Add("COMMENT ON ").Add(comment.Kind.ToUpperInvariant()).Add(" ");
        if (comment.Function is { } function)
            Write(function);
        else
            Write(comment.Name);
        if (comment.On is not null)
        {
            Add(" ON ");
            Write(comment.On);
        }
        Add(" IS ").Add(comment.Comment is null ? "NULL" : SqlPrinter.QuoteLiteral(comment.Comment));
    }

    private void Write(MaintenanceStatement maintenance)
    {
        Add(maintenance.Verb.ToUpperInvariant());
        bool isReindex = maintenance.Verb == "reindex";
        List<Option> listed = [.. maintenance.Options];
        List<Option> words = [];
        if (isReindex)
        {
            int kind = listed.FindIndex(option =>
                option is { Value: null, Name: "index" or "table" or "schema" or "system" or "database" });
            Invariant.Holds(kind >= 0);
            words = listed[kind..];
            listed = listed[..kind];
        }
        Option? method = listed.Find(option => maintenance.Verb == "cluster" && option.Name == "using");
        if (method is not null)
            listed.Remove(method);
        if (listed.Count > 0)
            Add(" ").WriteParenthesized(new ValueList<Option>([.. listed]), WriteUtilityOption);
        foreach (Option word in words)
            Add(" ").Add(word.Name.ToUpperInvariant());
        if (!maintenance.Tables.IsEmpty)
            Add(" ").WriteList(maintenance.Tables, Write);
        if (method?.Value is null)
            return;
        Add(" USING ");
        Write(method.Value);
    }

    private void Write(GrantStatement grant)
    {
        bool isMembership = grant.ObjectKind == "role";
        Add(grant.IsRevoke ? "REVOKE " : "GRANT ");
        string option = isMembership ? "ADMIN OPTION" : "GRANT OPTION";
        WriteIf(grant is { IsRevoke: true, WithGrantOption: true }, $"{option} FOR ");
        if (grant.Privileges.IsEmpty)
            Add("ALL");
        else if (isMembership)
            WriteList(grant.Privileges, WriteRole);
        else
            WriteList(grant.Privileges, WritePrivilege);
        if (!isMembership)
        {
            Add(" ON ").Add(grant.ObjectKind.ToUpperInvariant()).Add(" ");
            WriteList(grant.Objects, Write);
        }
        Add(grant.IsRevoke ? " FROM " : " TO ").WriteList(grant.Grantees, WriteRole);
        WriteIf(grant is { IsRevoke: false, WithGrantOption: true }, $" WITH {option}");
        if (grant.GrantedBy is not null)
        {
            Add(" GRANTED BY ");
            WriteRole(grant.GrantedBy);
        }
        WriteIf(grant.Cascade, " CASCADE");
    }

    private void WriteRole(string role) => WriteName(role);

    // Those that are reserved words stand without quotes; others are names, though only some mean anything.
    private void WritePrivilege(string privilege)
    {
        if (privilege is "select" or "references" or "create")
            Add(privilege.ToUpperInvariant());
        else
            WriteName(privilege);
    }
}
