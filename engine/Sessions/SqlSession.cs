using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Statements;
using VecSQL.Engine.Transactions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Sessions;

/// <summary>A session: takes statements from a door, runs them, and keeps what lasts between them.</summary>
internal sealed class SqlSession : ISqlSession
{
    private readonly SessionState _state;
    private readonly SyntaxMemory _script; // of the simple query being run
    private readonly StatementRepeat _repeat;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed, _needsDeadline = true;

    internal SqlSession(Database database, SessionOptions options, RoleEntry login, DatabaseEntry entry, int backendId, int secretKey)
    {
        _state = new SessionState(database, options, login, entry, backendId);
        _script = Executions.SyntaxMemory(database);
        _repeat = new StatementRepeat(_state, OpenWorkAsync);
        _state.Repeat = _repeat;
        BackendId = backendId;
        SecretKey = secretKey;
        // A setting of the database's or the role's that this version has no more is left out.
        foreach ((string name, string value) in entry.Settings.Concat(login.Settings).Where(
            setting => setting.Key.Contains('.') || SettingCatalog.Find(setting.Key) is not null))
        {
            _state.Settings.SetInitial(name, value);
        }
        // From here on it counts whether the user is a superuser.
        _state.Settings.SetKnown(SettingCatalog.SessionAuthorization, options.User);
        foreach ((string name, string value) in options.Settings)
            _state.Settings.SetInitial(name, value);
        _state.Settings.Changed += (name, value) => SettingChanged?.Invoke(name, value);
        _state.Notices.Raised += notice => NoticeRaised?.Invoke(notice);
        _state.Clock.Ended += () => Ended?.Invoke();
        _state.Channels.Arrived += notification => Notified?.Invoke(notification);
        BeginIdle();
    }

    public event Action<string, string>? SettingChanged;

    public event Action<SqlNotice>? NoticeRaised;

    public event Action<SqlNotification>? Notified;

    public event Action? Ended;

    public SqlException? EndReason => _state.Clock.EndReason;

    public int BackendId { get; }

    public int SecretKey { get; }

    public TransactionStatus Status => _state.Transaction.Status;

    public FormatContext Format => _state.Format;

    public IReadOnlyList<KeyValuePair<string, string>> ReportedSettings =>
    [
        .. SettingCatalog.All.Where(definition => definition.IsReported).Select(
            definition => KeyValuePair.Create(definition.Name, _state.Settings.Show(definition.Name) ?? "")),
    ];

    internal SessionState State => _state;

    internal StatementRepeat Repeat => _repeat;

    public IReadOnlyList<ScriptStatement> ParseScript(string sql)
    {
        _state.Channels.Hold();
        _state.Clock.BeginWork();
        _state.Activity.Begin(sql, _state.Clock.NowMicroseconds);
        try
        {
            _script.Dispose();
            RefuseZero(sql);
            StatementShape? shape = _state.SharesPlans ? StatementShape.Read(sql) : null;
            if (shape is not null && PlannedQuery.FromCache(_state, shape, []) is { } known)
                return [new SessionScript(statement: null, known, isAlone: true)];
            IReadOnlyList<Statement> statements = SqlParser.Parse(sql, _script, numbersLiterals: shape is not null, _state.StringRules);
            if (shape is not null && statements is [var single] && StatementPreparation.IsPlain(single))
                return [new SessionScript(statement: null, new PlannedQuery(shape, single, []), isAlone: true)];
            var script = new ScriptStatement[statements.Count];
            for (int i = 0; i < script.Length; i++)
                script[i] = new SessionScript(statements[i], query: null, isAlone: script.Length == 1);
            return script;
        }
        catch (SqlException)
        {
            Fail();
            throw;
        }
        catch (InsufficientExecutionStackException error)
        {
            Fail();
            throw ErrorTable.ToSql(error, _state.Clock);
        }
    }

    public async ValueTask<IStatementResult> RunAsync(ScriptStatement statement, CancellationToken cancellation)
    {
        var script = (SessionScript)statement;
        BeginDeadline();
        CancellationToken token = Enter(cancellation);
        try
        {
            return await OpenAsync(script.Statement, script.Query, name: null, [], !script.IsAlone, token);
        }
        catch (Exception error)
        {
            throw await FailedAsync(error);
        }
        finally
        {
            Leave();
            _needsDeadline = true;
        }
    }

