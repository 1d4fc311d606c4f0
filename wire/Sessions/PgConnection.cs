using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Wire.Messages;
using VecSQL.Wire.Transport;

namespace VecSQL.Wire.Sessions;

/// <summary>One client connection: startup, then messages until it ends.</summary>
/// <remarks>
/// Source: PostgreSQL manual, "Frontend/Backend Protocol". Errors of the extended protocol skip to Sync; what lies between two Syncs is
/// one implicit transaction, as is a simple query.
/// Cancellation: the session is cancelled when the client leaves, by <see cref="ISqlSession.Cancel"/> and once, not by a token in every
/// call; what is between two calls then looks at the token.
/// Threads: one message at a time. Notifications from other sessions may arrive on any thread while the connection is idle.
/// </remarks>
internal sealed class PgConnection(Database database, ClientStream client, WireOptions options, ILogger log) : IAsyncDisposable
{
    /// <summary>Replies are sent when this much has gathered, so that large results stream.</summary>
    private const int FlushBytes = 64 * 1024;

    private readonly FrameReader _frames = new(client, options.MessageBytesMax);
    private readonly ReplyWriter _reply = new(client);
    private readonly Dictionary<string, OpenPortal> _portals = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentQueue<SqlNotification> _notifications = new();
    private ISqlSession? _session;
    private bool _skipsToSync;

    private ISqlSession Session => _session ?? throw new InvalidOperationException("no session yet");

