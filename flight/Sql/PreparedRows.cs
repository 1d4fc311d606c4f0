using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>A prepared statement's rows for each set of parameters, one after the other.</summary>
/// <param name="parameters">Taken over.</param>
internal sealed class PreparedRows(FlightSession session, string name, ParameterSets parameters) : RowsHandle(session)
{
    private readonly CancellationTokenSource _cancelled = new();
    private bool _isDone;

    public override bool IsDone => _isDone;

    protected override async ValueTask SendAsync(int part, GrpcCall call, ArrowStreamOptions options)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, _cancelled.Token);
        if (!parameters.TryHold())
            throw Gone();
        try
        {
            await Session.RunAsync(async running =>
            {
                if (_isDone)
                    throw Gone(); // another call has read them while this one waited
                for (int i = 0; i < parameters.All.Count; i++)
                {
                    IStatementResult result = await running.BindAsync("", name, parameters.All[i], ended.Token).ConfigureAwait(false);
                    IArrowStream stream = ArrowResult.Open(running, result, options);
                    await using (stream.ConfigureAwait(false))
                        await call.SendAsync(stream, ended.Token, withSchema: i == 0).ConfigureAwait(false);
                }
                _isDone = true;
            }, ended.Token).ConfigureAwait(false);
        }
        finally
        {
            parameters.Release();
        }
    }

    public override void Cancel() => _cancelled.Cancel();

    protected override ValueTask CloseAsync()
    {
        parameters.Release();
        return default;
    }
}
