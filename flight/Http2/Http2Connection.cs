using System.Net.Sockets;

namespace VecSQL.Flight.Http2;

/// <summary>One side of a connection, from its first words to its last: what is open on it, what it says and what it hears.</summary>
/// <remarks>
/// Source:  RFC 9113, 3.4 and 5.4.
/// Shapes:  <see cref="Http2Receiver"/> reads frames, changes the <see cref="StreamTable"/> and has <see cref="Http2Sender"/> answer; streams send
///          through the sender, which asks the table how much. Neither knows the connection.
/// Threads: one reads (<see cref="RunAsync"/>), any number sends.
/// </remarks>
internal sealed class Http2Connection
{
    private const int UnreadBytes = 16 << 10;

    private readonly Stream _transport;
    private readonly Http2Settings _own;
    private readonly Func<Http2Stream, Task>? _serve;
    private readonly TimeProvider _time;
    private readonly StreamTable _streams;
    private readonly Http2Sender _sender;
    private readonly Http2Receiver _receiver;

    /// <param name="transport">Closed at the end.</param>
    /// <param name="sinkOf">Makes the sink of a stream's body.</param>
    /// <param name="serve">Answers a stream that the other side has opened; null at a client, whose server opens none.</param>
    public Http2Connection(Stream transport, Http2Settings own, Func<IBodySink> sinkOf, Func<Http2Stream, Task>? serve, TimeProvider time)
    {
        (_transport, _own, _serve, _time) = (transport, own, serve, time);
        _streams = new StreamTable(IsClient, own, (id, sendWindow) => new Http2Stream(_sender!, id, sinkOf(), sendWindow, own.WindowBytes));
        _sender = new Http2Sender(_streams, new FrameWriter(transport, Fail));
        _receiver = new Http2Receiver(new FrameReader(transport, time), own, _streams, _sender, IsClient ? null : Serve);
    }

    /// <summary>What clients begin with. Source: RFC 9113, 3.4.</summary>
    public static ReadOnlyMemory<byte> Preface { get; } = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    /// <summary>For a client that speaks HTTP/1.</summary>
    private static ReadOnlyMemory<byte> NotHttp2 { get; } =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 37\r\n\r\nThis port speaks gRPC, over HTTP/2.\r\n"u8.ToArray();

    /// <summary>When something came last.</summary>
    public long LastByte => _receiver.LastByte;

    /// <summary>Whether no stream is begun any more: the connection has ended, or one side leaves.</summary>
    public bool IsLeaving => _streams.IsLeaving;

    private bool IsClient => _serve is null;

    /// <summary>Says what this side asks of the other. A client does it before all else, a server when a client has.</summary>
    public ValueTask IntroduceAsync() => _sender.IntroduceAsync(IsClient ? Preface : default, _own.ToPayload(IsClient));

    /// <summary>Reads until the connection ends; what it serves has then ended, too.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
            Fail(new IOException("the other side has closed the connection"));
        }
        catch (Http2Exception broken)
        {
            await SayGoodbyeAsync(broken).ConfigureAwait(false);
            Fail(broken);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            Fail(gone);
        }
        finally
        {
            Fail(new IOException("the connection has ended")); // whatever ended it: nobody may wait for what will not come
        }
        await ServedAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the connection and all that runs on it.</summary>
    public void Fail(Exception reason)
    {
        if (_streams.TryFail(reason))
            _transport.Dispose();
    }

    /// <summary>Asks whether the other side is still there.</summary>
    public void Ping() => _sender.Ping();

    /// <summary>Takes no more streams. Those that run go on.</summary>
    public void Leave()
    {
        if (_streams.TryLeave())
            _sender.GoAway(Http2Error.None);
    }

    /// <summary>Returns when nothing is served any more; meant for one that leaves.</summary>
    public Task ServedAsync() => _streams.ServedAsync();

    /// <summary>Takes a place for a stream, which <see cref="OpenAsync"/> opens.</summary>
    /// <returns>False where there is none, or the connection takes no more.</returns>
    public bool TryReserve() => _streams.TryReserve();

    /// <summary>Opens the stream that a place was taken for; its headers wait for the next flush.</summary>
    public ValueTask<Http2Stream> OpenAsync(IEnumerable<HeaderField> fields, CancellationToken cancellation) => _sender.OpenAsync(fields, cancellation);

    private async ValueTask ReadAsync()
    {
        if (!IsClient)
        {
            if (!await _receiver.ReadPrefaceAsync(Preface).ConfigureAwait(false))
                return;
            await IntroduceAsync().ConfigureAwait(false);
        }
        await _receiver.RunAsync().ConfigureAwait(false);
    }

    private void Serve(Http2Stream stream) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Connection.ServeAsync(work.Stream), (Connection: this, Stream: stream), preferLocal: false);

    private async Task ServeAsync(Http2Stream stream)
    {
        try
        {
            if (_serve is { } serve)
                await serve(stream).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The client has gone.
        }
        finally
        {
            // Whoever still sends a request that was answered is told that nobody reads it. Source: RFC 9113, 8.1.
            stream.Reset(stream.IsSent ? Http2Error.None : Http2Error.Internal);
            _streams.EndServing();
        }
    }

    /// <summary>Tells the other side what it did wrong, for as long as it listens, in the protocol that it speaks.</summary>
    private async ValueTask SayGoodbyeAsync(Http2Exception broken)
    {
        try
        {
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(1), _time);
            if (broken.Error == Http2Error.Http11Required)
                await _transport.WriteAsync(NotHttp2, patience.Token).ConfigureAwait(false);
            else
                _sender.GoAway(broken.Error);
            await _sender.FlushAsync(patience.Token).ConfigureAwait(false);
            if (_transport is NetworkStream plain)
                plain.Socket.Shutdown(SocketShutdown.Send);
            byte[] unread = new byte[UnreadBytes]; // a connection that is closed with bytes unread takes back what it has said
            while (await _transport.ReadAsync(unread, patience.Token).ConfigureAwait(false) > 0)
                continue;
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It does not.
        }
    }
}
