using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;
using IfExists = VecSQL.Flight.Protocol.Sql.CommandStatementIngest.Types.TableDefinitionOptions.Types.TableExistsOption;
using IfMissing = VecSQL.Flight.Protocol.Sql.CommandStatementIngest.Types.TableDefinitionOptions.Types.TableNotExistOption;

namespace VecSQL.Flight.Sql;

/// <summary>CommandStatementIngest: a stream's rows into a table.</summary>
internal static class BulkIngest
{
    /// <returns>How many rows were put in.</returns>
    public static async ValueTask<long> RunAsync(
        FlightSession session, CommandStatementIngest command, FlightReader batches, CancellationToken cancellation)
    {
        ArrowIngestTarget target = TargetOf(command, session.Login.Database);
        ArrowSchema schema = await batches.ReadSchemaAsync().ConfigureAwait(false);
        return await session.RunAsync(async running =>
        {
            IArrowIngest ingest = await running.IngestAsync(target, schema, cancellation).ConfigureAwait(false);
            await using (ingest.ConfigureAwait(false))
            {
                while (await batches.NextAsync().ConfigureAwait(false) is { } batch)
                    await ingest.WriteAsync(batch, cancellation).ConfigureAwait(false);
                return await ingest.CompleteAsync(cancellation).ConfigureAwait(false);
            }
        }, cancellation).ConfigureAwait(false);
    }

    private static ArrowIngestTarget TargetOf(CommandStatementIngest command, string database)
    {
        if (command.Table.Length == 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "the command names no table");
        if (command.HasCatalog && command.Catalog.Length > 0 && command.Catalog != database)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"cross-database references are not implemented: \"{command.Catalog}.{command.Table}\"");
        }
        ArrowIngestMode mode = (command.TableDefinitionOptions?.IfNotExist, command.TableDefinitionOptions?.IfExists) switch
        {
            (IfMissing.Create, IfExists.Fail) => ArrowIngestMode.Create,
            (IfMissing.Create, IfExists.Append) => ArrowIngestMode.CreateAppend,
            (IfMissing.Create, IfExists.Replace) => ArrowIngestMode.Replace,
            (IfMissing.Fail, IfExists.Append) => ArrowIngestMode.Append,
            _ => throw new GrpcException(GrpcStatusCode.InvalidArgument,
                "if_not_exist and if_exists must be create and fail, append or replace; or fail and append"),
        };
        return new ArrowIngestTarget(command.HasSchema && command.Schema.Length > 0 ? command.Schema : null, command.Table, mode, command.Temporary);
    }
}
