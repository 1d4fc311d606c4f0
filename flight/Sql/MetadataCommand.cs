using Google.Protobuf.WellKnownTypes;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Sql;

/// <summary>A command that asks what there is; it is its own ticket.</summary>
internal abstract class MetadataCommand(ArrowSchema schema)
{
    public ArrowSchema Schema => schema;

    /// <exception cref="GrpcException">UNIMPLEMENTED: it is no command that is known.</exception>
    public static MetadataCommand Of(Any command) => FlightSqlHandler.NameOf(command) switch
    {
        nameof(CommandGetCatalogs) => CatalogQueries.Catalogs(),
        nameof(CommandGetDbSchemas) => CatalogQueries.Schemas(FlightSqlHandler.Unpack<CommandGetDbSchemas>(command)),
        nameof(CommandGetTables) => CatalogQueries.Tables(FlightSqlHandler.Unpack<CommandGetTables>(command)),
        nameof(CommandGetTableTypes) => CatalogQueries.TableTypes(),
        nameof(CommandGetPrimaryKeys) => CatalogQueries.PrimaryKeys(FlightSqlHandler.Unpack<CommandGetPrimaryKeys>(command)),
        nameof(CommandGetImportedKeys) => CatalogQueries.ImportedKeys(FlightSqlHandler.Unpack<CommandGetImportedKeys>(command)),
        nameof(CommandGetExportedKeys) => CatalogQueries.ExportedKeys(FlightSqlHandler.Unpack<CommandGetExportedKeys>(command)),
        nameof(CommandGetCrossReference) => CatalogQueries.CrossReference(FlightSqlHandler.Unpack<CommandGetCrossReference>(command)),
        nameof(CommandGetXdbcTypeInfo) => new TypeInfo(FlightSqlHandler.Unpack<CommandGetXdbcTypeInfo>(command)),
        nameof(CommandGetSqlInfo) => new SqlInfo(FlightSqlHandler.Unpack<CommandGetSqlInfo>(command)),
        _ => throw FlightSqlHandler.Unknown(command, "GetFlightInfo"),
    };

    /// <summary>Sends schema and rows.</summary>
    public async ValueTask SendAsync(ISqlSession session, GrpcCall call)
    {
        IpcEncoder encoder = new(schema, isCompressed: false);
        await call.WriteAsync(FlightFrame.Write(encoder.SchemaMessage())).ConfigureAwait(false);
        await foreach ((ArrowArray[] columns, int rowCount) in RowsAsync(session, call.Cancellation).ConfigureAwait(false))
        {
            foreach (IpcMessage message in encoder.Encode(columns, rowCount))
                await call.WriteAsync(FlightFrame.Write(message)).ConfigureAwait(false);
        }
    }

    protected abstract IAsyncEnumerable<(ArrowArray[] Columns, int RowCount)> RowsAsync(ISqlSession session, CancellationToken cancellation);

    protected static ArrowField Field(string name, ArrowTypeKind kind, bool isNullable) => new(name, new ArrowType(kind), isNullable, []);
}
