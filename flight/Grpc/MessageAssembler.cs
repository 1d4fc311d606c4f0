using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Grpc;

/// <summary>Makes messages of a body as it comes.</summary>
/// <remarks>
/// Layout:  compressed? byte · length uint32, big-endian · the message.
/// Memory:  a message's bytes are received where they stay. One of up to <see cref="AtOnceBytes"/> gets its buffer when its length is known; a longer
///          one's grows with what has come, so that a length alone takes no memory. While a whole message waits for its reader, what comes behind it
///          is not credited: one message and a window are held, no more.
/// Threads: one brings bytes, one reads.
/// </remarks>
internal sealed class MessageAssembler(int bytesMax) : IBodySink, IDisposable
{
    private const int PrefixBytes = 5, AtOnceBytes = 4 << 20, DroppedBytes = 16 << 10;

    private readonly Lock _gate = new();
    private readonly Queue<GrpcMessage> _whole = [];
    private readonly AutoResetSignal _changed = new();
    private readonly byte[] _prefix = new byte[PrefixBytes];
    private byte[]? _dropped; // where bytes go that nobody wants
    private Http2Stream? _stream;
    private byte[]? _buffer; // of the message that comes
    private int _filled, _length, _uncredited;
    private Exception? _failure; // comes behind the whole messages
    private bool _isComplete, _isUnread;

    private bool IsDropping => _failure is not null || _isUnread;

    public void Open(Http2Stream stream) => _stream = stream;

    public Memory<byte> Room()
    {
        if (IsDropping)
            return _dropped ??= new byte[DroppedBytes];
        if (_buffer is not { } buffer)
            return _prefix.AsMemory(_filled);
        if (_filled == buffer.Length)
            _buffer = buffer = Grown(buffer, _length);
        return buffer.AsMemory(_filled, Math.Min(_length, buffer.Length) - _filled);
    }

    public void Advance(int count)
    {
        if (IsDropping)
        {
            Drop(); // uncredited: the call is about to end
            return;
        }
        _filled += count;
        if (_buffer is null && _filled == PrefixBytes)
            Begin();
        else if (_buffer is not null && _filled == _length)
            Finish(_buffer);
        Credit(count);
    }

    public void Complete() => End(_filled == 0 && _buffer is null ? null : new GrpcException(GrpcStatusCode.Internal, "the last message is cut off"));

    public void Fail(Exception reason) => End(reason);

    /// <summary>The next message; null at the end.</summary>
    /// <exception cref="GrpcException">The bytes are no messages, or one is too long.</exception>
    /// <exception cref="IOException">The other side has given the call up, or has gone.</exception>
    public async ValueTask<GrpcMessage?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryTake(out GrpcMessage? message))
                return message;
            await _changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes no more; what comes is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isUnread = true; // the buffer of the message that comes is still written to
            while (_whole.TryDequeue(out GrpcMessage? message))
                message.Dispose();
        }
    }

    private bool TryTake(out GrpcMessage? message)
    {
        int credited = 0;
        lock (_gate)
        {
            if (!_whole.TryDequeue(out message))
            {
                return _failure switch
                {
                    GrpcException wrong => throw wrong,
                    { } gone => throw new IOException(gone.Message, gone),
                    null => _isComplete,
                };
            }
            if (_whole.Count == 0)
                (credited, _uncredited) = (_uncredited, 0);
        }
        if (credited > 0)
            _stream?.Credit(credited);
        return true;
    }

    private void Begin()
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
        if (_prefix[0] > 1)
            Fail(new GrpcException(GrpcStatusCode.Internal, $"a message begins with {_prefix[0]}, which is neither 0 nor 1"));
        else if (length > bytesMax)
            Fail(MessageCompression.TooLong(bytesMax));
        _filled = 0;
        if (_failure is not null)
            return;
        _length = (int)length;
        if (length == 0)
            Finish([]);
        else
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(_length, AtOnceBytes));
    }

    private void Finish(byte[] buffer)
    {
        GrpcMessage message = new(buffer, _length, isCompressed: _prefix[0] == 1);
        (_buffer, _filled) = (null, 0);
        lock (_gate)
        {
            if (!_isUnread)
                _whole.Enqueue(message);
        }
        _changed.Set();
    }

    private void Drop()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        (_buffer, _filled) = (null, 0);
    }

    private void Credit(int count)
    {
        lock (_gate)
        {
            _uncredited += count;
            if (_whole.Count > 0)
                return;
            (count, _uncredited) = (_uncredited, 0);
        }
        _stream?.Credit(count);
    }

    private void End(Exception? failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            _isComplete = true;
        }
        _changed.Set();
    }

    private static byte[] Grown(byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, buffer.Length * 2L));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
