using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>A statement's rows; it runs when they are asked for.</summary>
internal sealed class StatementRows : RowsHandle
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly string _sql;
    private bool _isDone;

    /// <exception cref="SqlException">53200: the session keeps too much already.</exception>
    public StatementRows(FlightSession session, string sql)
        : base(session)
    {
        _sql = sql;
        session.Keep(TextBytes);
    }

    public override bool IsDone => _isDone;

    private long TextBytes => sizeof(char) * (long)_sql.Length;

    protected override async ValueTask SendAsync(int part, GrpcCall call, ArrowStreamOptions options)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, _cancelled.Token);
        await Session.RunAsync(async running =>
        {
            if (_isDone)
                throw Gone(); // another call has read them while this one waited
            IStatementResult result = await running.BeginAsync(_sql, [], [], ended.Token).ConfigureAwait(false);
            IArrowStream stream = ArrowResult.Open(running, result, options);
            await using (stream.ConfigureAwait(false))
                await call.SendAsync(stream, ended.Token).ConfigureAwait(false);
            _isDone = true;
        }, ended.Token).ConfigureAwait(false);
    }

    public override void Cancel() => _cancelled.Cancel();

    protected override ValueTask CloseAsync()
    {
        Session.Forget(TextBytes);
        return default;
    }
}
