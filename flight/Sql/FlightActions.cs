using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using EndTransaction = VecSQL.Flight.Protocol.Sql.ActionEndTransactionRequest.Types.EndTransaction;

namespace VecSQL.Flight.Sql;

/// <summary>What clients can have done beside reading and writing rows.</summary>
internal sealed class FlightActions(SessionTable sessions, HandleTable handles, FlightOptions options)
{
    private const string Create = "CreatePreparedStatement", Close = "ClosePreparedStatement", Begin = "BeginTransaction",
        End = "EndTransaction", CancelInfo = "CancelFlightInfo", CancelQuery = "CancelQuery", Renew = "RenewFlightEndpoint",
        SetOptions = "SetSessionOptions", GetOptions = "GetSessionOptions", CloseSession = "CloseSession";

    public static IReadOnlyList<ActionType> All { get; } =
    [
        new() { Type = Create, Description = "Prepares a statement: ActionCreatePreparedStatementRequest to -Result" },
        new() { Type = Close, Description = "Forgets a prepared statement: ActionClosePreparedStatementRequest" },
        new() { Type = Begin, Description = "Begins a transaction: ActionBeginTransactionRequest to -Result" },
        new() { Type = End, Description = "Commits a transaction or rolls it back: ActionEndTransactionRequest" },
        new() { Type = CancelInfo, Description = "Cancels a query: CancelFlightInfoRequest to -Result" },
        new() { Type = CancelQuery, Description = "Cancels a query, as older clients ask: ActionCancelQueryRequest to -Result" },
        new() { Type = Renew, Description = "Keeps an endpoint's rows for longer: RenewFlightEndpointRequest to FlightEndpoint" },
        new() { Type = SetOptions, Description = "Sets settings of the session: SetSessionOptionsRequest to -Result" },
        new() { Type = GetOptions, Description = "Shows the settings of the session: GetSessionOptionsRequest to -Result" },
        new() { Type = CloseSession, Description = "Ends the session: CloseSessionRequest to -Result" },
    ];

    /// <returns>The result's body; null where there is none.</returns>
    public async ValueTask<ByteString?> RunAsync(Protocol.Action action, GrpcCall call, PreparedStatements prepared)
    {
        switch (action.Type)
        {
            case Create:
                return Packed(await CreateAsync(Unpacked<ActionCreatePreparedStatementRequest>(action), call, prepared).ConfigureAwait(false));
            case Close:
                await CloseAsync(Unpacked<ActionClosePreparedStatementRequest>(action), call).ConfigureAwait(false);
                return null;
            case Begin:
                return Packed(await BeginAsync(call).ConfigureAwait(false));
            case End:
                await EndAsync(Unpacked<ActionEndTransactionRequest>(action), call).ConfigureAwait(false);
                return null;
            case CancelInfo:
                await CancelAsync(Plain(CancelFlightInfoRequest.Parser, action.Body).Info, call).ConfigureAwait(false);
                return new CancelFlightInfoResult { Status = CancelStatus.Cancelled }.ToByteString();
            case CancelQuery:
                FlightInfo info = Plain(FlightInfo.Parser, Unpacked<ActionCancelQueryRequest>(action).Info);
                await CancelAsync(info, call).ConfigureAwait(false);
                return Packed(new ActionCancelQueryResult { Result = ActionCancelQueryResult.Types.CancelResult.Cancelled });
            case Renew:
                return (await RenewAsync(Plain(RenewFlightEndpointRequest.Parser, action.Body).Endpoint, call).ConfigureAwait(false)).ToByteString();
            case SetOptions:
                return (await SetAsync(Plain(SetSessionOptionsRequest.Parser, action.Body), call).ConfigureAwait(false)).ToByteString();
            case GetOptions:
                return (await GetAsync(call).ConfigureAwait(false)).ToByteString();
            case CloseSession:
                bool wasThere = await sessions.CloseAsync(call).ConfigureAwait(false);
                return new CloseSessionResult
                {
                    Status = wasThere ? CloseSessionResult.Types.Status.Closed : CloseSessionResult.Types.Status.NotCloseable,
                }.ToByteString();
            default:
                throw new GrpcException(GrpcStatusCode.Unimplemented, $"there is no action {action.Type}");
        }
    }

    private ValueTask<ActionCreatePreparedStatementResult> CreateAsync(
        ActionCreatePreparedStatementRequest request, GrpcCall call, PreparedStatements prepared) =>
        sessions.WithAsync(call, request.TransactionId, handles, session => prepared.CreateAsync(session, request.Query, call.Cancellation));

