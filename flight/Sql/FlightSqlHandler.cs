using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Sql;

/// <summary>Flight SQL: commands and tickets to calls on sessions, and their rows to streams.</summary>
/// <remarks>Source: Arrow documentation, "Arrow Flight SQL".</remarks>
internal sealed class FlightSqlHandler(SessionTable sessions, HandleTable handles, FlightActions actions, FlightOptions options) : IFlightHandler
{
    private const string Package = "arrow.flight.protocol.sql.";

    private readonly PreparedStatements _prepared = new(handles);

    public IReadOnlyList<ActionType> Actions => FlightActions.All;

    public async ValueTask<ByteString> HandshakeAsync(ByteString payload, GrpcCall call)
    {
        Credentials credentials = Credentials.Of(call.Headers);
        if (credentials is { Token: null, User: null } && payload.Length > 0)
            credentials = Credentials.Of(GrpcMarshaller.Of(BasicAuth.Parser).Read(payload.Memory));
        return ByteString.CopyFromUtf8(await sessions.BeginAsync(credentials, call).ConfigureAwait(false));
    }

    public ValueTask<FlightInfo> GetInfoAsync(FlightDescriptor descriptor, GrpcCall call)
    {
        Any command = CommandOf(descriptor);
        return NameOf(command) switch
        {
            nameof(CommandStatementQuery) => StatementInfoAsync(Unpack<CommandStatementQuery>(command), descriptor, call),
            nameof(CommandPreparedStatementQuery) => PreparedInfoAsync(Unpack<CommandPreparedStatementQuery>(command), descriptor, call),
            _ => MetadataInfoAsync(MetadataCommand.Of(command), descriptor, call),
        };
    }

    /// <summary>A statement runs when its rows are asked for, so there is nothing to wait for before.</summary>
    public async ValueTask<PollInfo> PollInfoAsync(FlightDescriptor descriptor, GrpcCall call) =>
        new() { Info = await GetInfoAsync(descriptor, call).ConfigureAwait(false), Progress = 1 };

    public async ValueTask<SchemaResult> GetSchemaAsync(FlightDescriptor descriptor, GrpcCall call)
    {
        Any command = CommandOf(descriptor);
        return NameOf(command) switch
        {
            nameof(CommandStatementQuery) => await StatementSchemaAsync(Unpack<CommandStatementQuery>(command), call).ConfigureAwait(false),
            nameof(CommandPreparedStatementQuery) => new SchemaResult
            {
                Schema = await WithPreparedAsync(Unpack<CommandPreparedStatementQuery>(command).PreparedStatementHandle, call,
                    statement => SchemaAsync(statement, call.Cancellation)).ConfigureAwait(false),
            },
            _ => new SchemaResult { Schema = SchemaBytes.Of(MetadataCommand.Of(command).Schema) },
        };
    }

