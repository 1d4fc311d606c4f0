using System.Collections.Immutable;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Sql;

/// <summary>What is done with a session's statements time and again.</summary>
internal static class SessionStatements
{
    /// <summary>Begins a statement. One without parameters is planned when it runs, so that no other's definition can come between.</summary>
    public static async ValueTask<IStatementResult> BeginAsync(
        this ISqlSession session, string sql, ImmutableArray<uint> types, Column[] parameters, CancellationToken cancellation)
    {
        if (parameters.Length == 0 && session.ParseScript(sql) is { Count: > 0 } script)
        {
            return script is [var single]
                ? await session.RunAsync(single, cancellation).ConfigureAwait(false)
                : throw new SqlException(SqlState.SyntaxError, "cannot run multiple commands as one statement");
        }
        await session.PrepareAsync("", sql, types, cancellation).ConfigureAwait(false);
        return await session.BindAsync("", "", parameters, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs a statement to its end.</summary>
    /// <returns>Its command tag.</returns>
    public static async ValueTask<string> ExecuteAsync(this ISqlSession session, string sql, CancellationToken cancellation)
    {
        IStatementResult result = await session.BeginAsync(sql, [], [], cancellation).ConfigureAwait(false);
        return await DrainAsync(result, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs it to its end, whatever rows it has.</summary>
    /// <returns>Its command tag.</returns>
    public static async ValueTask<string> DrainAsync(IStatementResult result, CancellationToken cancellation)
    {
        await using (result.ConfigureAwait(false))
        {
            if (result.CopyIn is not null || result.CopyOut is not null)
            {
                throw new SqlException(SqlState.FeatureNotSupported, "COPY from STDIN or to STDOUT has no place in Flight",
                    hint: "Put rows in by DoPut with CommandStatementIngest, and get them out by a query.");
            }
            while (await result.NextAsync(0, cancellation).ConfigureAwait(false) is not null)
            {
                // Nobody has asked for rows.
            }
            return result.CommandTag;
        }
    }

    /// <summary>Rows that a statement has changed, by its tag; 0 for those that change none.</summary>
    public static long RowsOf(string tag) => long.TryParse(tag.AsSpan(tag.LastIndexOf(' ') + 1), out long count) ? count : 0;

    /// <summary>Sends a stream's messages; the schema's only where it has not gone out before.</summary>
    /// <param name="ended">Cancelled with the call, or when somebody else ends the rows.</param>
    public static async ValueTask SendAsync(this GrpcCall call, IArrowStream stream, CancellationToken ended, bool withSchema = true)
    {
        if (withSchema)
            await call.SendAsync(stream.SchemaMessage, ended).ConfigureAwait(false);
        while (await stream.NextAsync(call.Cancellation).ConfigureAwait(false) is { } message)
            await call.SendAsync(message, ended).ConfigureAwait(false);
    }

    /// <summary>Sends one message of rows.</summary>
    /// <exception cref="GrpcException">CANCELLED: somebody else has ended the rows, also while the client took nothing.</exception>
    public static async ValueTask SendAsync(this GrpcCall call, IpcMessage message, CancellationToken ended)
    {
        try
        {
            await call.WriteAsync(FlightFrame.Write(message), ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.Cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Cancelled, "the rows were cancelled");
        }
    }
}