    private ValueTask<bool> CloseAsync(ActionClosePreparedStatementRequest request, GrpcCall call) =>
        sessions.WithAsync(call, null, handles, async session =>
            handles.Find<PreparedHandle>(request.PreparedStatementHandle, session.Login) is not null
                && await handles.CloseAsync(request.PreparedStatementHandle).ConfigureAwait(false));

    private ValueTask<ActionBeginTransactionResult> BeginAsync(GrpcCall call) => sessions.WithAsync(call, null, handles, async session =>
    {
        FlightSession own = sessions.OpenAnother(session);
        try
        {
            await own.RunAsync(async running =>
                await running.ExecuteAsync("BEGIN", call.Cancellation).ConfigureAwait(false), call.Cancellation).ConfigureAwait(false);
            return new ActionBeginTransactionResult { TransactionId = handles.Add(new TransactionHandle(own)) };
        }
        finally
        {
            await own.ReleaseAsync().ConfigureAwait(false);
        }
    });

    private ValueTask<bool> EndAsync(ActionEndTransactionRequest request, GrpcCall call) => sessions.WithAsync(call, null, handles, async session =>
    {
        string sql = request.Action switch
        {
            EndTransaction.Commit => "COMMIT",
            EndTransaction.Rollback => "ROLLBACK",
            _ => throw new GrpcException(GrpcStatusCode.InvalidArgument, "the action must be commit or rollback"),
        };
        TransactionHandle transaction = handles.Require<TransactionHandle>(request.TransactionId, session.Login, "transaction");
        try
        {
            string tag = await transaction.Session.RunAsync(
                running => running.ExecuteAsync(sql, call.Cancellation), call.Cancellation).ConfigureAwait(false);
            return tag == sql
                ? true
                : throw new SqlException(SqlState.InFailedSqlTransaction, "the transaction had failed and was rolled back");
        }
        finally
        {
            await handles.CloseAsync(request.TransactionId).ConfigureAwait(false);
        }
    });

    /// <exception cref="GrpcException">NOT_FOUND: nothing of it is there any more.</exception>
    private ValueTask<bool> CancelAsync(FlightInfo? info, GrpcCall call) => sessions.WithAsync(call, null, handles, async session =>
    {
        bool wasThere = false;
        foreach (FlightEndpoint endpoint in info?.Endpoint ?? [])
        {
            (ByteString id, RowsHandle? rows) = RowsOf(endpoint, session.Login);
            rows?.Cancel();
            wasThere |= rows is not null && await handles.CloseAsync(id).ConfigureAwait(false);
        }
        return wasThere ? true : throw new GrpcException(GrpcStatusCode.NotFound, "the query is not known: it has ended, or was not read for too long");
    });

    private ValueTask<FlightEndpoint> RenewAsync(FlightEndpoint? endpoint, GrpcCall call) => sessions.WithAsync(call, null, handles, session =>
    {
        if (endpoint is null || RowsOf(endpoint, session.Login).Rows is null) // being found, they are kept for as long again
            throw new GrpcException(GrpcStatusCode.NotFound, "the endpoint's rows are not there any more");
        FlightEndpoint renewed = endpoint.Clone();
        renewed.ExpirationTime = Timestamp.FromDateTimeOffset(options.Time.GetUtcNow() + options.TicketTimeout);
        return ValueTask.FromResult(renewed);
    });

    private (ByteString Id, RowsHandle? Rows) RowsOf(FlightEndpoint endpoint, FlightLogin login)
    {
        Any ticket = Plain(Any.Parser, endpoint.Ticket?.Ticket_ ?? ByteString.Empty);
        if (FlightSqlHandler.NameOf(ticket) != nameof(TicketStatementQuery))
            return (ByteString.Empty, null);
        (ByteString id, _) = TicketId.Read(FlightSqlHandler.Unpack<TicketStatementQuery>(ticket).StatementHandle);
        return (id, handles.Find<RowsHandle>(id, login));
    }

    private ValueTask<SetSessionOptionsResult> SetAsync(SetSessionOptionsRequest request, GrpcCall call) =>
        sessions.WithAsync(call, null, handles, session => SessionOptionValues.SetAsync(session, request, call.Cancellation));

    private ValueTask<GetSessionOptionsResult> GetAsync(GrpcCall call) =>
        sessions.WithAsync(call, null, handles, session => SessionOptionValues.GetAsync(session, call.Cancellation));

    private static ByteString Packed(IMessage message) => Any.Pack(message).ToByteString();

    private static T Unpacked<T>(Protocol.Action action) where T : IMessage<T>, new() =>
        FlightSqlHandler.Unpack<T>(Plain(Any.Parser, action.Body));

    private static T Plain<T>(MessageParser<T> parser, ByteString body) where T : IMessage<T> => GrpcMarshaller.Of(parser).Read(body.Memory);
}
