using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Flight.Http2.Hpack;

namespace VecSQL.Flight.Http2;

/// <summary>What a connection hears: checks each frame and brings it to its stream or the table, or answers it.</summary>
/// <remarks>
/// Source:  RFC 9113, 4 to 6 and 8.1.
/// Memory:  a stream holds what its sink holds, whose credit bounds it. The connection as a whole is given credit at once, so that a stream that
///          nobody reads holds up no other.
/// Threads: one, the connection's reader. What it answers is posted: it never waits for the other side to read, since two sides that wait for each
///          other would wait for ever.
/// </remarks>
/// <param name="own">What was asked of the other side.</param>
/// <param name="serve">Has a stream served that the other side has begun, and does not wait for it; null where it begins none.</param>
internal sealed class Http2Receiver(FrameReader reader, Http2Settings own, StreamTable streams, Http2Sender sender, Action<Http2Stream>? serve)
{
    private const int ContinuationsMax = 128;

    private readonly HpackDecoder _decoder = new(own.FieldBytesMax);
    private readonly ArrayBufferWriter<byte> _block = new();
    private int _uncredited; // bytes of the connection's window

    /// <summary>When something came last.</summary>
    public long LastByte => reader.LastByte;

    /// <summary>Reads what the other side begins with.</summary>
    /// <returns>False where it has not begun.</returns>
    public async ValueTask<bool> ReadPrefaceAsync(ReadOnlyMemory<byte> preface)
    {
        ReadOnlyMemory<byte> begins = await reader.PeekAsync(preface.Length).ConfigureAwait(false);
        if (begins.IsEmpty)
            return false;
        if (!begins.Span.SequenceEqual(preface.Span))
            throw new Http2Exception(Http2Error.Http11Required, "the connection does not begin as HTTP/2 does");
        await reader.SkipAsync(preface.Length).ConfigureAwait(false);
        return true;
    }

