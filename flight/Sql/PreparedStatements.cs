using Google.Protobuf;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Sql;

/// <summary>Prepared statements: made, given parameters, run, closed.</summary>
internal sealed class PreparedStatements(HandleTable handles)
{
    public async ValueTask<ActionCreatePreparedStatementResult> CreateAsync(FlightSession session, string sql, CancellationToken cancellation)
    {
        string name = session.NextName();
        return await session.RunAsync(async running =>
        {
            PreparedStatementInfo info = await running.PrepareAsync(name, sql, [], cancellation).ConfigureAwait(false);
            try
            {
                return new ActionCreatePreparedStatementResult
                {
                    DatasetSchema = info.Columns is { } columns ? SchemaBytes.Of(columns, running.Format) : ByteString.Empty,
                    ParameterSchema = info.ParameterTypes.IsEmpty
                        ? ByteString.Empty
                        : SchemaBytes.Of(ArrowParameters.SchemaOf(info.ParameterTypes, running.Format)),
                    PreparedStatementHandle = handles.Add(new PreparedHandle(session, info)),
                };
            }
            catch
            {
                await running.CloseStatementAsync(name).ConfigureAwait(false); // nobody could name it
                throw;
            }
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes parameters for the executions that follow.</summary>
    public static async ValueTask BindAsync(PreparedHandle statement, FlightReader batches, CancellationToken cancellation)
    {
        if (await ReadAsync(statement, batches, cancellation).ConfigureAwait(false) is { } sets)
            statement.Bind(sets);
    }

    /// <summary>Runs it for each set of parameters that comes, or that was bound, in one transaction.</summary>
    /// <returns>How many rows were changed.</returns>
    public static async ValueTask<long> UpdateAsync(PreparedHandle statement, FlightReader batches, CancellationToken cancellation)
    {
        ParameterSets sets = await ReadAsync(statement, batches, cancellation).ConfigureAwait(false) ?? statement.HoldParameters();
        try
        {
            return await statement.Session.RunAsync(async running =>
            {
                long rows = 0;
                foreach (Column[] set in sets.All)
                {
                    IStatementResult result = await running.BindAsync("", statement.Info.Name, set, cancellation).ConfigureAwait(false);
                    rows += SessionStatements.RowsOf(await SessionStatements.DrainAsync(result, cancellation).ConfigureAwait(false));
                }
                return rows;
            }, cancellation).ConfigureAwait(false);
        }
        finally
        {
            sets.Release();
        }
    }

    /// <returns>What the caller releases; null where no parameters came.</returns>
    private static async ValueTask<ParameterSets?> ReadAsync(PreparedHandle statement, FlightReader batches, CancellationToken cancellation)
    {
        ParameterSets sets = new(statement.Session);
        try
        {
            await ReadAsync(statement, batches, sets, cancellation).ConfigureAwait(false);
        }
        catch
        {
            sets.Release();
            throw;
        }
        if (sets.All.Count > 0)
            return sets;
        sets.Release();
        return null;
    }

    private static async ValueTask ReadAsync(
        PreparedHandle statement, FlightReader batches, ParameterSets sets, CancellationToken cancellation)
    {
        if (await batches.TryReadSchemaAsync().ConfigureAwait(false) is not { Fields.Count: > 0 })
        {
            while (await batches.NextAsync().ConfigureAwait(false) is not null)
            {
                // Rows without columns: a client's way to send none.
            }
            return;
        }
        FormatContext context = await statement.Session.RunAsync(
            static running => ValueTask.FromResult(running.Format), cancellation).ConfigureAwait(false);
        while (await batches.NextAsync().ConfigureAwait(false) is { } batch)
        {
            for (int row = 0; row < batch.RowCount; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                long least = ArrowParameters.BytesOf(batch, row);
                sets.Reserve(least);
                Column[] set = ArrowParameters.Read(batch, row, statement.Info.ParameterTypes, context);
                sets.Reserve(Math.Max(0, ArrowParameters.BytesOf(set) - least)); // vectors and arrays
                sets.Add(set);
            }
        }
    }
}
