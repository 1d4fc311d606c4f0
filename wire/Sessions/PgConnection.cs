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
internal sealed class PgConnection(
    Database database, ClientStream client, StartGate gate, WireOptions options, ILogger log) : IAsyncDisposable
{
    /// <summary>Replies are sent when this much has gathered, so that large results stream.</summary>
    private const int FlushBytes = 64 * 1024;

    private readonly ClientChannel _channel = new(client, options.MessageBytesMax);
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
            if (!await StartAsync(clientAddress).ConfigureAwait(false))
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
        _channel.Dispose();
        _portals.Clear();
        if (_session is not null)
            await _session.DisposeAsync().ConfigureAwait(false);
        _sending.Dispose();
    }

    private async ValueTask<bool> StartAsync(string? clientAddress)
    {
        if (!gate.TryEnter())
            throw new SqlException(SqlState.TooManyConnections, "sorry, too many clients already");
        try
        {
            _session = await new ConnectionStart(database, client, _channel, options, log).RunAsync(clientAddress).ConfigureAwait(false);
        }
        catch (IOException failed)
        {
            Log.StartFailed(log, clientAddress ?? "unknown", failed.Message);
            throw;
        }
        finally
        {
            gate.Leave();
        }
        if (_session is null)
            return false;
        await GreetAsync(_session).ConfigureAwait(false);
        return true;
    }

    private async ValueTask GreetAsync(ISqlSession session)
    {
        session.NoticeRaised += notice => _channel.Reply.Notice(notice);
        session.SettingChanged += (name, value) => _channel.Reply.ParameterStatus(name, value);
        session.Notified += OnNotified;
        session.Ended += client.EndReading;
        _channel.Reply.AuthenticationOk();
        foreach ((string name, string value) in session.ReportedSettings)
            _channel.Reply.ParameterStatus(name, value);
        _channel.Reply.BackendKeyData(session.BackendId, session.SecretKey);
        _channel.Reply.ReadyForQuery(session.Status);
        await FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

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
        int type = await _channel.Frames.NextAsync(closed).ConfigureAwait(false);
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
        if (_channel.Reply.PendingBytes > FlushBytes)
            await FlushAsync(closed).ConfigureAwait(false);
    }

    /// <summary>Sends the error; after one in a simple query the client is ready again, after others messages are skipped until Sync.</summary>
    private async ValueTask ReportAsync(char type, SqlException error, CancellationToken closed)
    {
        _channel.Reply.Abandon();
        Session.Fail();
        _channel.Reply.Error(error);
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
            _channel.Reply.Empty('I');
        string? tag = null;
        foreach (ScriptStatement statement in statements)
        {
            closed.ThrowIfCancellationRequested();
            Complete(tag);
            tag = null;
            IStatementResult result = await Session.RunAsync(statement, CancellationToken.None).ConfigureAwait(false);
            await using (result.ConfigureAwait(false))
            {
                if (result.IsEmptyQuery)
                {
                    _channel.Reply.Empty('I');
                    continue;
                }
                RowEncoder? encoder = null;
                if (result.Columns is { } columns)
                {
                    _channel.Reply.RowDescription(columns, []);
                    encoder = new RowEncoder(columns, []);
                }
                await SendRowsAsync(result, encoder, 0, closed).ConfigureAwait(false);
                tag = result.CommandTag;
            }
        }
        await EndImplicitAsync(failed: false).ConfigureAwait(false);
        Complete(tag); // the last statement is complete when its transaction is committed
        Ready();
        await _channel.FlushLastAsync(closed).ConfigureAwait(false);
    }

    private void Complete(string? tag)
    {
        if (tag is not null)
            _channel.Reply.CommandComplete(tag);
    }

    private string ReadWholeString()
    {
        MessageReader body = new(_channel.Frames.Body.Span);
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
                encoder.Write(batch, row, _channel.Reply, Session.Format);
                if (_channel.Reply.PendingBytes > FlushBytes)
                    await FlushAsync(closed).ConfigureAwait(false);
            }
            sent += batch.RowCount;
        }
    }

    private async ValueTask ReceiveCopyAsync(ICopySink sink, CancellationToken closed)
    {
        _channel.Reply.CopyResponse('G', sink.IsBinary, sink.ColumnCount);
        await FlushAsync(closed).ConfigureAwait(false);
        while (true)
        {
            int type = await NextMessageAsync(closed).ConfigureAwait(false);
            switch (type)
            {
                case 'd':
                    await sink.WriteAsync(_channel.Frames.Body, CancellationToken.None).ConfigureAwait(false);
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
        _channel.Reply.CopyResponse('H', source.IsBinary, source.ColumnCount);
        while (true)
        {
            ReadOnlyMemory<byte> piece = await source.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            if (piece.IsEmpty)
                break;
            WriteCopyRows(piece.Span, source.RowEnds.Span);
            if (_channel.Reply.PendingBytes > FlushBytes)
                await FlushAsync(closed).ConfigureAwait(false);
        }
        _channel.Reply.Empty('c');
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
        _channel.Reply.Begin('d');
        _channel.Reply.Bytes(row);
        _channel.Reply.End();
    }

    private async ValueTask ParseAsync()
    {
        (string name, string sql, uint[] types) = ReadParse(_channel.Frames.Body.Span);
        await Session.PrepareAsync(name, sql, [.. types], CancellationToken.None).ConfigureAwait(false);
        _channel.Reply.Empty('1');
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
        BindMessage message = ReadBind(_channel.Frames.Body.Span);
        IStatementResult result = await Session.BindAsync(
            message.Portal, message.Statement, message.Parameters, CancellationToken.None).ConfigureAwait(false);
        _portals[message.Portal] = new OpenPortal(result, message.ResultFormats);
        _channel.Reply.Empty('2');
    }

    private BindMessage ReadBind(ReadOnlySpan<byte> bytes)
    {
        MessageReader body = new(bytes);
        return BindMessage.Read(ref body, Session.Describe, Session.Format);
    }

    private void Describe()
    {
        (char kind, string name) = ReadTarget(_channel.Frames.Body.Span);
        if (kind == 'S')
        {
            PreparedStatementInfo statement = Session.Describe(name);
            _channel.Reply.ParameterDescription(statement.ParameterTypes);
            if (statement.Columns is { } columns)
                _channel.Reply.RowDescription(columns, []);
            else
                _channel.Reply.Empty('n');
            return;
        }
        OpenPortal portal = FindPortal(name);
        if (portal.Result.Columns is { } portalColumns)
            _channel.Reply.RowDescription(portalColumns, portal.Formats);
        else
            _channel.Reply.Empty('n');
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
        (string name, int rowsMax) = ReadExecute(_channel.Frames.Body.Span);
        OpenPortal portal = FindPortal(name);
        if (portal.Result.IsEmptyQuery)
        {
            _channel.Reply.Empty('I');
            return;
        }
        // A command without rows runs to its end whatever the limit says: drivers send 1 for everything.
        int limit = portal.Result.Columns is null ? 0 : Math.Max(rowsMax, 0);
        (int sent, bool isDone) = await SendRowsAsync(portal.Result, portal.Encoder, limit, closed).ConfigureAwait(false);
        if (!isDone)
        {
            portal.WasSuspended = true;
            _channel.Reply.Empty('s');
            return;
        }
        // A portal that goes on after a suspension counts the rows of its last round only.
        string tag = portal.Result.CommandTag;
        bool isRound = portal.WasSuspended && tag.StartsWith("SELECT ", StringComparison.Ordinal);
        _channel.Reply.CommandComplete(isRound ? $"SELECT {sent}" : tag);
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
        (char kind, string name) = ReadTarget(_channel.Frames.Body.Span);
        if (kind == 'S')
            await Session.CloseStatementAsync(name).ConfigureAwait(false);
        else
            await ClosePortalAsync(name).ConfigureAwait(false);
        _channel.Reply.Empty('3');
    }

    private async ValueTask SyncAsync(CancellationToken closed)
    {
        bool failed = _skipsToSync;
        _skipsToSync = false;
        await EndImplicitAsync(failed).ConfigureAwait(false);
        Ready();
        if (!_channel.Frames.HasMore || _channel.Reply.PendingBytes > FlushBytes)
            await _channel.FlushLastAsync(closed).ConfigureAwait(false);
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

    private ValueTask FlushAsync(CancellationToken cancellation) => _channel.Reply.FlushAsync(cancellation);

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
            _channel.Reply.Notification(notification);
    }

    /// <summary>ReadyForQuery, with what others have notified in front where the session is out of a transaction.</summary>
    private void Ready()
    {
        if (Session.Status == TransactionStatus.Idle)
            WriteNotifications();
        _channel.Reply.ReadyForQuery(Session.Status);
    }

    private async ValueTask SendFatalAsync(SqlException error)
    {
        try
        {
            _channel.Reply.Abandon();
            _channel.Reply.Error(error, "FATAL");
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
