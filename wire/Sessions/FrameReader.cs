using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Wire.Messages;

namespace VecSQL.Wire.Sessions;

/// <summary>Cuts the client's bytes into messages.</summary>
/// <remarks>
/// Ownership: a message's body is valid until the next call. Memory: the buffer is rented when something has arrived and given back when
/// all of it has been taken; it grows with what arrives, so a client that announces a large message and sends nothing costs nothing.
/// </remarks>
internal sealed class FrameReader(Stream input, int bytesMax) : IDisposable
{
    /// <summary>Messages that carry no text of the user's are short; PostgreSQL's own limit.</summary>
    private const int SmallBytesMax = 10_000;

    /// <summary>Bytes asked for at once: few from a client that sends few, more from one that fills the buffer.</summary>
    private const int ReadBytesMin = 4 * 1024, ReadBytesMax = 128 * 1024;

    private const int HeaderBytes = 5;

    private byte[] _buffer = [];
    private int _start, _end, _readBytes = ReadBytesMin;

    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Whether the next message has arrived already: then replies need not be flushed yet.</summary>
    public bool HasMore => _end - _start >= HeaderBytes;

    /// <summary>The next message's type byte, with its body in <see cref="Body"/>; −1 when the client has gone.</summary>
    public async ValueTask<int> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryCut(out byte type))
                return type;
            if (!await FillAsync(cancellation).ConfigureAwait(false))
                return -1;
        }
    }

    /// <summary>Whether anything has arrived that was not taken.</summary>
    public bool HasBytes => _end > _start;

    /// <summary>The next message of a client that has not been let in, with its body in <see cref="Body"/>; false when it has gone.</summary>
    /// <param name="what">What the client was asked for, for the error.</param>
    /// <exception cref="ProtocolException">It is another one, which is not waited for, or too long.</exception>
    public async ValueTask<bool> NextPasswordAsync(string what, CancellationToken cancellation)
    {
        while (true)
        {
            if (HasBytes && _buffer[_start] != 'p')
                throw new ProtocolException($"expected {what} response, got message type {_buffer[_start]}");
            if (TryCut(out _))
                return true;
            if (!await FillAsync(cancellation).ConfigureAwait(false))
                return false;
        }
    }

    /// <summary>The next startup packet, which has a length and no type.</summary>
    public async ValueTask<bool> NextStartupAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryCutStartup())
                return true;
            if (!await FillAsync(cancellation).ConfigureAwait(false))
                return false;
        }
    }

    public void Dispose() => ReturnBuffer();

    private bool TryCut(out byte type)
    {
        type = 0;
        ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
        if (pending.Length < HeaderBytes)
            return false;
        type = pending[0];
        int length = BinaryPrimitives.ReadInt32BigEndian(pending[1..]);
        int lengthMax = type is (byte)'Q' or (byte)'P' or (byte)'B' or (byte)'d' or (byte)'F' ? bytesMax : SmallBytesMax;
        if (!IsKnown(type))
            throw new ProtocolException($"invalid frontend message type {type}");
        if (length < sizeof(int) || length > lengthMax)
            throw new ProtocolException("invalid message length");
        if (pending.Length < 1L + length)
            return false;
        Take(HeaderBytes, 1 + length);
        return true;
    }

    private bool TryCutStartup()
    {
        ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
        if (pending.Length < sizeof(int))
            return false;
        int length = BinaryPrimitives.ReadInt32BigEndian(pending);
        if (length is < 8 or > StartupMessage.BytesMax)
            throw new ProtocolException("invalid length of startup packet");
        if (pending.Length < length)
            return false;
        Take(sizeof(int), length);
        return true;
    }

    private static bool IsKnown(byte type) => "QPBEDCHSXdcfFp"u8.Contains(type);

    private void Take(int headerBytes, int length)
    {
        Body = _buffer.AsMemory(_start + headerBytes, length - headerBytes);
        _start += length;
    }

    /// <returns>False when the client has gone.</returns>
    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        Body = default;
        if (_start == _end)
        {
            ReturnBuffer();
            await input.ReadAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false); // waits, and takes nothing
        }
        MakeRoom();
        int room = _buffer.Length - _end;
        int count = await input.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += count;
        if (count == room)
            _readBytes = Math.Min(_readBytes * 2, ReadBytesMax);
        else if (count < _readBytes / 4)
            _readBytes = Math.Max(_readBytes / 2, ReadBytesMin);
        return count > 0;
    }

    /// <summary>Makes room behind what has arrived of a message, whose beginning moves to the front.</summary>
    private void MakeRoom()
    {
        int pending = _end - _start;
        if (pending > _buffer.Length / 2 || _buffer.Length < _readBytes)
        {
            byte[] grown = ArrayPool<byte>.Shared.Rent(checked(pending + Math.Max(pending, _readBytes)));
            _buffer.AsSpan(_start, pending).CopyTo(grown);
            ReturnBuffer();
            _buffer = grown;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, pending).CopyTo(_buffer);
        }
        (_start, _end) = (0, pending);
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }
}
