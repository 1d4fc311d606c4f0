using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using VecSQL.Flight.Http2.Hpack;

namespace VecSQL.Flight.Http2;

/// <summary>One side of a connection: reads frames and brings them to their streams, sends what streams have to send.</summary>
/// <remarks>
/// Source:  RFC 9113.
/// Memory:  a stream holds what its sink holds, whose credit bounds it. The connection as a whole is given credit at once, so that a stream that
///          nobody reads holds up no other.
/// Threads: one reads (<see cref="RunAsync"/>), any number sends. What the reader answers is posted: it never waits for the other side to read,
///          since two sides that wait for each other would wait for ever.
/// </remarks>
internal sealed class Http2Connection
{
    /// <summary>A frame that is sent is no longer, so that streams take turns.</summary>
    private const int FrameBytesMax = 1 << 20;

    private const int WindowMax = int.MaxValue;

    private const int ContinuationsMax = 128, UnreadBytes = 16 << 10;

    /// <summary>Streams at once on a connection whose other side has not said how many it takes.</summary>
    private const int StreamsMaxUnsaid = 100;

    private readonly Http2Settings _own;
    private readonly Func<IBodySink> _sinkOf;
    private readonly Func<Http2Stream, Task>? _serve;
    private readonly Stream _transport;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly HpackDecoder _decoder;
    private readonly HpackEncoder _encoder = new();
    private readonly ArrayBufferWriter<byte> _block = new(); // of who has the turn to send
    private readonly ArrayBufferWriter<byte> _received = new(); // of the reader
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Http2Settings _peer;
    private Exception? _failure, _told; // what the other side has said of the end
    private long _sendWindow = Http2Settings.WindowBytesUsual;
    private int _receivedBytes, _nextId = 1, _lastPeerId, _reserved, _serving;
    private bool _isLeaving;

    /// <param name="transport">Closed at the end.</param>
    /// <param name="sinkOf">Makes the sink of a stream's body.</param>
    /// <param name="serve">Answers a stream that the other side has opened; null at a client, whose server opens none.</param>
    public Http2Connection(Stream transport, Http2Settings own, Func<IBodySink> sinkOf, Func<Http2Stream, Task>? serve, TimeProvider time)
    {
        (_transport, _own, _sinkOf, _serve, _time) = (transport, own, sinkOf, serve, time);
        _peer = new Http2Settings { StreamsMax = StreamsMaxUnsaid };
        _reader = new FrameReader(transport, time);
        _writer = new FrameWriter(transport, Fail);
        _decoder = new HpackDecoder(own.FieldBytesMax);
    }

    /// <summary>What clients begin with. Source: RFC 9113, 3.4.</summary>
    public static ReadOnlyMemory<byte> Preface { get; } = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    /// <summary>For a client that speaks HTTP/1.</summary>
    private static ReadOnlyMemory<byte> NotHttp2 { get; } =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 37\r\n\r\nThis port speaks gRPC, over HTTP/2.\r\n"u8.ToArray();

    /// <summary>Bytes of credit that are given at once.</summary>
    internal int CreditStep => Math.Max(1, _own.WindowBytes / 4);

    /// <summary>When something came last.</summary>
    public long LastByte => _reader.LastByte;

    /// <summary>Whether no stream is begun any more: the connection has ended, or one side leaves.</summary>
    public bool IsLeaving
    {
        get
        {
            lock (_gate)
                return _isLeaving || _failure is not null;
        }
    }

    private bool IsClient => _serve is null;