    public async ValueTask<PreparedStatementInfo> PrepareAsync(
        string name, string sql, ImmutableArray<uint> parameterTypes, CancellationToken cancellation)
    {
        BeginDeadline();
        _state.Activity.Begin(sql, _state.Clock.NowMicroseconds);
        CancellationToken token = Enter(cancellation);
        SyntaxMemory memory = Executions.SyntaxMemory(_state.Database);
        try
        {
            token.ThrowIfCancellationRequested();
            PreparedStatement prepared = Prepared(name, sql, TypesOf(parameterTypes), memory);
            _state.Statements.Add(prepared with { Memory = memory });
            return prepared.Info;
        }
        catch (Exception error)
        {
            memory.Dispose();
            throw await FailedAsync(error);
        }
        finally
        {
            Leave();
        }
    }

    private PreparedStatement Prepared(string name, string sql, ImmutableArray<SqlType> types, SyntaxMemory memory)
    {
        RefuseZero(sql);
        StatementShape? shape = _state.SharesPlans ? StatementShape.Read(sql) : null;
        if (shape is not null && PlannedQuery.FromCache(_state, shape, types) is { } known)
            return StatementPreparation.Prepare(_state, name, sql, known);
        IReadOnlyList<Statement> statements = SqlParser.Parse(sql, memory, numbersLiterals: shape is not null, _state.StringRules);
        if (statements.Count > 1)
            throw new SqlException(SqlState.SyntaxError, "cannot insert multiple commands into a prepared statement");
        if (shape is not null && StatementPreparation.IsPlain(statements[0]))
            return StatementPreparation.Prepare(_state, name, sql, new PlannedQuery(shape, statements[0], types));
        return StatementPreparation.Prepare(
            _state, name, sql, statements.Count == 0 ? null : statements[0], types, isFromSql: false);
    }

    public PreparedStatementInfo Describe(string statementName)
    {
        PreparedStatement prepared = _state.Statements.Get(statementName);
        RefuseFailedUnlessEnding(prepared.Dispatched, prepared.Query);
        return prepared.Info;
    }

    public async ValueTask<IStatementResult> BindAsync(
        string portalName, string statementName, Column[] parameters, CancellationToken cancellation)
    {
        BeginDeadline();
        CancellationToken token = Enter(cancellation);
        try
        {
            PreparedStatement prepared = _state.Statements.Get(statementName);
            if (parameters.Length != prepared.ParameterTypes.Length)
            {
                throw new SqlException(SqlState.ProtocolViolation,
                    $"bind message supplies {parameters.Length} parameters, but prepared statement \"{statementName}\" " +
                    $"requires {prepared.ParameterTypes.Length}");
            }
            _state.Activity.Begin(prepared.Sql, _state.Clock.NowMicroseconds);
            if (portalName.Length == 0)
                await _state.Portals.CloseAsync(portalName);
            SessionResult result = await OpenAsync(
                prepared.Dispatched, prepared.Query, statementName, parameters, isInScript: false, token);
            await _state.Portals.AddAsync(new Portal(portalName, result));
            return result;
        }
        catch (Exception error)
        {
            throw await FailedAsync(error);
        }
        finally
        {
            Leave();
        }
    }

    public IStatementResult? FindPortal(string name) => _state.Portals.Find(name)?.Result;

    public async ValueTask ClosePortalAsync(string name) => await _state.Portals.CloseAsync(name);

