using System.Collections.Immutable;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Hands each kind of statement to the code that runs it.</summary>
internal static class StatementDispatch
{
    /// <param name="query">The statement's plan, where it was prepared.</param>
    /// <param name="isInScript">The statement stands among others of one simple query.</param>
    internal static async ValueTask<StatementWork> OpenAsync(
        SqlSession session, Statement statement, PlannedQuery? query, Column[] parameters, bool isInScript,
        CancellationToken cancellation)
    {
        SessionState state = session.State;
        switch (statement)
        {
            case QueryStatement select when StatementPreparation.IntoTable(select) is { } into:
                return CreateTableAsCommand.OpenInto(state, select, into, query, parameters);
            case QueryStatement or InsertStatement or UpdateStatement or DeleteStatement or MergeStatement:
                return await QueryWork.OpenAsync(state, query ?? new PlannedQuery(statement, []), parameters, cancellation,
                    isAlone: session.Repeat.IsFirstRun, mayReadPast: true);
            case CreateTableAsStatement create:
                return CreateTableAsCommand.Open(state, create, query, parameters);
            case ExplainStatement explain:
                return ExplainCommand.Open(state, explain, query, parameters);
            case CopyStatement copy:
                return await CopyCommand.OpenAsync(state, copy, cancellation);
            case DeclareCursorStatement declare:
                return CursorCommands.Declare(session, declare, query, parameters, isInScript);
            case FetchStatement fetch:
                return CursorCommands.Fetch(state, fetch);
            case CloseStatement close:
                return CursorCommands.Close(state, close);
            case PrepareStatement prepare:
                return PrepareCommands.Prepare(state, prepare);
            case ExecuteStatement execute:
                return await PrepareCommands.ExecuteAsync(session, execute, isInScript, cancellation);
            case DeallocateStatement deallocate:
                return PrepareCommands.Deallocate(state, deallocate);
            case ShowStatement show:
                return ShowCommand.Open(state, show);
            case DoStatement block:
                return DoCommand.Open(session, block);
            default:
                return ClusterCommands.TryOpen(state, statement, isInScript) ?? OpenCommand(state, statement, isInScript);
        }
    }

    private static CommandWork OpenCommand(SessionState state, Statement statement, bool isInScript)
    {
        if (StatementNames.IsDefinition(statement))
            return new CommandWork(cancellation => DefineAsync(state, statement, isInScript, cancellation));
        return statement switch
        {
            TransactionStatement transaction => TransactionCommands.Open(state, transaction),
            SetStatement set => SettingCommands.Set(state, set, isInScript),
            ResetStatement reset => SettingCommands.Reset(state, reset),
            DiscardStatement discard => SettingCommands.Discard(state, discard, isInScript),
            SetConstraintsStatement set => new CommandWork(async cancellation =>
            {
                await state.References.SetAsync(set, cancellation);
                return "SET CONSTRAINTS";
            }),
            ListenStatement or UnlistenStatement or NotifyStatement => ChannelCommands.Open(state, statement),
            LockTableStatement locks => LockTableCommand.Open(state, locks, isInScript),
            MaintenanceStatement maintenance => MaintenanceCommands.Open(state, maintenance, isInScript),
            CallStatement => throw Unsupported("CALL"),
            _ => throw Unsupported(StatementNames.Of(statement)),
        };
    }

