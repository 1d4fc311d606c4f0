using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>Asks a connection's other side whether it is still there when nothing comes, and ends the connection when it does not answer.</summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly Http2Connection _connection;
    private readonly GrpcLimits _limits;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _asked; // the last byte before it was asked

    public KeepAlive(Http2Connection connection, GrpcLimits limits, TimeProvider time)
    {
        (_connection, _limits, _time) = (connection, limits, time);
        TimeSpan period = (limits.KeepAliveDelay < limits.KeepAliveTimeout ? limits.KeepAliveDelay : limits.KeepAliveTimeout) / 2;
        _timer = time.CreateTimer(static self => ((KeepAlive)self!).Look(), this, period, period);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long last = _connection.LastByte;
        TimeSpan silent = _time.GetElapsedTime(last);
        if (silent >= _limits.KeepAliveDelay + _limits.KeepAliveTimeout)
        {
            _connection.Fail(new IOException("the other side does not answer any more"));
        }
        else if (silent >= _limits.KeepAliveDelay && _asked != last)
        {
            _asked = last;
            _connection.Ping();
        }
    }
}