    /// <summary>Says what this side asks of the other. A client does it before all else, a server when a client has.</summary>
    public async ValueTask IntroduceAsync()
    {
        await _writer.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (IsClient)
                await _writer.PutAsync(Preface).ConfigureAwait(false);
            byte[] settings = _own.ToPayload(IsClient);
            await _writer.PutHeaderAsync(new FrameHeader(settings.Length, FrameType.Settings, FrameFlags.None, 0)).ConfigureAwait(false);
            await _writer.PutAsync(settings).ConfigureAwait(false);
            byte[] window = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(window, WindowMax - Http2Settings.WindowBytesUsual);
            await _writer.PutHeaderAsync(new FrameHeader(window.Length, FrameType.WindowUpdate, FrameFlags.None, 0)).ConfigureAwait(false);
            await _writer.PutAsync(window).ConfigureAwait(false);
            await _writer.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            _writer.Exit();
        }
    }

    /// <summary>Reads until the connection ends; what it serves has then ended, too.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (await BeginAsync().ConfigureAwait(false))
            {
                while (await _reader.NextAsync().ConfigureAwait(false) is { } frame)
                    await ReadAsync(frame).ConfigureAwait(false);
            }
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
        Http2Stream[] ended;
        lock (_gate)
        {
            if (_failure is not null)
                return;
            reason = _told ?? reason;
            _failure = reason;
            ended = [.. _streams.Values];
            _streams.Clear();
        }
        foreach (Http2Stream stream in ended)
            stream.Fail(reason);
        _transport.Dispose();
    }

    /// <summary>Asks whether the other side is still there.</summary>
    public void Ping() => _writer.Post(FrameType.Ping, FrameFlags.None, 0, stackalloc byte[8]);

    /// <summary>Takes no more streams. Those that run go on.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_isLeaving || _failure is not null)
                return;
            _isLeaving = true;
        }
        PostGoAway(Http2Error.None);
    }

    /// <summary>Returns when nothing is served any more; meant for one that leaves.</summary>
    public Task ServedAsync()
    {
        lock (_gate)
        {
            _isLeaving = true;
            if (_serving == 0)
                _idle.TrySetResult();
        }
        return _idle.Task;
    }

    /// <summary>Takes a place for a stream, which <see cref="OpenAsync"/> opens.</summary>
    /// <returns>False where there is none, or the connection takes no more.</returns>
    public bool TryReserve()
    {
        lock (_gate)
        {
            if (_isLeaving || _failure is not null || _nextId < 0 || _reserved + _streams.Count >= _peer.StreamsMax)
                return false;
            _reserved++;
            return true;
        }
    }

    /// <summary>Opens the stream that a place was taken for; its headers wait for the next flush.</summary>
    public async ValueTask<Http2Stream> OpenAsync(IEnumerable<HeaderField> fields, CancellationToken cancellation)
    {
        bool isReserved = true;
        try
        {
            await _writer.EnterAsync(cancellation).ConfigureAwait(false);
            try
            {
                Http2Stream stream;
                lock (_gate)
                {
                    (isReserved, _reserved) = (false, _reserved - 1);
                    if (_failure is { } failure)
                        throw new IOException(failure.Message, failure);
                    if (_isLeaving)
                        throw new Http2Exception(Http2Error.RefusedStream, "the server takes no more calls on the connection");
                    stream = new Http2Stream(this, _nextId, _sinkOf(), _peer.WindowBytes, _own.WindowBytes);
                    _nextId += 2;
                    _streams.Add(stream.Id, stream);
                }
                await PutHeadersAsync(stream.Id, fields, FrameFlags.None).ConfigureAwait(false);
                return stream;
            }
            finally
            {
                _writer.Exit();
            }
        }
        finally
        {
            if (isReserved)
            {
                lock (_gate)
                    _reserved--;
            }
        }
    }

    internal async ValueTask SendHeadersAsync(Http2Stream stream, IEnumerable<HeaderField> fields, bool isLast)
    {
        await _writer.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            stream.ThrowIfFailed();
            await PutHeadersAsync(stream.Id, fields, isLast ? FrameFlags.EndStream : FrameFlags.None).ConfigureAwait(false);
            if (isLast)
            {
                EndSending(stream);
                await _writer.FlushAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _writer.Exit();
        }
    }

    internal async ValueTask SendDataAsync(
        Http2Stream stream, ReadOnlyMemory<byte>[] pieces, long length, bool isLast, bool isFlushed, CancellationToken cancellation)
    {
        int piece = 0;
        ReadOnlyMemory<byte> rest = pieces.Length > 0 ? pieces[0] : default;
        do
        {
            int count = length == 0 ? 0 : await TakeWindowAsync(stream, length, cancellation).ConfigureAwait(false);
            await EnterForAsync(stream, count, cancellation).ConfigureAwait(false);
            try
            {
                length -= count;
                bool ends = isLast && length == 0;
                await _writer.PutHeaderAsync(new FrameHeader(
                    count, FrameType.Data, ends ? FrameFlags.EndStream : FrameFlags.None, stream.Id)).ConfigureAwait(false);
                while (count > 0)
                {
                    while (rest.IsEmpty)
                        rest = pieces[++piece];
                    ReadOnlyMemory<byte> put = rest.Length <= count ? rest : rest[..count];
                    await _writer.PutAsync(put).ConfigureAwait(false);
                    rest = rest[put.Length..];
                    count -= put.Length;
                }
                if (ends)
                    EndSending(stream);
                if (isFlushed && length == 0)
                    await _writer.FlushAsync().ConfigureAwait(false);
            }
            finally
            {
                _writer.Exit();
            }
        }
        while (length > 0);
    }

    internal async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await _writer.EnterAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _writer.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            _writer.Exit();
        }
    }

    internal void Credit(Http2Stream stream, long count)
    {
        lock (_gate)
        {
            if (_failure is not null || stream.Failure is not null)
                return;
            stream.ReceiveWindow += count;
        }
        _writer.Post(FrameType.WindowUpdate, stream.Id, (int)count);
    }

    internal void Reset(Http2Stream stream, Http2Error error) => Reset(stream, new Http2Exception(error, "the call was given up", stream.Id));

    private void Reset(Http2Stream stream, Http2Exception reason)
    {
        lock (_gate)
        {
            if (!_streams.Remove(stream.Id))
                return;
        }
        _writer.Post(FrameType.ResetStream, stream.Id, (int)reason.Error);
        stream.Fail(reason);
    }

    /// <summary>Begins the connection on both sides.</summary>
    /// <returns>False where the other side has not begun.</returns>
    private async ValueTask<bool> BeginAsync()
    {
        if (!IsClient)
        {
            ReadOnlyMemory<byte> begins = await _reader.PeekAsync(Preface.Length).ConfigureAwait(false);
            if (begins.IsEmpty)
                return false;
            if (!begins.Span.SequenceEqual(Preface.Span))
                throw new Http2Exception(Http2Error.Http11Required, "the connection does not begin as HTTP/2 does");
            await _reader.SkipAsync(Preface.Length).ConfigureAwait(false);
            await IntroduceAsync().ConfigureAwait(false);
        }
        FrameHeader first = await _reader.NextAsync().ConfigureAwait(false)
            ?? throw new IOException("the other side has closed the connection before it began");
        if (first.Type != FrameType.Settings || first.Has(FrameFlags.Ack))
            throw new Http2Exception(Http2Error.Protocol, "the first frame has no settings");
        await ReadAsync(first).ConfigureAwait(false);
        return true;
    }

    private async ValueTask ReadAsync(FrameHeader frame)
    {
        if (frame.Length > _own.FrameBytesMax)
            throw new Http2Exception(Http2Error.FrameSize, $"a frame of {frame.Length} bytes, where {_own.FrameBytesMax} are allowed");
        try
        {
            if (frame.Type == FrameType.Data)
                await ReadDataAsync(frame).ConfigureAwait(false);
            else if (frame.Type == FrameType.Headers)
                await ReadHeadersAsync(frame).ConfigureAwait(false);
            else if (frame.Type > FrameType.Continuation)
                await _reader.SkipAsync(frame.Length).ConfigureAwait(false); // of an extension that is not known
            else if (frame.Length > FrameReader.PayloadBytesMax)
                throw new Http2Exception(Http2Error.FrameSize, $"a frame of {frame.Length} bytes that is no body's");
            else
                Take(frame, (await _reader.ReadAsync(frame.Length).ConfigureAwait(false)).Span);
        }
        catch (Http2Exception wrong) when (wrong.StreamId != 0)
        {
            Http2Stream? stream;
            lock (_gate)
                stream = _streams.GetValueOrDefault(wrong.StreamId);
            if (stream is not null)
                Reset(stream, wrong);
            else
                _writer.Post(FrameType.ResetStream, wrong.StreamId, (int)wrong.Error);
        }
    }

    /// <summary>Takes a frame that is neither headers nor body.</summary>
    private void Take(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        bool isOfConnection = frame.Type is FrameType.Settings or FrameType.Ping or FrameType.GoAway;
        if (isOfConnection != (frame.StreamId == 0) && frame.Type != FrameType.WindowUpdate)
            throw new Http2Exception(Http2Error.Protocol, $"a frame of type {frame.Type} for stream {frame.StreamId}");
        switch (frame.Type)
        {
            case FrameType.Settings:
                TakeSettings(frame, payload);
                break;
            case FrameType.WindowUpdate:
                Require(payload.Length == sizeof(int), frame);
                TakeWindow(frame.StreamId, BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue);
                break;
            case FrameType.Ping:
                Require(payload.Length == sizeof(long), frame);
                if (!frame.Has(FrameFlags.Ack))
                    _writer.Post(FrameType.Ping, FrameFlags.Ack, 0, payload);
                break;
            case FrameType.ResetStream:
                Require(payload.Length == sizeof(int), frame);
                TakeReset(frame.StreamId, (Http2Error)BinaryPrimitives.ReadInt32BigEndian(payload));
                break;
            case FrameType.GoAway:
                Require(payload.Length >= 8, frame);
                TakeGoAway(BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue, (Http2Error)BinaryPrimitives.ReadInt32BigEndian(payload[4..]));
                break;
            case FrameType.Priority:
                Require(payload.Length == 5, frame);
                break; // RFC 9113, 5.3.2: it is not heeded
            default:
                throw new Http2Exception(Http2Error.Protocol, $"a frame of type {frame.Type} is out of place");
        }
    }

    private static void Require(bool isRight, FrameHeader frame)
    {
        if (!isRight)
            throw new Http2Exception(Http2Error.FrameSize, $"a frame of type {frame.Type} of {frame.Length} bytes");
    }

    private void TakeSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.Has(FrameFlags.Ack))
        {
            Require(payload.IsEmpty, frame);
            return;
        }
        lock (_gate)
        {
            Http2Settings before = _peer;
            _peer = before.With(payload);
            foreach (Http2Stream stream in _streams.Values)
                Widen(stream, (long)_peer.WindowBytes - before.WindowBytes, 0);
        }
        _writer.Post(FrameType.Settings, FrameFlags.Ack, 0, []);
    }

    private void TakeWindow(int streamId, int count)
    {
        if (count == 0)
            throw new Http2Exception(Http2Error.Protocol, "a window grows by nothing", streamId);
        lock (_gate)
        {
            if (streamId != 0)
            {
                if (FindOpen(streamId) is { } stream)
                    Widen(stream, count, streamId);
                return;
            }
            _sendWindow += count;
            if (_sendWindow > WindowMax)
                throw new Http2Exception(Http2Error.FlowControl, "the connection's window grows beyond what there can be");
            foreach (Http2Stream stream in _streams.Values)
                stream.WindowGrew.Set();
        }
    }

    /// <param name="culprit">The stream that ends where the window becomes too wide; 0 for the connection.</param>
    private static void Widen(Http2Stream stream, long count, int culprit)
    {
        stream.SendWindow += count;
        if (stream.SendWindow > WindowMax)
            throw new Http2Exception(Http2Error.FlowControl, "a stream's window grows beyond what there can be", culprit);
        stream.WindowGrew.Set();
    }

    private void TakeReset(int streamId, Http2Error error)
    {
        Http2Stream? stream;
        lock (_gate)
        {
            stream = FindOpen(streamId);
            _streams.Remove(streamId);
        }
        stream?.Fail(new Http2Exception(error, "the other side has given the call up", streamId));
    }

    private void TakeGoAway(int lastId, Http2Error error)
    {
        List<Http2Stream> refused = [];
        lock (_gate)
        {
            _isLeaving = true;
            if (error != Http2Error.None)
                _told = new Http2Exception(error, $"the other side has ended the connection: {error}");
            foreach (Http2Stream stream in _streams.Values)
            {
                if (IsClient && stream.Id > lastId)
                    refused.Add(stream);
            }
            foreach (Http2Stream stream in refused)
                _streams.Remove(stream.Id);
        }
        Http2Error told = error == Http2Error.None ? Http2Error.RefusedStream : error;
        foreach (Http2Stream stream in refused)
            stream.Fail(new Http2Exception(told, "the server takes no more calls on the connection", stream.Id));
    }

    private async ValueTask ReadDataAsync(FrameHeader frame)
    {
        int length = frame.Length, padding = 0;
        if (frame.Has(FrameFlags.Padded))
        {
            Require(length > 0, frame);
            padding = (await _reader.ReadAsync(1).ConfigureAwait(false)).Span[0];
            length -= 1 + padding;
            if (length < 0)
                throw new Http2Exception(Http2Error.Protocol, "a frame's padding is longer than the frame");
        }
        Http2Stream? stream;
        bool isTooMuch = false;
        lock (_gate)
        {
            stream = FindOpen(frame.StreamId);
            if (stream is not null && !stream.IsReceived)
            {
                isTooMuch = stream.ReceiveWindow < frame.Length;
                stream.ReceiveWindow -= frame.Length;
            }
        }
        CreditConnection(frame.Length);
        if (stream is null || stream.IsReceived || isTooMuch || stream.Headers is null)
        {
            await _reader.SkipAsync(length + padding).ConfigureAwait(false);
            if (stream is not null)
                throw new Http2Exception(isTooMuch ? Http2Error.FlowControl : Http2Error.StreamClosed, "a body that is not taken", stream.Id);
            return;
        }
        await _reader.ReadIntoAsync(stream.Sink, length).ConfigureAwait(false);
        await _reader.SkipAsync(padding).ConfigureAwait(false);
        if (frame.Length > length)
            stream.Credit(frame.Length - length);
        if (frame.Has(FrameFlags.EndStream))
            EndReceiving(stream);
    }

    /// <summary>The reader's own: what the connection as a whole has taken is given back in large steps.</summary>
    private void CreditConnection(int count)
    {
        _receivedBytes += count;
        if (_receivedBytes < WindowMax / 4)
            return;
        _writer.Post(FrameType.WindowUpdate, 0, _receivedBytes);
        _receivedBytes = 0;
    }

    private async ValueTask ReadHeadersAsync(FrameHeader frame)
    {
        await ReadBlockAsync(frame).ConfigureAwait(false);
        List<HeaderField>? fields = _decoder.Decode(_received.WrittenSpan);
        if (frame.StreamId == 0)
            throw new Http2Exception(Http2Error.Protocol, "headers for no stream");
        Http2Stream? stream;
        lock (_gate)
            stream = _streams.GetValueOrDefault(frame.StreamId);
        if (stream is null)
        {
            if (!IsClient)
                Accept(frame, fields);
            else if (frame.StreamId >= _nextId || (frame.StreamId & 1) == 0)
                throw new Http2Exception(Http2Error.Protocol, "headers for a stream that was not begun");
            return; // of a call that was given up
        }
        bool ends = frame.Has(FrameFlags.EndStream);
        if (stream.IsReceived || (!ends && stream.Headers is not null))
            throw new Http2Exception(stream.IsReceived ? Http2Error.StreamClosed : Http2Error.Protocol, "headers within a body", stream.Id);
        if (fields is null)
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "headers are longer than allowed", stream.Id);
        HeaderRules.Check(fields, stream.Headers is not null ? HeaderKind.Trailers : HeaderKind.Response, stream.Id);
        if (!ends && HeaderRules.IsInterim(fields))
            return;
        stream.Receive(fields);
        if (ends)
            EndReceiving(stream);
    }

    /// <summary>Reads a header block whole: nothing may come between its frames.</summary>
    private async ValueTask ReadBlockAsync(FrameHeader frame)
    {
        _received.ResetWrittenCount();
        FrameHeader part = frame;
        for (int parts = 0; ; parts++)
        {
            if (part.Length > FrameReader.PayloadBytesMax || parts > ContinuationsMax
                || _received.WrittenCount + part.Length > FrameReader.PayloadBytesMax)
            {
                throw new Http2Exception(Http2Error.EnhanceYourCalm, "a header block is longer than allowed");
            }
            ReadOnlyMemory<byte> payload = await _reader.ReadAsync(part.Length).ConfigureAwait(false);
            _received.Write(parts == 0 ? HeaderRules.BlockOf(part, payload.Span) : payload.Span);
            if (part.Has(FrameFlags.EndHeaders))
                return;
            part = await _reader.NextAsync().ConfigureAwait(false) ?? throw new IOException("the other side has closed the connection");
            if (part.Type != FrameType.Continuation || part.StreamId != frame.StreamId || part.Length > _own.FrameBytesMax)
                throw new Http2Exception(Http2Error.Protocol, "a header block is not gone on with");
        }
    }

    /// <summary>Begins to serve a stream that the client has opened.</summary>
    private void Accept(FrameHeader frame, List<HeaderField>? fields)
    {
        Http2Stream stream;
        lock (_gate)
        {
            if ((frame.StreamId & 1) == 0 || frame.StreamId <= _lastPeerId)
                throw new Http2Exception(Http2Error.StreamClosed, $"headers for stream {frame.StreamId}, which has ended or cannot be");
            if (_isLeaving)
                return; // the client was told which it may try again
            _lastPeerId = frame.StreamId;
            // Those that were given up run on for a while: to give up and begin anew must not gain anybody any number of them.
            if (_streams.Count >= _own.StreamsMax || _serving >= 2L * _own.StreamsMax)
                throw new Http2Exception(Http2Error.RefusedStream, "too many calls at once", frame.StreamId);
            if (fields is null)
                throw new Http2Exception(Http2Error.EnhanceYourCalm, "headers are longer than allowed", frame.StreamId);
            HeaderRules.Check(fields, HeaderKind.Request, frame.StreamId);
            stream = new Http2Stream(this, frame.StreamId, _sinkOf(), _peer.WindowBytes, _own.WindowBytes);
            _streams.Add(stream.Id, stream);
            _serving++;
        }
        stream.Receive(fields);
        if (frame.Has(FrameFlags.EndStream))
            EndReceiving(stream);
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Connection.ServeAsync(work.Stream), (Connection: this, Stream: stream), preferLocal: false);
    }

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
            Reset(stream, stream.IsSent ? Http2Error.None : Http2Error.Internal);
            lock (_gate)
            {
                _serving--;
                if (_serving == 0 && _isLeaving)
                    _idle.TrySetResult();
            }
        }
    }

    private void EndReceiving(Http2Stream stream)
    {
        stream.ReceiveEnd();
        ForgetEnded(stream);
    }

    private void EndSending(Http2Stream stream)
    {
        stream.MarkSent();
        ForgetEnded(stream);
    }

    private void ForgetEnded(Http2Stream stream)
    {
        lock (_gate)
        {
            if (stream.IsReceived && stream.IsSent)
                _streams.Remove(stream.Id);
        }
    }

    /// <summary>The stream, or null where it has ended; needs the lock.</summary>
    /// <exception cref="Http2Exception">It was never begun.</exception>
    private Http2Stream? FindOpen(int streamId)
    {
        if (_streams.TryGetValue(streamId, out Http2Stream? stream))
            return stream;
        bool isKnown = IsClient ? (streamId & 1) == 1 && streamId < _nextId : (streamId & 1) == 1 && streamId <= _lastPeerId;
        return isKnown ? null : throw new Http2Exception(Http2Error.Protocol, $"stream {streamId} was not begun");
    }

    /// <summary>Waits until the other side takes more of a stream, and says how much a frame may have.</summary>
    private async ValueTask<int> TakeWindowAsync(Http2Stream stream, long wanted, CancellationToken cancellation)
    {
        bool isFlushed = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            stream.ThrowIfFailed();
            lock (_gate)
            {
                long most = Math.Min(Math.Min(stream.SendWindow, _sendWindow), Math.Min(_peer.FrameBytesMax, FrameBytesMax));
                if (most > 0)
                {
                    int count = (int)Math.Min(most, wanted);
                    stream.SendWindow -= count;
                    _sendWindow -= count;
                    return count;
                }
            }
            if (!isFlushed)
                await FlushAsync(cancellation).ConfigureAwait(false); // the other side waits for what it has not
            isFlushed = true;
            await stream.WindowGrew.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the turn to send a part of a stream, whose window is given back where it comes to nothing.</summary>
    private async ValueTask EnterForAsync(Http2Stream stream, int count, CancellationToken cancellation)
    {
        bool isOurs = false;
        try
        {
            await _writer.EnterAsync(cancellation).ConfigureAwait(false);
            isOurs = true;
            stream.ThrowIfFailed();
        }
        catch
        {
            GiveBackWindow(stream, count);
            if (isOurs)
                _writer.Exit();
            throw;
        }
    }

    private void GiveBackWindow(Http2Stream stream, int count)
    {
        lock (_gate)
        {
            stream.SendWindow += count;
            _sendWindow += count;
            foreach (Http2Stream other in _streams.Values)
                other.WindowGrew.Set();
        }
    }

    /// <summary>Needs the turn.</summary>
    private async ValueTask PutHeadersAsync(int streamId, IEnumerable<HeaderField> fields, FrameFlags flags)
    {
        _block.ResetWrittenCount();
        _encoder.Encode(fields, _block);
        ReadOnlyMemory<byte> rest = _block.WrittenMemory;
        int most = Math.Min(_peer.FrameBytesMax, FrameBytesMax);
        FrameType type = FrameType.Headers;
        do
        {
            ReadOnlyMemory<byte> part = rest.Length <= most ? rest : rest[..most];
            rest = rest[part.Length..];
            FrameFlags ends = rest.IsEmpty ? FrameFlags.EndHeaders : FrameFlags.None;
            await _writer.PutHeaderAsync(new FrameHeader(part.Length, type, flags | ends, streamId)).ConfigureAwait(false);
            await _writer.PutAsync(part).ConfigureAwait(false);
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
        }
        while (!rest.IsEmpty);
    }

    private void PostGoAway(Http2Error error)
    {
        Span<byte> payload = stackalloc byte[8];
        lock (_gate)
            BinaryPrimitives.WriteInt32BigEndian(payload, _lastPeerId);
        BinaryPrimitives.WriteInt32BigEndian(payload[4..], (int)error);
        _writer.Post(FrameType.GoAway, FrameFlags.None, 0, payload);
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
                PostGoAway(broken.Error);
            await FlushAsync(patience.Token).ConfigureAwait(false);
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