    /// <summary>Runs a statement that changes definitions.</summary>
    internal static async ValueTask<string> DefineAsync(
        SessionState state, Statement statement, bool isInScript, CancellationToken cancellation)
    {
        RefuseReadOnly(state, statement);
        state.Transaction.Storage.BeginStatement();
        await ModelCommands.HoldAsync(state, statement, cancellation);
        switch (statement)
        {
            case CreateSchemaStatement create:
                await SchemaCommands.CreateAsync(state, create,
                    element => DefineAsync(state, element, isInScript, cancellation), cancellation);
                break;
            case AlterSchemaStatement alter:
                await SchemaCommands.AlterAsync(state, alter, cancellation);
                break;
            case CreateTableStatement create:
                await CreateTableCommand.RunAsync(state, create, cancellation);
                break;
            case CreateSequenceStatement create:
                await SequenceCommands.CreateAsync(state, create, cancellation);
                break;
            case AlterSequenceStatement alter:
                await SequenceCommands.AlterAsync(state, alter, cancellation);
                break;
            case CreateViewStatement create:
                await ViewCommands.CreateAsync(state, create, cancellation);
                break;
            case CreateIndexStatement create:
                await IndexCommands.CreateAsync(state, create, isInScript, cancellation);
                break;
            case CreateExtensionStatement create:
                ExtensionCommands.Create(state, create);
                break;
            case UpdateExtensionStatement update:
                ExtensionCommands.Update(state, update);
                break;
            case AlterTableStatement alter:
                await AlterTableCommand.RunAsync(state, alter, isInScript, cancellation);
                break;
            case DropStatement drop:
                await DropCommand.RunAsync(state, drop, isInScript, cancellation);
                break;
            case TruncateStatement truncate:
                await TruncateCommand.RunAsync(state, truncate, cancellation);
                break;
            case CommentStatement comment:
                await CommentCommand.RunAsync(state, comment, cancellation);
                break;
            case GrantStatement grant:
                GrantCommand.Run(state, grant);
                break;
            case CreateEnumStatement create:
                await EnumCommands.CreateAsync(state, create, cancellation);
                break;
            case CreateModelStatement create:
                await ModelCommands.CreateAsync(state, create, cancellation);
                break;
            case AlterModelStatement alter:
                await ModelCommands.AlterAsync(state, alter, cancellation);
                break;
            case CreateFunctionStatement or AlterFunctionStatement or AlterFunctionOptionsStatement or DropFunctionStatement:
                await DefineFunctionAsync(state, statement, cancellation);
                break;
            case AlterUserTypeStatement alter:
                await UserTypeCommands.AlterAsync(state, alter, cancellation);
                break;
            case CreateDatabaseStatement create:
                await DatabaseCommands.CreateAsync(state, create, isInScript, cancellation);
                break;
            default:
                await DefineSharedAsync(state, statement, cancellation);
                break;
        }
        return StatementNames.Of(statement);
    }

    private static ValueTask DefineFunctionAsync(SessionState state, Statement statement, CancellationToken cancellation) => statement switch
    {
        CreateFunctionStatement create => FunctionCommands.CreateAsync(state, create, cancellation),
        AlterFunctionStatement alter => FunctionCommands.AlterAsync(state, alter, cancellation),
        AlterFunctionOptionsStatement alter => FunctionCommands.AlterAsync(state, alter, cancellation),
        DropFunctionStatement drop => DropCommand.RunAsync(state, drop, cancellation),
        _ => throw new InvariantException($"{statement.GetType().Name} is not about a function"),
    };

    /// <summary>What all databases share.</summary>
    private static async ValueTask DefineSharedAsync(SessionState state, Statement statement, CancellationToken cancellation)
    {
        switch (statement)
        {
            case CreateRoleStatement create:
                await RoleCommands.CreateAsync(state, create, cancellation);
                break;
            case AlterRoleStatement alter:
                await RoleCommands.AlterAsync(state, alter, cancellation);
                break;
            case RenameRoleStatement rename:
                await RoleCommands.RenameAsync(state, rename, cancellation);
                break;
            case AlterRoleSettingStatement setting:
                await RoleCommands.SetAsync(state, setting, cancellation);
                break;
            case AlterDatabaseStatement alter:
                await DatabaseCommands.AlterAsync(state, alter, cancellation);
                break;
            case AlterDatabaseOptionsStatement alter:
                await DatabaseCommands.AlterAsync(state, alter, cancellation);
                break;
            case AlterDatabaseSettingStatement setting:
                await DatabaseCommands.SetAsync(state, setting, cancellation);
                break;
            default:
                throw Unsupported(StatementNames.Of(statement));
        }
    }

    private static void RefuseReadOnly(SessionState state, Statement statement)
    {
        bool isTemporary = statement is CreateTableStatement { IsTemporary: true } or CreateSequenceStatement { IsTemporary: true }
            or CreateViewStatement { IsTemporary: true };
        if (state.Transaction.IsReadOnly && !isTemporary)
            throw QueryWork.ReadOnlyTransaction(StatementNames.Of(statement));
    }

    internal static SqlException Lacking(string command, string what) =>
        new(SqlState.FeatureNotSupported, $"{command} does not support {what}");

    internal static SqlException Unsupported(string what) =>
        new(SqlState.FeatureNotSupported, $"{what} is not supported");
}
