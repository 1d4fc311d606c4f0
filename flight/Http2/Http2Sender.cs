using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Flight.Http2.Hpack;

namespace VecSQL.Flight.Http2;

/// <summary>What a connection says: the headers and bodies of its streams, and short words about them and itself.</summary>
/// <remarks>
/// Source:  RFC 9113, 5.2, 6 and 8.1.
/// Threads: any. Headers and bodies are sent by who has the turn, to whom the header block is; short words are posted, and wait for nothing.
///          Windows are the table's, and are taken before the turn is asked for: who waits for the other side to take more holds up no other.
/// </remarks>
internal sealed class Http2Sender(StreamTable streams, FrameWriter writer)
{
    /// <summary>A frame that is sent is no longer, so that streams take turns.</summary>
    private const int FrameBytesMax = 1 << 20;

    private readonly HpackEncoder _encoder = new();
    private readonly ArrayBufferWriter<byte> _block = new();

    /// <summary>Says what a connection begins with.</summary>
    /// <param name="preface">A client's; empty for a server.</param>
    /// <param name="settings">What is asked of the other side.</param>
    public async ValueTask IntroduceAsync(ReadOnlyMemory<byte> preface, byte[] settings)
    {
        await writer.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await writer.PutAsync(preface).ConfigureAwait(false);
            await writer.PutHeaderAsync(new FrameHeader(settings.Length, FrameType.Settings, FrameFlags.None, 0)).ConfigureAwait(false);
            await writer.PutAsync(settings).ConfigureAwait(false);
            byte[] window = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(window, Http2Settings.WindowBytesMax - Http2Settings.WindowBytesUsual);
            await writer.PutHeaderAsync(new FrameHeader(window.Length, FrameType.WindowUpdate, FrameFlags.None, 0)).ConfigureAwait(false);
            await writer.PutAsync(window).ConfigureAwait(false);
            await writer.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            writer.Exit();
        }
    }

    /// <summary>Opens the stream that a place was taken for; its headers wait for the next flush.</summary>
    public async ValueTask<Http2Stream> OpenAsync(IEnumerable<HeaderField> fields, CancellationToken cancellation)
    {
        try
        {
            await writer.EnterAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            streams.GiveBackPlace();
            throw;
        }
        try
        {
            Http2Stream stream = streams.Open();
            await PutHeadersAsync(stream.Id, fields, FrameFlags.None).ConfigureAwait(false);
            return stream;
        }
        finally
        {
            writer.Exit();
        }
    }

    /// <summary>Sends headers, before a body or after it; they wait for the next flush, unless nothing follows.</summary>
    public async ValueTask SendHeadersAsync(Http2Stream stream, IEnumerable<HeaderField> fields, bool isLast)
    {
        await writer.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            stream.ThrowIfFailed();
            await PutHeadersAsync(stream.Id, fields, isLast ? FrameFlags.EndStream : FrameFlags.None).ConfigureAwait(false);
            if (isLast)
            {
                streams.EndSending(stream);
                await writer.FlushAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            writer.Exit();
        }
    }

    /// <summary>Sends bytes of a body as the other side takes them; returns when they are on their way.</summary>
    /// <param name="length">Of all pieces.</param>
    public async ValueTask SendDataAsync(
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
                await writer.PutHeaderAsync(new FrameHeader(
                    count, FrameType.Data, ends ? FrameFlags.EndStream : FrameFlags.None, stream.Id)).ConfigureAwait(false);
                while (count > 0)
                {
                    while (rest.IsEmpty)
                        rest = pieces[++piece];
                    ReadOnlyMemory<byte> put = rest.Length <= count ? rest : rest[..count];
                    await writer.PutAsync(put).ConfigureAwait(false);
                    rest = rest[put.Length..];
                    count -= put.Length;
                }
                if (ends)
                    streams.EndSending(stream);
                if (isFlushed && length == 0)
                    await writer.FlushAsync().ConfigureAwait(false);
            }
            finally
            {
                writer.Exit();
            }
        }
        while (length > 0);
    }

    /// <summary>Sends what waits for it, what was posted before included: it is on its way when this returns.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await writer.EnterAsync(cancellation).ConfigureAwait(false);
        try
        {
            await writer.FlushAllAsync().ConfigureAwait(false);
        }
        finally
        {
            writer.Exit();
        }
    }

    /// <summary>Lets the other side send so many bytes more of a stream.</summary>
    public void Credit(Http2Stream stream, long count)
    {
        if (streams.TryCredit(stream, count))
            writer.Post(FrameType.WindowUpdate, stream.Id, (int)count);
    }

    /// <summary>Lets the other side send so many bytes more of all streams together.</summary>
    public void CreditConnection(int count) => writer.Post(FrameType.WindowUpdate, 0, count);

    /// <summary>Gives a stream up, unless it has ended.</summary>
    public void Reset(Http2Stream stream, Http2Exception reason)
    {
        if (!streams.Remove(stream))
            return;
        writer.Post(FrameType.ResetStream, stream.Id, (int)reason.Error);
        stream.Fail(reason);
    }

    /// <summary>Says that a stream that is not open is given up.</summary>
    public void Refuse(int streamId, Http2Error error) => writer.Post(FrameType.ResetStream, streamId, (int)error);

    /// <summary>Asks whether the other side is still there.</summary>
    public void Ping() => writer.Post(FrameType.Ping, FrameFlags.None, 0, stackalloc byte[sizeof(long)]);

    /// <param name="asked">What the other side has asked with.</param>
    public void AnswerPing(ReadOnlySpan<byte> asked) => writer.Post(FrameType.Ping, FrameFlags.Ack, 0, asked);

    /// <summary>Says that the other side's settings are heeded.</summary>
    public void AnswerSettings() => writer.Post(FrameType.Settings, FrameFlags.Ack, 0, []);

    /// <summary>Says that no more streams are taken, and which was the last.</summary>
    public void GoAway(Http2Error error)
    {
        Span<byte> payload = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(payload, streams.LastPeerId);
        BinaryPrimitives.WriteInt32BigEndian(payload[sizeof(int)..], (int)error);
        writer.Post(FrameType.GoAway, FrameFlags.None, 0, payload);
    }

    /// <summary>Waits until the other side takes more of a stream, and says how much a frame may have.</summary>
    private async ValueTask<int> TakeWindowAsync(Http2Stream stream, long wanted, CancellationToken cancellation)
    {
        bool isFlushed = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            stream.ThrowIfFailed();
            int count = streams.TakeWindow(stream, Math.Min(wanted, FrameBytesMax));
            if (count > 0)
                return count;
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
            await writer.EnterAsync(cancellation).ConfigureAwait(false);
            isOurs = true;
            stream.ThrowIfFailed();
        }
        catch
        {
            streams.GiveBackWindow(stream, count);
            if (isOurs)
                writer.Exit();
            throw;
        }
    }

    /// <summary>Needs the turn.</summary>
    private async ValueTask PutHeadersAsync(int streamId, IEnumerable<HeaderField> fields, FrameFlags flags)
    {
        _block.ResetWrittenCount();
        _encoder.Encode(fields, _block);
        ReadOnlyMemory<byte> rest = _block.WrittenMemory;
        int most = Math.Min(streams.FrameBytesMax, FrameBytesMax);
        FrameType type = FrameType.Headers;
        do
        {
            ReadOnlyMemory<byte> part = rest.Length <= most ? rest : rest[..most];
            rest = rest[part.Length..];
            FrameFlags ends = rest.IsEmpty ? FrameFlags.EndHeaders : FrameFlags.None;
            await writer.PutHeaderAsync(new FrameHeader(part.Length, type, flags | ends, streamId)).ConfigureAwait(false);
            await writer.PutAsync(part).ConfigureAwait(false);
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
        }
        while (!rest.IsEmpty);
    }
}