    /// <summary>Reads until the other side ends the connection.</summary>
    /// <exception cref="Http2Exception">It has broken the protocol.</exception>
    public async ValueTask RunAsync()
    {
        FrameHeader first = await reader.NextAsync().ConfigureAwait(false)
            ?? throw new IOException("the other side has closed the connection before it began");
        if (first.Type != FrameType.Settings || first.Has(FrameFlags.Ack))
            throw new Http2Exception(Http2Error.Protocol, "the first frame has no settings");
        await ReadAsync(first).ConfigureAwait(false);
        while (await reader.NextAsync().ConfigureAwait(false) is { } frame)
            await ReadAsync(frame).ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(FrameHeader frame)
    {
        if (frame.Length > own.FrameBytesMax)
            throw new Http2Exception(Http2Error.FrameSize, $"a frame of {frame.Length} bytes, where {own.FrameBytesMax} are allowed");
        try
        {
            if (frame.Type == FrameType.Data)
                await ReadDataAsync(frame).ConfigureAwait(false);
            else if (frame.Type == FrameType.Headers)
                await ReadHeadersAsync(frame).ConfigureAwait(false);
            else if (frame.Type > FrameType.Continuation)
                await reader.SkipAsync(frame.Length).ConfigureAwait(false); // of an extension that is not known
            else if (frame.Length > FrameReader.PayloadBytesMax)
                throw new Http2Exception(Http2Error.FrameSize, $"a frame of {frame.Length} bytes that is no body's");
            else
                Take(frame, (await reader.ReadAsync(frame.Length).ConfigureAwait(false)).Span);
        }
        catch (Http2Exception wrong) when (wrong.StreamId != 0)
        {
            if (streams.Find(wrong.StreamId) is { } stream)
                sender.Reset(stream, wrong);
            else
                sender.Refuse(wrong.StreamId, wrong.Error);
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
                    sender.AnswerPing(payload);
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
        streams.Heed(payload);
        sender.AnswerSettings();
    }

    private void TakeWindow(int streamId, int count)
    {
        if (count == 0)
            throw new Http2Exception(Http2Error.Protocol, "a window grows by nothing", streamId);
        streams.Widen(streamId, count);
    }

    private void TakeReset(int streamId, Http2Error error) =>
        streams.RemoveGivenUp(streamId)?.Fail(new Http2Exception(error, "the other side has given the call up", streamId));

    private void TakeGoAway(int lastId, Http2Error error)
    {
        Http2Exception? told = error == Http2Error.None ? null : new Http2Exception(error, $"the other side has ended the connection: {error}");
        foreach (Http2Stream stream in streams.RemoveRefused(lastId, told))
        {
            stream.Fail(new Http2Exception(
                told?.Error ?? Http2Error.RefusedStream, "the server takes no more calls on the connection", stream.Id));
        }
    }

    private async ValueTask ReadDataAsync(FrameHeader frame)
    {
        int length = frame.Length, padding = 0;
        if (frame.Has(FrameFlags.Padded))
        {
            Require(length > 0, frame);
            padding = (await reader.ReadAsync(1).ConfigureAwait(false)).Span[0];
            length -= 1 + padding;
            if (length < 0)
                throw new Http2Exception(Http2Error.Protocol, "a frame's padding is longer than the frame");
        }
        bool isAllowed = streams.TryReceive(frame.StreamId, frame.Length, out Http2Stream? stream);
        CreditConnection(frame.Length);
        if (stream is null || stream.IsReceived || !isAllowed || stream.Headers is null)
        {
            await reader.SkipAsync(length + padding).ConfigureAwait(false);
            if (stream is not null)
                throw new Http2Exception(isAllowed ? Http2Error.StreamClosed : Http2Error.FlowControl, "a body that is not taken", stream.Id);
            return;
        }
        await reader.ReadIntoAsync(stream.Sink, length).ConfigureAwait(false);
        await reader.SkipAsync(padding).ConfigureAwait(false);
        if (frame.Length > length)
            stream.Credit(frame.Length - length);
        if (frame.Has(FrameFlags.EndStream))
            End(stream);
    }

    /// <summary>What the connection as a whole has taken is given back in large steps.</summary>
    private void CreditConnection(int count)
    {
        _uncredited += count;
        if (_uncredited < Http2Settings.WindowBytesMax / 4)
            return;
        sender.CreditConnection(_uncredited);
        _uncredited = 0;
    }

    private async ValueTask ReadHeadersAsync(FrameHeader frame)
    {
        await ReadBlockAsync(frame).ConfigureAwait(false);
        List<HeaderField>? fields = _decoder.Decode(_block.WrittenSpan);
        if (frame.StreamId == 0)
            throw new Http2Exception(Http2Error.Protocol, "headers for no stream");
        Http2Stream? stream = streams.Find(frame.StreamId);
        bool ends = frame.Has(FrameFlags.EndStream);
        if (stream is null)
        {
            if (serve is not null)
                Accept(frame.StreamId, fields, ends, serve);
            else
                streams.RequireBegun(frame.StreamId); // a call that was given up
            return;
        }
        if (stream.IsReceived || (!ends && stream.Headers is not null))
            throw new Http2Exception(stream.IsReceived ? Http2Error.StreamClosed : Http2Error.Protocol, "headers within a body", stream.Id);
        HeaderRules.Check(fields, stream.Headers is not null ? HeaderKind.Trailers : HeaderKind.Response, stream.Id);
        if (!ends && HeaderRules.IsInterim(fields))
            return;
        stream.Receive(fields);
        if (ends)
            End(stream);
    }

    /// <summary>Reads a header block whole: nothing may come between its frames.</summary>
    private async ValueTask ReadBlockAsync(FrameHeader frame)
    {
        _block.ResetWrittenCount();
        FrameHeader part = frame;
        for (int parts = 0; ; parts++)
        {
            if (part.Length > FrameReader.PayloadBytesMax || parts > ContinuationsMax || _block.WrittenCount + part.Length > FrameReader.PayloadBytesMax)
                throw new Http2Exception(Http2Error.EnhanceYourCalm, "a header block is longer than allowed");
            ReadOnlyMemory<byte> payload = await reader.ReadAsync(part.Length).ConfigureAwait(false);
            _block.Write(parts == 0 ? HeaderRules.BlockOf(part, payload.Span) : payload.Span);
            if (part.Has(FrameFlags.EndHeaders))
                return;
            part = await reader.NextAsync().ConfigureAwait(false) ?? throw new IOException("the other side has closed the connection");
            if (part.Type != FrameType.Continuation || part.StreamId != frame.StreamId || part.Length > own.FrameBytesMax)
                throw new Http2Exception(Http2Error.Protocol, "a header block is not gone on with");
        }
    }

    /// <summary>Begins a stream that the client has begun.</summary>
    private void Accept(int streamId, List<HeaderField>? fields, bool ends, Action<Http2Stream> serve)
    {
        if (streams.Accept(streamId, fields) is not { } stream)
            return;
        if (ends)
            End(stream);
        serve(stream);
    }

    private void End(Http2Stream stream)
    {
        streams.EndReceiving(stream);
        stream.Sink.Complete();
    }
}