    public async ValueTask GetAsync(Ticket ticket, GrpcCall call)
    {
        ArrowStreamOptions stream = StreamHeaders.Read(call.Headers);
        Any content = AnyOf(ticket.Ticket_, "ticket");
        FlightSession session = sessions.Open(call);
        try
        {
            if (NameOf(content) != nameof(TicketStatementQuery))
            {
                MetadataCommand command = MetadataCommand.Of(content);
                await session.RunAsync(running => command.SendAsync(running, call), call.Cancellation).ConfigureAwait(false);
                return;
            }
            (ByteString id, int part) = TicketId.Read(Unpack<TicketStatementQuery>(content).StatementHandle);
            RowsHandle rows = handles.Require<RowsHandle>(id, session.Login, "ticket");
            await rows.SendPartAsync(part, call, stream).ConfigureAwait(false);
            if (rows.IsDone)
                await handles.CloseAsync(id).ConfigureAwait(false);
        }
        finally
        {
            await session.ReleaseAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask PutAsync(FlightDescriptor descriptor, FlightReader batches, GrpcCall call)
    {
        Any command = CommandOf(descriptor);
        IMessage answer = NameOf(command) switch
        {
            nameof(CommandStatementUpdate) => Updated(await UpdateAsync(Unpack<CommandStatementUpdate>(command), batches, call).ConfigureAwait(false)),
            nameof(CommandStatementIngest) => Updated(await IngestAsync(Unpack<CommandStatementIngest>(command), batches, call).ConfigureAwait(false)),
            nameof(CommandPreparedStatementUpdate) => Updated(await WithPreparedAsync(
                Unpack<CommandPreparedStatementUpdate>(command).PreparedStatementHandle, call,
                statement => PreparedStatements.UpdateAsync(statement, batches, call.Cancellation)).ConfigureAwait(false)),
            nameof(CommandPreparedStatementQuery) => await BindAsync(
                Unpack<CommandPreparedStatementQuery>(command).PreparedStatementHandle, batches, call).ConfigureAwait(false),
            _ => throw Unknown(command, "DoPut"),
        };
        await call.WriteAsync(FlightMarshallers.PutResult.Write(new PutResult { AppMetadata = answer.ToByteString() })).ConfigureAwait(false);
    }

    public async ValueTask DoAsync(Protocol.Action action, GrpcCall call)
    {
        if (await actions.RunAsync(action, call, _prepared).ConfigureAwait(false) is { } body)
            await call.WriteAsync(FlightMarshallers.Result.Write(new Result { Body = body })).ConfigureAwait(false);
    }

    private ValueTask<FlightInfo> StatementInfoAsync(CommandStatementQuery command, FlightDescriptor descriptor, GrpcCall call) =>
        sessions.WithAsync(call, command.TransactionId, handles, async session =>
        {
            if (await ExportAsync(session, command.Query, descriptor, call.Cancellation).ConfigureAwait(false) is { } parts)
                return parts;
            ByteString schema = await SchemaAsync(session, command.Query, call.Cancellation).ConfigureAwait(false);
            return InfoOf(descriptor, schema, TicketId.Of(await AddAsync(new StatementRows(session, command.Query)).ConfigureAwait(false), 0));
        });

    /// <summary>A plain scan of a table: an endpoint for each part of it.</summary>
    private async ValueTask<FlightInfo?> ExportAsync(FlightSession session, string sql, FlightDescriptor descriptor, CancellationToken cancellation)
    {
        ITableExport? export = null;
        try
        {
            await session.RunAsync(
                async running => export = await running.ExportAsync(sql, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch
        {
            if (export is not null)
                await export.DisposeAsync().ConfigureAwait(false); // its statement could not be ended
            throw;
        }
        if (export is null)
            return null;
        if (export.Parts.Count == 0)
        {
            await export.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        ByteString id = await AddAsync(new ExportRows(session, export)).ConfigureAwait(false);
        FlightInfo info = new() { Schema = SchemaBytes.Of(export.Schema), FlightDescriptor = descriptor };
        for (int part = 0; part < export.Parts.Count; part++)
        {
            info.Endpoint.Add(new FlightEndpoint { Ticket = TicketId.Of(id, part), ExpirationTime = Expiration() });
            info.TotalRecords += export.Parts[part].RowCount;
            info.TotalBytes += export.Parts[part].Bytes;
        }
        return info;
    }

    /// <summary>Keeps rows for their ticket; where that is refused, they are given up.</summary>
    private async ValueTask<ByteString> AddAsync(RowsHandle rows)
    {
        try
        {
            return handles.Add(rows);
        }
        catch
        {
            await rows.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ValueTask<SchemaResult> StatementSchemaAsync(CommandStatementQuery command, GrpcCall call) =>
        sessions.WithAsync(call, command.TransactionId, handles, async session =>
            new SchemaResult { Schema = await SchemaAsync(session, command.Query, call.Cancellation).ConfigureAwait(false) });

    private static ValueTask<ByteString> SchemaAsync(FlightSession session, string sql, CancellationToken cancellation) =>
        session.RunAsync(async running =>
        {
            PreparedStatementInfo info = await running.PrepareAsync("", sql, [], cancellation).ConfigureAwait(false);
            return SchemaBytes.Of(info.Columns ?? [], running.Format);
        }, cancellation);

    private static ValueTask<ByteString> SchemaAsync(PreparedHandle statement, CancellationToken cancellation) => statement.Session.RunAsync(
        running => ValueTask.FromResult(SchemaBytes.Of(statement.Info.Columns ?? [], running.Format)), cancellation);

    private ValueTask<FlightInfo> PreparedInfoAsync(CommandPreparedStatementQuery command, FlightDescriptor descriptor, GrpcCall call) =>
        WithPreparedAsync(command.PreparedStatementHandle, call, async statement =>
        {
            ByteString schema = await SchemaAsync(statement, call.Cancellation).ConfigureAwait(false);
            PreparedRows rows = new(statement.Session, statement.Info.Name, statement.HoldParameters());
            return InfoOf(descriptor, schema, TicketId.Of(await AddAsync(rows).ConfigureAwait(false), 0));
        });

    private ValueTask<FlightInfo> MetadataInfoAsync(MetadataCommand command, FlightDescriptor descriptor, GrpcCall call) =>
        sessions.WithAsync(call, null, handles, _ => ValueTask.FromResult(
            InfoOf(descriptor, SchemaBytes.Of(command.Schema), new Ticket { Ticket_ = descriptor.Cmd }, expires: false)));

    private ValueTask<long> UpdateAsync(CommandStatementUpdate command, FlightReader batches, GrpcCall call) =>
        sessions.WithAsync(call, command.TransactionId, handles, async session =>
        {
            while (await batches.NextAsync().ConfigureAwait(false) is not null)
            {
                // The statement is all that was asked for.
            }
            string tag = await session.RunAsync(
                running => running.ExecuteAsync(command.Query, call.Cancellation), call.Cancellation).ConfigureAwait(false);
            return SessionStatements.RowsOf(tag);
        });

    private ValueTask<long> IngestAsync(CommandStatementIngest command, FlightReader batches, GrpcCall call) => sessions.WithAsync(
        call, command.TransactionId, handles, session => BulkIngest.RunAsync(session, command, batches, call.Cancellation));

    private ValueTask<DoPutPreparedStatementResult> BindAsync(ByteString handle, FlightReader batches, GrpcCall call) =>
        WithPreparedAsync(handle, call, async statement =>
        {
            await PreparedStatements.BindAsync(statement, batches, call.Cancellation).ConfigureAwait(false);
            return new DoPutPreparedStatementResult { PreparedStatementHandle = handle };
        });

    private ValueTask<T> WithPreparedAsync<T>(ByteString handle, GrpcCall call, Func<PreparedHandle, ValueTask<T>> work) =>
        sessions.WithAsync(call, null, handles, session =>
            work(handles.Require<PreparedHandle>(handle, session.Login, "prepared statement")));

    private FlightInfo InfoOf(FlightDescriptor descriptor, ByteString schema, Ticket ticket, bool expires = true) => new()
    {
        Schema = schema,
        FlightDescriptor = descriptor,
        Endpoint = { new FlightEndpoint { Ticket = ticket, ExpirationTime = expires ? Expiration() : null } },
        TotalRecords = -1,
        TotalBytes = -1,
    };

    private Timestamp Expiration() => Timestamp.FromDateTimeOffset(options.Time.GetUtcNow() + options.TicketTimeout);

    private static DoPutUpdateResult Updated(long rows) => new() { RecordCount = rows };

    private static Any CommandOf(FlightDescriptor descriptor) => descriptor.Type == FlightDescriptor.Types.DescriptorType.Cmd
        ? AnyOf(descriptor.Cmd, "command")
        : throw new GrpcException(GrpcStatusCode.InvalidArgument, "the descriptor is no command");

    private static Any AnyOf(ByteString bytes, string what)
    {
        try
        {
            return Any.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"the {what} is none of Flight SQL", broken);
        }
    }

    /// <summary>The name of a Flight SQL message; empty for another.</summary>
    internal static string NameOf(Any message)
    {
        string name = Any.GetTypeName(message.TypeUrl);
        return name.StartsWith(Package, StringComparison.Ordinal) ? name[Package.Length..] : "";
    }

    internal static T Unpack<T>(Any message) where T : IMessage<T>, new()
    {
        try
        {
            return message.Unpack<T>();
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"a message is no {typeof(T).Name}", broken);
        }
    }

    internal static GrpcException Unknown(Any command, string where) =>
        new(GrpcStatusCode.Unimplemented, $"{where} of {(command.TypeUrl.Length == 0 ? "nothing" : command.TypeUrl)} is not supported");
}