    /// <summary>Serves the client until it leaves or breaks the protocol.</summary>
    public async Task RunAsync(string? clientAddress, CancellationToken closed)
    {
        try
        {
            if (!await StartAsync(clientAddress, closed).ConfigureAwait(false))
                return;
            using CancellationTokenRegistration gone = closed.UnsafeRegister(
                static session => ((ISqlSession)session!).Cancel(), Session);
            await ServeAsync(closed).ConfigureAwait(false);
        }
        catch (ProtocolException broken)
        {
            Log.ProtocolViolation(log, clientAddress ?? "unknown", broken.Message);
            await SendFatalAsync(new SqlException(SqlState.ProtocolViolation, broken.Message)).ConfigureAwait(false);
        }
        catch (SqlException refused)
        {
            await SendFatalAsync(refused).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (_session?.EndReason is { } reason)
                await SendFatalAsync(reason).ConfigureAwait(false);
            // Otherwise the client has gone, or the node is stopping: there is nobody to tell.
        }
        catch (IOException)
        {
            // The socket broke: the same.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _frames.Dispose();
        _portals.Clear();
        if (_session is not null)
            await _session.DisposeAsync().ConfigureAwait(false);
        _sending.Dispose();
    }

    private async ValueTask<bool> StartAsync(string? clientAddress, CancellationToken closed)
    {
        // Not linked to the connection's end: a client may ask to cancel and close at once, and what it sent still counts.
        using CancellationTokenSource patience = new(options.StartupTimeout);
        while (await _frames.NextStartupAsync(patience.Token).ConfigureAwait(false))
        {
            StartupMessage message = StartupMessage.Read(_frames.Body.Span);
            switch (message.Kind)
            {
                case StartupKind.EncryptionRequest:
                    _reply.Byte((byte)'N');
                    await _reply.FlushAsync(patience.Token).ConfigureAwait(false);
                    continue;
                case StartupKind.Cancel:
                    database.Cancel(message.BackendId, message.SecretKey);
                    return false;
                default:
                    await BeginSessionAsync(message, clientAddress, patience.Token).ConfigureAwait(false);
                    return true;
            }
        }
        return false;
    }

    private async ValueTask BeginSessionAsync(StartupMessage message, string? clientAddress, CancellationToken cancellation)
    {
        if (message.MinorVersion > 0 || message.UnknownProtocolOptions.Count > 0)
            _reply.NegotiateProtocolVersion(message.UnknownProtocolOptions);
        string? user = Option(message, "user");
        if (string.IsNullOrEmpty(user))
        {
            throw new SqlException(SqlState.InvalidAuthorizationSpecification,
                "no PostgreSQL user name specified in startup packet");
        }
        if (Option(message, "replication") is { } replication && replication is not ("false" or "off" or "no" or "0"))
            throw new SqlException(SqlState.FeatureNotSupported, "replication connections are not supported");
        string databaseName = Option(message, "database") is { Length: > 0 } named ? named : user;
        IEnumerable<KeyValuePair<string, string>> settings = message.Options
            .Where(option => option.Key is not ("user" or "database" or "replication" or "options"));
        if (Option(message, "options") is { } switches)
            settings = CommandLineOptions.Read(switches).Concat(settings); // named settings win over switches
        ISqlSession session = database.OpenSession(new SessionOptions(user, databaseName, [.. settings], clientAddress));
        _session = session;
        session.NoticeRaised += notice => _reply.Notice(notice);
        session.SettingChanged += (name, value) => _reply.ParameterStatus(name, value);
        session.Notified += OnNotified;
        session.Ended += client.EndReading;
        _reply.AuthenticationOk();
        foreach ((string name, string value) in session.ReportedSettings)
            _reply.ParameterStatus(name, value);
        _reply.BackendKeyData(session.BackendId, session.SecretKey);
        _reply.ReadyForQuery(session.Status);
        await FlushAsync(cancellation).ConfigureAwait(false);
    }

    private static string? Option(StartupMessage message, string name) =>
        message.Options.Where(option => option.Key == name).Select(option => option.Value).LastOrDefault();

    private async ValueTask ServeAsync(CancellationToken closed)
    {
        while (true)
        {
            int type = await NextMessageAsync(closed).ConfigureAwait(false);
            closed.ThrowIfCancellationRequested();
            if (type is -1 or 'X')
                return;
            if (_skipsToSync && type != 'S')
                continue;
            await _sending.WaitAsync(closed).ConfigureAwait(false);
            try
            {
                await HandleOrReportAsync((char)type, closed).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }
            if (!_notifications.IsEmpty)
                await NotifyWhenIdleAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The next message's type; −1 when the client has gone.</summary>
    /// <exception cref="OperationCanceledException">The session was ended from outside.</exception>
    private async ValueTask<int> NextMessageAsync(CancellationToken closed)
    {
        int type = await _frames.NextAsync(closed).ConfigureAwait(false);
        return type >= 0 || Session.EndReason is null
            ? type
            : throw new OperationCanceledException("the session was ended from outside");
    }

    private async ValueTask HandleOrReportAsync(char type, CancellationToken closed)
    {
        try
        {
            await HandleAsync(type, closed).ConfigureAwait(false);
        }
        catch (SqlException error) when (error != Session.EndReason)
        {
            await ReportAsync(type, error, closed).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (ProtocolException or IOException) && !closed.IsCancellationRequested
            && (error is not (SqlException or OperationCanceledException) || Session.EndReason is null))
        {
            // The connection's own loop: whatever went wrong must not take other connections along.
            Log.UnexpectedError(log, Session.BackendId, error);
            SqlException report = new(SqlState.InternalError, $"internal error: {error.Message}", cause: error);
            await ReportAsync(type, report, closed).ConfigureAwait(false);
        }
    }

    private async ValueTask HandleAsync(char type, CancellationToken closed)
    {
        switch (type)
        {
            case 'Q':
                await SimpleQueryAsync(closed).ConfigureAwait(false);
                break;
            case 'P':
                await ParseAsync().ConfigureAwait(false);
                break;
            case 'B':
                await BindAsync().ConfigureAwait(false);
                break;
            case 'D':
                Describe();
                break;
            case 'E':
                await ExecuteAsync(closed).ConfigureAwait(false);
                break;
            case 'C':
                await CloseAsync().ConfigureAwait(false);
                break;
            case 'H':
                await FlushAsync(closed).ConfigureAwait(false);
                break;
            case 'S':
                await SyncAsync(closed).ConfigureAwait(false);
                break;
            case 'd' or 'c' or 'f':
                break; // what is left of a COPY that failed
            case 'F':
                throw new SqlException(SqlState.FeatureNotSupported, "the function call protocol is not supported");
            default:
                throw new ProtocolException($"unexpected message type {(int)type}");
        }
        if (_reply.PendingBytes > FlushBytes)
            await FlushAsync(closed).ConfigureAwait(false);
    }

    /// <summary>Sends the error; after one in a simple query the client is ready again, after others messages are skipped until Sync.</summary>
    private async ValueTask ReportAsync(char type, SqlException error, CancellationToken closed)
    {
        _reply.Abandon();
        Session.Fail();
        _reply.Error(error);
        switch (type)
        {
            case 'Q' or 'F':
                await EndImplicitAsync(failed: true).ConfigureAwait(false);
                Ready();
                await FlushAsync(closed).ConfigureAwait(false);
                break;
            case 'S':
                Ready();
                await FlushAsync(closed).ConfigureAwait(false);
                break;
            default:
                _skipsToSync = true;
                await FlushAsync(closed).ConfigureAwait(false); // a client that only flushes waits for the error
                break;
        }
    }

    private async ValueTask SimpleQueryAsync(CancellationToken closed)
    {
        await ClosePortalAsync("").ConfigureAwait(false); // a simple query ends the unnamed portal
        string sql = ReadWholeString();
        IReadOnlyList<ScriptStatement> statements = Session.ParseScript(sql);
        if (statements.Count == 0)
            _reply.Empty('I');
        foreach (ScriptStatement statement in statements)
        {
            closed.ThrowIfCancellationRequested();
            IStatementResult result = await Session.RunAsync(statement, CancellationToken.None).ConfigureAwait(false);
            await using (result.ConfigureAwait(false))
            {
                if (result.IsEmptyQuery)
                {
                    _reply.Empty('I');
                    continue;
                }
                RowEncoder? encoder = null;
                if (result.Columns is { } columns)
                {
                    _reply.RowDescription(columns, []);
                    encoder = new RowEncoder(columns, []);
                }
                await SendRowsAsync(result, encoder, 0, closed).ConfigureAwait(false);
                _reply.CommandComplete(result.CommandTag);
            }
        }
        await EndImplicitAsync(failed: false).ConfigureAwait(false);
        Ready();
        await FlushAsync(closed).ConfigureAwait(false);
    }

    private string ReadWholeString()
    {
        MessageReader body = new(_frames.Body.Span);
        string text = body.ReadCString();
        body.ExpectEnd();
        return text;
    }

    /// <summary>Runs a result to its end or to the row limit, COPY included: how many rows were sent, and whether it is done.</summary>
    private async ValueTask<(int Sent, bool IsDone)> SendRowsAsync(
        IStatementResult result, RowEncoder? encoder, int rowsMax, CancellationToken closed)
    {
        if (result.CopyIn is { } sink)
        {
            await ReceiveCopyAsync(sink, closed).ConfigureAwait(false);
            return (0, true);
        }
        if (result.CopyOut is { } source)
        {
            await SendCopyAsync(source, closed).ConfigureAwait(false);
            return (0, true);
        }
        int sent = 0;
        while (true)
        {
            int wanted = rowsMax == 0 ? 0 : rowsMax - sent;
            if (rowsMax > 0 && wanted == 0)
                return (sent, false);
            closed.ThrowIfCancellationRequested();
            ColumnBatch? batch = await result.NextAsync(wanted, CancellationToken.None).ConfigureAwait(false);
            if (batch is null)
                return (sent, true);
            if (encoder is null)
                continue;
            for (int row = 0; row < batch.RowCount; row++)
            {
                encoder.Write(batch, row, _reply, Session.Format);
                if (_reply.PendingBytes > FlushBytes)
                    await FlushAsync(closed).ConfigureAwait(false);
            }
            sent += batch.RowCount;
        }
    }

    private async ValueTask ReceiveCopyAsync(ICopySink sink, CancellationToken closed)
    {
        _reply.CopyResponse('G', sink.IsBinary, sink.ColumnCount);
        await FlushAsync(closed).ConfigureAwait(false);
        while (true)
        {
            int type = await NextMessageAsync(closed).ConfigureAwait(false);
            switch (type)
            {
                case 'd':
                    await sink.WriteAsync(_frames.Body, CancellationToken.None).ConfigureAwait(false);
                    break;
                case 'c':
                    await sink.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
                    return;
                case 'f':
                    await sink.FailAsync(ReadWholeString()).ConfigureAwait(false);
                    return;
                case 'H' or 'S':
                    break; // allowed during COPY, and without meaning there
                case -1:
                    throw new IOException("the client left during COPY");
                default:
                    throw new SqlException(SqlState.ProtocolViolation,
                        $"unexpected message type 0x{type:X2} during COPY from stdin");
            }
        }
    }

    private async ValueTask SendCopyAsync(ICopySource source, CancellationToken closed)
    {
        _reply.CopyResponse('H', source.IsBinary, source.ColumnCount);
        while (true)
        {
            ReadOnlyMemory<byte> piece = await source.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            if (piece.IsEmpty)
                break;
            WriteCopyRows(piece.Span, source.RowEnds.Span);
            if (_reply.PendingBytes > FlushBytes)
                await FlushAsync(closed).ConfigureAwait(false);
        }
        _reply.Empty('c');
    }

    private void WriteCopyRows(ReadOnlySpan<byte> piece, ReadOnlySpan<int> rowEnds)
    {
        int start = 0;
        foreach (int end in rowEnds)
        {
            CopyData(piece[start..end]);
            start = end;
        }
        if (start < piece.Length)
            CopyData(piece[start..]);
    }

    private void CopyData(ReadOnlySpan<byte> row)
    {
        _reply.Begin('d');
        _reply.Bytes(row);
        _reply.End();
    }

    private async ValueTask ParseAsync()
    {
        (string name, string sql, uint[] types) = ReadParse(_frames.Body.Span);
        await Session.PrepareAsync(name, sql, [.. types], CancellationToken.None).ConfigureAwait(false);
        _reply.Empty('1');
    }

    private static (string Name, string Sql, uint[] Types) ReadParse(ReadOnlySpan<byte> bytes)
    {
        MessageReader body = new(bytes);
        string name = body.ReadCString(), sql = body.ReadCString();
        int count = (ushort)body.ReadInt16();
        var types = new uint[count];
        for (int i = 0; i < count; i++)
            types[i] = (uint)body.ReadInt32();
        body.ExpectEnd();
        return (name, sql, types);
    }

    private async ValueTask BindAsync()
    {
        BindMessage message = ReadBind(_frames.Body.Span);
        IStatementResult result = await Session.BindAsync(
            message.Portal, message.Statement, message.Parameters, CancellationToken.None).ConfigureAwait(false);
        _portals[message.Portal] = new OpenPortal(result, message.ResultFormats);
        _reply.Empty('2');
    }

    private BindMessage ReadBind(ReadOnlySpan<byte> bytes)
    {
        MessageReader body = new(bytes);
        return BindMessage.Read(ref body, Session.Describe, Session.Format);
    }

    private void Describe()
    {
        (char kind, string name) = ReadTarget(_frames.Body.Span);
        if (kind == 'S')
        {
            PreparedStatementInfo statement = Session.Describe(name);
            _reply.ParameterDescription(statement.ParameterTypes);
            if (statement.Columns is { } columns)
                _reply.RowDescription(columns, []);
            else
                _reply.Empty('n');
            return;
        }
        OpenPortal portal = FindPortal(name);
        if (portal.Result.Columns is { } portalColumns)
            _reply.RowDescription(portalColumns, portal.Formats);
        else
            _reply.Empty('n');
    }

    private static (char Kind, string Name) ReadTarget(ReadOnlySpan<byte> bytes)
    {
        MessageReader body = new(bytes);
        char kind = (char)body.ReadByte();
        string name = body.ReadCString();
        body.ExpectEnd();
        if (kind is not ('S' or 'P'))
            throw new ProtocolException($"invalid target of DESCRIBE or CLOSE: {(int)kind}");
        return (kind, name);
    }

    private async ValueTask ExecuteAsync(CancellationToken closed)
    {
        (string name, int rowsMax) = ReadExecute(_frames.Body.Span);
        OpenPortal portal = FindPortal(name);
        if (portal.Result.IsEmptyQuery)
        {
            _reply.Empty('I');
            return;
        }
        // A command without rows runs to its end whatever the limit says: drivers send 1 for everything.
        int limit = portal.Result.Columns is null ? 0 : Math.Max(rowsMax, 0);
        (int sent, bool isDone) = await SendRowsAsync(portal.Result, portal.Encoder, limit, closed).ConfigureAwait(false);
        if (!isDone)
        {
            portal.WasSuspended = true;
            _reply.Empty('s');
            return;
        }
        // A portal that goes on after a suspension counts the rows of its last round only.
        string tag = portal.Result.CommandTag;
        bool isRound = portal.WasSuspended && tag.StartsWith("SELECT ", StringComparison.Ordinal);
        _reply.CommandComplete(isRound ? $"SELECT {sent}" : tag);
    }

    private static (string Portal, int RowsMax) ReadExecute(ReadOnlySpan<byte> bytes)
    {
        MessageReader body = new(bytes);
        string portal = body.ReadCString();
        int rowsMax = body.ReadInt32();
        body.ExpectEnd();
        return (portal, rowsMax);
    }

    private async ValueTask CloseAsync()
    {
        (char kind, string name) = ReadTarget(_frames.Body.Span);
        if (kind == 'S')
            await Session.CloseStatementAsync(name).ConfigureAwait(false);
        else
            await ClosePortalAsync(name).ConfigureAwait(false);
        _reply.Empty('3');
    }

    private async ValueTask SyncAsync(CancellationToken closed)
    {
        bool failed = _skipsToSync;
        _skipsToSync = false;
        await EndImplicitAsync(failed).ConfigureAwait(false);
        Ready();
        if (!_frames.HasMore || _reply.PendingBytes > FlushBytes)
            await FlushAsync(closed).ConfigureAwait(false);
    }

    private async ValueTask EndImplicitAsync(bool failed)
    {
        await Session.EndScriptAsync(failed, CancellationToken.None).ConfigureAwait(false);
        if (Session.Status == TransactionStatus.Idle)
            _portals.Clear(); // portals end with their transaction; the session has closed them
    }

    private OpenPortal FindPortal(string name)
    {
        IStatementResult? result = Session.FindPortal(name);
        if (result is null)
            throw new SqlException(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist");
        if (!_portals.TryGetValue(name, out OpenPortal? portal) || !ReferenceEquals(portal.Result, result))
            _portals[name] = portal = new OpenPortal(result, []); // a cursor that SQL declared
        return portal;
    }

    private async ValueTask ClosePortalAsync(string name)
    {
        _portals.Remove(name);
        await Session.ClosePortalAsync(name).ConfigureAwait(false);
    }

    private ValueTask FlushAsync(CancellationToken cancellation) => _reply.FlushAsync(cancellation);

    private void OnNotified(SqlNotification notification)
    {
        _notifications.Enqueue(notification);
        _ = NotifyWhenIdleAsync().AsTask();
    }

    /// <summary>Sends waiting notifications if no message is being handled; else whoever handles one sends them.</summary>
    private async ValueTask NotifyWhenIdleAsync()
    {
        if (Session.Status != TransactionStatus.Idle || !_sending.Wait(0))
            return;
        try
        {
            WriteNotifications();
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The client has gone; its read loop will notice.
        }
        finally
        {
            _sending.Release();
        }
    }

    private void WriteNotifications()
    {
        while (_notifications.TryDequeue(out SqlNotification? notification))
            _reply.Notification(notification);
    }

    /// <summary>ReadyForQuery, with what others have notified in front where the session is out of a transaction.</summary>
    private void Ready()
    {
        if (Session.Status == TransactionStatus.Idle)
            WriteNotifications();
        _reply.ReadyForQuery(Session.Status);
    }

    private async ValueTask SendFatalAsync(SqlException error)
    {
        try
        {
            _reply.Abandon();
            _reply.Error(error, "FATAL");
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>A portal and how its rows are sent.</summary>
    private sealed class OpenPortal(IStatementResult result, short[] formats)
    {
        private RowEncoder? _encoder;

        public IStatementResult Result { get; } = result;

        public short[] Formats { get; } = formats;

        public bool WasSuspended { get; set; }

        public RowEncoder? Encoder => Result.Columns is { } columns ? _encoder ??= new RowEncoder(columns, Formats) : null;
    }
}
