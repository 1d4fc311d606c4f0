using System.Buffers;
using System.Buffers.Binary;

namespace VecSQL.Flight.Http2;

/// <summary>Puts frames on a connection, each of them whole.</summary>
/// <remarks>
/// Memory:  small frames gather in one buffer until they are flushed; large pieces of a body are sent from where they lie. Frames that are posted
///          wait in a buffer of their own, which is bounded: a side that asks for answers and reads none loses its connection.
/// Threads: any. One has the turn at a time, in the order in which they ask for it. What is posted never waits: who has the turn sends it.
/// </remarks>
internal sealed class FrameWriter(Stream target, Action<Exception> broken)
{
    private const int StagedBytes = 64 << 10, PostedBytesMax = 1 << 20;

    /// <summary>From so many bytes on, a piece costs less as a write of its own than as a copy.</summary>
    private const int DirectBytes = 24 << 10;

    private readonly Turn _turn = new();
    private readonly Lock _gate = new();
    private byte[] _staged = []; // none while nothing gathers
    private ArrayBufferWriter<byte> _posted = new(), _sending = new();
    private int _filled;

    /// <summary>Waits for the turn; <see cref="Exit"/> gives it on.</summary>
    public ValueTask EnterAsync(CancellationToken cancellation) => _turn.EnterAsync(cancellation);

    public void Exit()
    {
        _turn.Exit();
        SendPosted();
    }

    /// <summary>Sends a short frame as soon as may be.</summary>
    public void Post(FrameType type, FrameFlags flags, int streamId, ReadOnlySpan<byte> payload)
    {
        bool isOverfull;
        lock (_gate)
        {
            isOverfull = _posted.WrittenCount > PostedBytesMax;
            new FrameHeader(payload.Length, type, flags, streamId).Write(_posted.GetSpan(FrameHeader.Bytes));
            _posted.Advance(FrameHeader.Bytes);
            _posted.Write(payload);
        }
        if (isOverfull)
            broken(new Http2Exception(Http2Error.EnhanceYourCalm, "the other side asks for more answers than it reads"));
        else
            SendPosted();
    }

    /// <summary>Posts a frame of one number.</summary>
    public void Post(FrameType type, int streamId, int value)
    {
        Span<byte> payload = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(payload, value);
        Post(type, FrameFlags.None, streamId, payload);
    }

    /// <summary>Begins a frame, whose payload the next calls of <see cref="PutAsync"/> are; needs the turn.</summary>
    public async ValueTask PutHeaderAsync(FrameHeader header)
    {
        if (StagedBytes - _filled < FrameHeader.Bytes)
            await FlushAsync().ConfigureAwait(false);
        Stage();
        header.Write(_staged.AsSpan(_filled));
        _filled += FrameHeader.Bytes;
    }

    /// <summary>Needs the turn. The bytes are used no more when it returns.</summary>
    public async ValueTask PutAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length >= DirectBytes)
        {
            await FlushAsync().ConfigureAwait(false);
            await WriteAsync(bytes).ConfigureAwait(false);
            return;
        }
        while (!bytes.IsEmpty)
        {
            if (_filled == StagedBytes)
                await FlushAsync().ConfigureAwait(false);
            Stage();
            int count = Math.Min(bytes.Length, StagedBytes - _filled);
            bytes.Span[..count].CopyTo(_staged.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Sends what has gathered; needs the turn.</summary>
    public async ValueTask FlushAsync()
    {
        if (_filled == 0)
            return;
        (byte[] staged, int filled) = (_staged, _filled);
        (_staged, _filled) = ([], 0);
        await WriteAsync(staged.AsMemory(0, filled)).ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(staged);
    }

    /// <summary>Sends what has gathered, and what was posted by then; between frames, and needs the turn.</summary>
    public async ValueTask FlushAllAsync()
    {
        while (HasPosted())
        {
            lock (_gate)
                (_posted, _sending) = (_sending, _posted);
            await PutAsync(_sending.WrittenMemory).ConfigureAwait(false);
            _sending.ResetWrittenCount();
        }
        await FlushAsync().ConfigureAwait(false);
    }

    private void Stage()
    {
        if (_staged.Length == 0)
            _staged = ArrayPool<byte>.Shared.Rent(StagedBytes);
    }

    private bool HasPosted()
    {
        lock (_gate)
            return _posted.WrittenCount > 0;
    }

    private void SendPosted()
    {
        if (HasPosted() && _turn.TryEnter())
            _ = SendPostedAsync();
    }

    private async Task SendPostedAsync()
    {
        try
        {
            await FlushAllAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Whoever waits for the connection has been told.
        }
        finally
        {
            Exit();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await target.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is IOException or ObjectDisposedException or InvalidOperationException)
        {
            IOException gone = failed as IOException ?? new IOException("the connection was closed", failed);
            broken(gone);
            throw gone;
        }
    }
}