    public ValueTask CloseStatementAsync(string name)
    {
        _state.Statements.Remove(name);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ITableExport?> ExportAsync(string sql, CancellationToken cancellation)
    {
        BeginDeadline();
        _state.Activity.Begin(sql, _state.Clock.NowMicroseconds);
        CancellationToken token = Enter(cancellation);
        try
        {
            RefuseZero(sql);
            using SyntaxMemory memory = Executions.SyntaxMemory(_state.Database);
            IReadOnlyList<Statement> statements = SqlParser.Parse(sql, memory, numbersLiterals: false, _state.StringRules);
            if (statements is not [QueryStatement statement])
                return null;
            _state.Transaction.RefuseFailed();
            _state.Transaction.EnsureOpen();
            PlannedQuery query = new(statement, []);
            PlannedStatement plan = await QueryWork.PlanAndLockAsync(_state, query.Plan, token);
            return TableExport.TryOpen(_state, plan, query);
        }
        catch (Exception error)
        {
            throw await FailedAsync(error);
        }
        finally
        {
            Leave();
        }
    }

    public async ValueTask<IArrowIngest> IngestAsync(ArrowIngestTarget target, ArrowSchema schema, CancellationToken cancellation)
    {
        BeginDeadline();
        string[] definitions;
        try
        {
            definitions = [.. IngestTable.Statements(target, schema)];
        }
        catch (SqlException error)
        {
            throw await FailedAsync(error);
        }
        foreach (string statement in definitions)
        {
            await using IStatementResult made = await RunAsync(ParseScript(statement)[0], cancellation);
            await made.NextAsync(0, cancellation);
        }
        CancellationToken token = Enter(cancellation);
        try
        {
            _state.Transaction.RefuseFailed();
            _state.Transaction.EnsureOpen();
            _state.Activity.Begin($"COPY {IngestTable.NameOf(target)} FROM STDIN", _state.Clock.NowMicroseconds);
            return await ArrowIngest.OpenAsync(this, IngestTable.NameOf(target), schema, token);
        }
        catch (Exception error)
        {
            throw await FailedAsync(error);
        }
        finally
        {
            Leave();
        }
    }

    public async ValueTask EndScriptAsync(bool failed, CancellationToken cancellation)
    {
        CancellationToken token = Enter(cancellation);
        try
        {
            await EndImplicitAsync(failed, token);
        }
        catch (Exception error)
        {
            throw await FailedAsync(error);
        }
        finally
        {
            Leave();
            _script.Dispose();
            _needsDeadline = true;
            _state.Activity.End(Status, _state.Clock.NowMicroseconds);
            if (_state.Transaction.State == BlockState.Idle)
                _state.Channels.Resume();
            BeginIdle();
        }
    }

    private async ValueTask EndImplicitAsync(bool failed, CancellationToken cancellation)
    {
        try
        {
            await _state.Transaction.EndImplicitAsync(failed, cancellation);
        }
        catch (SqlException passing) when (!failed && _repeat.MayFollowCommit(passing))
        {
            await _repeat.CommitAgainAsync(passing, cancellation);
        }
    }

    public void Fail() => _state.Transaction.MarkFailed();

    public void Cancel() => _state.Clock.Cancel();

    /// <summary>Completes when nothing of the session is left.</summary>
    internal Task Gone => _gone.Task;

    /// <summary>pg_terminate_backend.</summary>
    internal void Terminate() => _state.Clock.Terminate(new SqlException(
        SqlState.AdminShutdown, "terminating connection due to administrator command"));

    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _state.Database.Forget(this);
        await _state.Portals.CloseAllAsync(keepsHeld: false);
        await _state.Transaction.CloseAsync();
        _state.Services.ReturnAdvisoryLocks();
        _state.Channels.Close();
        _script.Dispose();
        _state.Statements.Clear();
        await _state.Temporary.CloseAsync();
        _state.Clock.Dispose();
        _gone.TrySetResult();
    }

    internal CancellationToken Enter(CancellationToken caller)
    {
        _state.Channels.Hold();
        return _state.Clock.Enter(caller);
    }

    internal void Leave() => _state.Clock.Leave();

    /// <summary>A call failed: what the client is told, after the transaction has been marked or undone.</summary>
    internal async ValueTask<SqlException> FailedAsync(Exception error)
    {
        SqlException told = Named(ErrorTable.ToSql(error, _state.Clock));
        await _state.Transaction.FailAsync();
        return told;
    }

    /// <summary>The error with names for what only the catalog could name, as it is while the transaction is open.</summary>
    internal SqlException Named(SqlException error) =>
        CatalogMark.IsIn(error.Message) || CatalogMark.IsIn(error.Detail) || CatalogMark.IsIn(error.Hint)
            ? error.Reworded(text => CatalogMark.Resolve(text, _state.Catalogs))
            : error;

    /// <summary>A zero ends a text in PostgreSQL's protocol; what comes through another door may have one within, and no text or name may.</summary>
    private static void RefuseZero(string sql)
    {
        if (sql.Contains('\0', StringComparison.Ordinal))
            throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
    }

