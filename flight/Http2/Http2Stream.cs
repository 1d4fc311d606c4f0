namespace VecSQL.Flight.Http2;

/// <summary>One request and its answer on a connection: two bodies, one each way, with headers before and, where they end so, after.</summary>
/// <remarks>
/// Source:  RFC 9113, 5.
/// Threads: one sends and one reads at a time; the connection's reader brings what comes. The windows, and whether either side has ended, change
///          under the lock of the <see cref="StreamTable"/>; headers and trailers are the reader's to set; the failure is set once, by who took the
///          stream out of the table. The lock here guards what a failure cancels, and is taken under no other.
/// </remarks>
internal sealed class Http2Stream
{
    private readonly Http2Sender _sender;
    private readonly Lock _gate = new();
    private readonly AutoResetSignal _headersCame = new();
    private readonly int _creditStep; // bytes of credit that are given at once
    private CancellationTokenSource? _watching;
    private long _owed;

    /// <param name="sendWindow">What the other side takes of a stream at first.</param>
    /// <param name="receiveWindow">What this side does.</param>
    public Http2Stream(Http2Sender sender, int id, IBodySink sink, int sendWindow, int receiveWindow)
    {
        _sender = sender;
        _creditStep = Math.Max(1, receiveWindow / 4);
        Id = id;
        Sink = sink;
        Sink.Open(this);
        (SendWindow, ReceiveWindow) = (sendWindow, receiveWindow);
    }

    public int Id { get; }

    public IBodySink Sink { get; }

    /// <summary>What came before the body; null until it has.</summary>
    public IReadOnlyList<HeaderField>? Headers { get; private set; }

    /// <summary>What came after the body; empty until it has, and where nothing does.</summary>
    public IReadOnlyList<HeaderField> Trailers { get; private set; } = [];

    /// <summary>Why the stream was given up; null while it was not.</summary>
    public Exception? Failure { get; private set; }

    // What follows is the table's, which changes it under its lock.

    /// <summary>Whether all has come that will.</summary>
    public bool IsReceived { get; internal set; }

    /// <summary>Whether all was sent that will be.</summary>
    public bool IsSent { get; internal set; }

    /// <summary>Bytes that the other side still takes of this stream; below 0 after it has changed its mind.</summary>
    internal long SendWindow { get; set; }

    /// <summary>Bytes that the other side may still send.</summary>
    internal long ReceiveWindow { get; set; }

    /// <summary>Set when a window that was too small has grown, or the stream has ended.</summary>
    internal AutoResetSignal WindowGrew { get; } = new();

    /// <summary>Waits for what comes before the body.</summary>
    /// <exception cref="IOException">The stream was given up.</exception>
    public async ValueTask<IReadOnlyList<HeaderField>> ReadHeadersAsync(CancellationToken cancellation)
    {
        while (Headers is null)
        {
            cancellation.ThrowIfCancellationRequested();
            ThrowIfFailed();
            await _headersCame.WaitAsync(cancellation).ConfigureAwait(false);
        }
        return Headers;
    }

    /// <summary>Sends headers, before the body or after it; they wait for the next flush.</summary>
    /// <param name="isLast">Nothing follows: the headers are sent at once.</param>
    public ValueTask SendHeadersAsync(IEnumerable<HeaderField> fields, bool isLast) => _sender.SendHeadersAsync(this, fields, isLast);

    /// <summary>Sends bytes of the body; returns when they are on their way.</summary>
    /// <param name="length">Of all pieces.</param>
    /// <param name="isLast">Nothing follows.</param>
    /// <param name="isFlushed">Whether they go at once, rather than with what follows at once.</param>
    /// <exception cref="IOException">The stream was given up.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte>[] pieces, long length, bool isLast, bool isFlushed, CancellationToken cancellation) =>
        _sender.SendDataAsync(this, pieces, length, isLast, isFlushed, cancellation);

    /// <summary>Sends what waits for it.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation) => _sender.FlushAsync(cancellation);

    /// <summary>Says that bytes of the body have been used, so that as many more may come.</summary>
    public void Credit(int count)
    {
        if (Interlocked.Add(ref _owed, count) < _creditStep || IsReceived)
            return;
        long owed = Interlocked.Exchange(ref _owed, 0);
        if (owed > 0) // else who brings bytes and who uses them came here together
            _sender.Credit(this, owed);
    }

    /// <summary>Gives the stream up, unless it has ended.</summary>
    public void Reset(Http2Error error) => _sender.Reset(this, new Http2Exception(error, "the call was given up", Id));

    /// <summary>Has something cancelled when the other side, or the connection, gives the stream up.</summary>
    /// <param name="watching">Null for nothing any more: it may then be disposed of.</param>
    public void CancelWhenGivenUp(CancellationTokenSource? watching)
    {
        lock (_gate)
        {
            _watching = watching;
            if (Failure is not null)
                _ = watching?.CancelAsync();
        }
    }

    public void ThrowIfFailed()
    {
        if (Failure is { } failure)
            throw failure is Http2Exception told
                ? new Http2Exception(told.Error, told.Message, told.StreamId)
                : new IOException(failure.Message, failure);
    }

    /// <summary>Takes headers: the first before the body, later ones after it.</summary>
    internal void Receive(IReadOnlyList<HeaderField> fields)
    {
        if (Headers is null)
            Headers = fields;
        else
            Trailers = fields;
        _headersCame.Set();
    }

    internal void Fail(Exception reason)
    {
        bool isLate = IsReceived && IsSent;
        if (isLate || Failure is not null)
            return;
        Failure = reason;
        if (!IsReceived)
            Sink.Fail(reason);
        _headersCame.Set();
        WindowGrew.Set();
        lock (_gate)
            _ = _watching?.CancelAsync(); // what hangs on it is not for the connection's reader to wait for
    }
}
