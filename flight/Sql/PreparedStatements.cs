using Google.Protobuf;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Sql;

/// <summary>Prepared statements: made, given parameters, run, closed.</summary>
internal sealed class PreparedStatements(HandleTable handles)
{
    /// <summary>Sets of parameters of one DoPut at most, which are kept until the statement has run with them.</summary>
    private const int SetsMax = 1_000_000;

    /// <summary>And their bytes.</summary>
    private const long SetBytesMax = 256L << 20;

    public async ValueTask<ActionCreatePreparedStatementResult> CreateAsync(FlightSession session, string sql, CancellationToken cancellation)
    {
        string name = session.NextName();
        (PreparedStatementInfo info, ByteString rows, ByteString parameters) = await session.RunAsync(async running =>
        {
            PreparedStatementInfo prepared = await running.PrepareAsync(name, sql, [], cancellation).ConfigureAwait(false);
            return (prepared, SchemaBytes.Of(prepared.Columns ?? [], running.Format), SchemaBytes.Of(ArrowParameters.SchemaOf(prepared.ParameterTypes, running.Format)));
        }, cancellation).ConfigureAwait(false);
        return new ActionCreatePreparedStatementResult
        {
            PreparedStatementHandle = handles.Add(new PreparedHandle(session, info)),
            DatasetSchema = info.Columns is null ? ByteString.Empty : rows,
            ParameterSchema = info.ParameterTypes.IsEmpty ? ByteString.Empty : parameters,
        };
    }

    /// <summary>Takes parameters for the executions that follow.</summary>
    public static async ValueTask BindAsync(PreparedHandle statement, FlightReader batches, CancellationToken cancellation)
    {
        IReadOnlyList<Column[]> sets = await ReadAsync(statement, batches, cancellation).ConfigureAwait(false);
        if (sets.Count > 0)
            statement.Parameters = sets;
    }

    /// <summary>Runs it for each set of parameters that comes, or that was bound, in one transaction.</summary>
    /// <returns>How many rows were changed.</returns>
    public static async ValueTask<long> UpdateAsync(PreparedHandle statement, FlightReader batches, CancellationToken cancellation)
    {
        IReadOnlyList<Column[]> given = await ReadAsync(statement, batches, cancellation).ConfigureAwait(false);
        if (given.Count > 0)
            statement.Parameters = given;
        else
            given = Sets(statement);
        return await statement.Session.RunAsync(async running =>
        {
            long rows = 0;
            foreach (Column[] set in given)
            {
                IStatementResult result = await running.BindAsync("", statement.Info.Name, set, cancellation).ConfigureAwait(false);
                rows += SessionStatements.RowsOf(await SessionStatements.DrainAsync(result, cancellation).ConfigureAwait(false));
            }
            return rows;
        }, cancellation).ConfigureAwait(false);
    }

    /// <exception cref="SqlException">08P01: it has parameters, and none were bound.</exception>
    public static IReadOnlyList<Column[]> Sets(PreparedHandle statement) => statement.Parameters.Count > 0
        ? statement.Parameters
        : throw new SqlException(SqlState.ProtocolViolation,
            $"no parameters were bound, but the prepared statement requires {statement.Info.ParameterTypes.Length}");

    private static async ValueTask<IReadOnlyList<Column[]>> ReadAsync(
        PreparedHandle statement, FlightReader batches, CancellationToken cancellation)
    {
        List<Column[]> sets = [];
        if (await batches.TryReadSchemaAsync().ConfigureAwait(false) is not { Fields.Count: > 0 })
        {
            while (await batches.NextAsync().ConfigureAwait(false) is not null)
            {
                // Rows without columns: a client's way to send none.
            }
            return sets;
        }
        FormatContext context = await statement.Session.RunAsync(
            static running => ValueTask.FromResult(running.Format), cancellation).ConfigureAwait(false);
        long bytes = 0;
        while (await batches.NextAsync().ConfigureAwait(false) is { } batch)
        {
            if (sets.Count + batch.RowCount > SetsMax)
                throw TooMany($"more than {SetsMax} sets of parameters");
            for (int row = 0; row < batch.RowCount; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                bytes += ArrowParameters.BytesOf(batch, row);
                if (bytes > SetBytesMax)
                    throw TooMany($"sets of parameters of more than {SetBytesMax} bytes");
                sets.Add(ArrowParameters.Read(batch, row, statement.Info.ParameterTypes, context));
            }
        }
        return sets;
    }

    private static SqlException TooMany(string message) =>
        new(SqlState.ProgramLimitExceeded, message, hint: "Put many rows in by CommandStatementIngest.");
}
