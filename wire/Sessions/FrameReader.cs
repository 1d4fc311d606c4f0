using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using VecSQL.Wire.Messages;

namespace VecSQL.Wire.Sessions;

/// <summary>Cuts the client's bytes into messages.</summary>
/// <remarks>
/// Ownership: a message's body is valid until the next call. Memory: an incomplete message stays in the pipe's own blocks, so a
/// client that announces a large message and sends nothing costs nothing.
/// </remarks>
internal sealed class FrameReader(PipeReader input, int bytesMax) : IDisposable
{
    /// <summary>Messages that carry no text of the user's are short; PostgreSQL's own limit.</summary>
    private const int SmallBytesMax = 10_000;

    private byte[] _joined = [];
    private ReadOnlySequence<byte> _current;
    private bool _isHeld;

    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Whether the next message has arrived already: then replies need not be flushed yet.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The next message's type byte, with its body in <see cref="Body"/>; −1 when the client has gone.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up: by the token, or by the pipe's CancelPendingRead.</exception>
    public async ValueTask<int> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ReleaseHeld();
            ReadResult read = await input.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (read.IsCanceled)
            {
                input.AdvanceTo(buffer.Start);
                throw new OperationCanceledException("the session was ended from outside");
            }
            if (TryCut(buffer, out byte type, out ReadOnlySequence<byte> body, out SequencePosition end))
            {
                Body = Contiguous(body);
                _current = buffer.Slice(end);
                HasMore = _current.Length >= 5;
                _isHeld = true;
                return type;
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return -1;
        }
    }

    /// <summary>The next startup packet, which has a length and no type.</summary>
    public async ValueTask<bool> NextStartupAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ReleaseHeld();
            ReadResult read = await input.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (buffer.Length >= sizeof(int))
            {
                int length = ReadInt32(buffer);
                if (length is < 8 or > StartupMessage.BytesMax)
                    throw new ProtocolException("invalid length of startup packet");
                if (buffer.Length >= length)
                {
                    Body = Contiguous(buffer.Slice(sizeof(int), length - sizeof(int)));
                    _current = buffer.Slice(length);
                    _isHeld = true;
                    return true;
                }
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return false;
        }
    }

    public void Dispose()
    {
        ReleaseHeld();
        ReturnJoined();
    }

    private bool TryCut(
        in ReadOnlySequence<byte> buffer, out byte type, out ReadOnlySequence<byte> body, out SequencePosition end)
    {
        body = default;
        end = default;
        type = 0;
        if (buffer.Length < 5)
            return false;
        type = buffer.FirstSpan[0];
        int length = ReadInt32(buffer.Slice(1));
        int lengthMax = type is (byte)'Q' or (byte)'P' or (byte)'B' or (byte)'d' or (byte)'F' ? bytesMax : SmallBytesMax;
        if (!IsKnown(type))
            throw new ProtocolException($"invalid frontend message type {type}");
        if (length < sizeof(int) || length > lengthMax)
            throw new ProtocolException("invalid message length");
        if (buffer.Length < 1L + length)
            return false;
        body = buffer.Slice(5, length - sizeof(int));
        end = buffer.GetPosition(1 + length);
        return true;
    }

    private static bool IsKnown(byte type) => "QPBEDCHSXdcfFp"u8.Contains(type);

    private static int ReadInt32(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.FirstSpan.Length >= sizeof(int))
            return BinaryPrimitives.ReadInt32BigEndian(bytes.FirstSpan);
        Span<byte> joined = stackalloc byte[sizeof(int)];
        bytes.Slice(0, sizeof(int)).CopyTo(joined);
        return BinaryPrimitives.ReadInt32BigEndian(joined);
    }

    private ReadOnlyMemory<byte> Contiguous(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
            return bytes.First;
        int length = checked((int)bytes.Length);
        if (_joined.Length < length)
        {
            ReturnJoined();
            _joined = ArrayPool<byte>.Shared.Rent(length);
        }
        bytes.CopyTo(_joined);
        return _joined.AsMemory(0, length);
    }

    private void ReleaseHeld()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        Body = default;
        input.AdvanceTo(_current.Start);
        _current = default;
        HasMore = false;
        if (_joined.Length > 64 * 1024)
            ReturnJoined(); // one large message must not keep its buffer for the connection's life
    }

    private void ReturnJoined()
    {
        if (_joined.Length > 0)
            ArrayPool<byte>.Shared.Return(_joined);
        _joined = [];
    }
}
