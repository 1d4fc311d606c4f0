using VecSQL.Engine.Arrow;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Sql;

/// <summary>A table's rows in parts, which any connections read in any order; one snapshot for all of them.</summary>
internal sealed class ExportRows(FlightSession session, ITableExport export) : RowsHandle(session)
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly bool[] _isRead = new bool[export.Parts.Count];
    private int _readers;
    private bool _isClosed;

    public override bool IsDone => !Array.Exists(_isRead, static isRead => !isRead);

    /// <exception cref="GrpcException">NOT_FOUND: there is no such part, or no longer.</exception>
    protected override async ValueTask SendAsync(int part, GrpcCall call, ArrowStreamOptions options)
    {
        if (part < 0 || part >= _isRead.Length || !TryEnter())
            throw Gone();
        try
        {
            IArrowStream stream = export.Open(part, options);
            await using (stream.ConfigureAwait(false))
                await SendAsync(stream, call).ConfigureAwait(false);
            _isRead[part] = true;
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    public override void Cancel() => _cancelled.Cancel();

    protected override ValueTask CloseAsync()
    {
        lock (_isRead)
        {
            _isClosed = true;
            if (_readers > 0)
                return default; // the last one ends it
        }
        return export.DisposeAsync();
    }

    private async ValueTask SendAsync(IArrowStream stream, GrpcCall call)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, _cancelled.Token);
        await call.SendAsync(stream.SchemaMessage, ended.Token).ConfigureAwait(false);
        while (await stream.NextAsync(call.Cancellation).ConfigureAwait(false) is { } message)
        {
            await call.SendAsync(message, ended.Token).ConfigureAwait(false);
            LastUse = Session.Options.Time.GetTimestamp();
            Session.Touch();
        }
    }

    private bool TryEnter()
    {
        lock (_isRead)
        {
            if (_isClosed)
                return false;
            _readers++;
            return true;
        }
    }

    private ValueTask LeaveAsync()
    {
        lock (_isRead)
        {
            if (--_readers > 0 || !_isClosed)
                return default;
        }
        return export.DisposeAsync();
    }
}