    /// <param name="statement">Null for a plain query or data change, and for nothing at all.</param>
    /// <param name="name">Of a prepared statement; null for one of a script.</param>
    private async ValueTask<SessionResult> OpenAsync(
        Statement? statement, PlannedQuery? query, string? name, Column[] parameters, bool isInScript, CancellationToken cancellation)
    {
        long began = _state.Database.Time.GetTimestamp();
        RefuseFailedUnlessEnding(statement, query);
        if (statement is null && query is null)
            return new SessionResult(this, new EmptyWork()); // an empty text begins no transaction
        cancellation.ThrowIfCancellationRequested();
        _state.Transaction.EnsureOpen();
        _repeat.Begin(statement, query, parameters, isInScript);
        StatementWork work;
        try
        {
            work = await OpenWorkAsync(statement, query, parameters, isInScript, cancellation);
        }
        catch (SqlException passing) when (_repeat.MayFollow(passing))
        {
            work = await _repeat.OpenAgainAsync(cancellation);
        }
        return new SessionResult(this, work, Watched(statement, query, name, began));
    }

    private async ValueTask<StatementWork> OpenWorkAsync(
        Statement? statement, PlannedQuery? query, Column[] parameters, bool isInScript, CancellationToken cancellation) => (statement, query) switch
        {
            (null, { } plain) => await QueryWork.OpenAsync(_state, plain, parameters, cancellation, isAlone: _repeat.IsFirstRun, mayReadPast: true),
            ({ } whole, _) => await StatementDispatch.OpenAsync(this, whole, query, parameters, isInScript, cancellation),
            _ => new EmptyWork(),
        };

    /// <summary>What takes the statement's time; null where nobody wants to know.</summary>
    private StatementWatch? Watched(Statement? statement, PlannedQuery? query, string? name, long began)
    {
        bool isTracked = _state.Settings[SettingCatalog.TrackStatements].Text != "none";
        if (!isTracked && _state.Settings[SettingCatalog.LogDuration].Integer < 0)
            return null;
        StatementFigures? figures = !isTracked ? null
            : statement is null ? query?.FiguresOf(_state) : UtilityFigures.Of(_state, statement);
        _state.Activity.QueryId = figures?.Text.Id ?? 0;
        return new StatementWatch(_state, figures, _state.Activity.Query, name, began);
    }

    private void RefuseFailedUnlessEnding(Statement? statement, PlannedQuery? query)
    {
        if (statement is null && query is not null)
            _state.Transaction.RefuseFailed();
        else
            _state.Transaction.RefuseFailedUnlessEnding(statement);
    }

    /// <summary>The client may think, within idle_session_timeout or idle_in_transaction_session_timeout.</summary>
    private void BeginIdle()
    {
        if (Status == TransactionStatus.Idle)
        {
            _state.Clock.BeginIdle(_state.Settings[SettingCatalog.IdleTimeout].Integer, static () => new SqlException(
                SqlState.IdleSessionTimeout, "terminating connection due to idle-session timeout"));
        }
        else
        {
            _state.Clock.BeginIdle(_state.Settings[SettingCatalog.IdleInTransactionTimeout].Integer, static () =>
                new SqlException(SqlState.IdleInTransactionSessionTimeout,
                    "terminating connection due to idle-in-transaction timeout"));
        }
    }

    /// <summary>The first call for a statement sets when it times out.</summary>
    private void BeginDeadline()
    {
        if (!_needsDeadline)
            return;
        _needsDeadline = false;
        _state.Clock.BeginStatement(_state.Settings[SettingCatalog.StatementTimeout].Integer);
    }

    private ImmutableArray<SqlType> TypesOf(ImmutableArray<uint> oids)
    {
        var types = ImmutableArray.CreateBuilder<SqlType>(oids.Length);
        foreach (uint oid in oids)
        {
            if (oid != 0 && (!BuiltinTypes.TryFind(oid, out _) || (UserTypeOid.IsUserMade(oid) && _state.Catalog.FindType(oid) is null)))
                throw new SqlException(SqlState.UndefinedObject, $"type with OID {oid} does not exist");
            types.Add(oid is 0 or TypeOid.Unknown ? default : new SqlType(oid));
        }
        return types.ToImmutable();
    }
}
