using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Wire.Messages;

/// <summary>Builds backend messages in one buffer and sends them together.</summary>
/// <remarks>
/// Ownership: the buffer is rented while there is something to send and given back by <see cref="FlushAsync"/>, so that an idle
/// connection holds none. Not thread-safe; the connection locks around use from another session (notifications).
/// </remarks>
internal sealed class ReplyWriter(Stream output) : IBufferWriter<byte>
{
    private const int StartBytes = 4096;
    private byte[] _buffer = [];
    private int _used;
    private int _messageStart = -1;

    public int PendingBytes => _used;

    public ReadOnlySpan<byte> Pending => _buffer.AsSpan(0, _used);

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Room(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Room(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_used);
    }

    /// <summary>Begins a message; its length is written by <see cref="End"/>.</summary>
    public void Begin(char type)
    {
        Room(5);
        _messageStart = _used;
        _buffer[_used] = (byte)type;
        _used += 5;
    }

    public void End()
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_messageStart + 1), _used - _messageStart - 1);
        _messageStart = -1;
    }

    /// <summary>Drops a message begun and not ended, after an error in the middle of a row.</summary>
    public void Abandon()
    {
        if (_messageStart >= 0)
            _used = _messageStart;
        _messageStart = -1;
    }

    public void Byte(byte value)
    {
        Room(1);
        _buffer[_used++] = value;
    }

    public void Int16(int value)
    {
        Room(sizeof(short));
        BinaryPrimitives.WriteInt16BigEndian(_buffer.AsSpan(_used), (short)value);
        _used += sizeof(short);
    }

    public void Int32(int value)
    {
        Room(sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_used), value);
        _used += sizeof(int);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Room(value.Length);
        value.CopyTo(_buffer.AsSpan(_used));
        _used += value.Length;
    }

    /// <summary>A string and its closing zero; a zero inside would end it early and is left out.</summary>
    public void CString(string value)
    {
        int bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        Room(bytesMax);
        _used += Encoding.UTF8.GetBytes(value.Contains('\0') ? value.Replace("\0", "") : value, _buffer.AsSpan(_used));
        _buffer[_used++] = 0;
    }

    /// <summary>Leaves room for a value's length, to be filled by <see cref="EndValue"/>.</summary>
    public int BeginValue()
    {
        Room(sizeof(int));
        int mark = _used;
        _used += sizeof(int);
        return mark;
    }

    public void EndValue(int mark) =>
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(mark), _used - mark - sizeof(int));

    /// <summary>A whole message without a body.</summary>
    public void Empty(char type)
    {
        Begin(type);
        End();
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_used == 0)
            return;
        byte[] sent = _buffer;
        int count = _used;
        _buffer = [];
        _used = 0;
        try
        {
            await output.WriteAsync(sent.AsMemory(0, count), cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(sent);
        }
    }

    /// <summary>Forgets what has been built, which somebody else has sent.</summary>
    public void Clear()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _used = 0;
    }

    private void Room(int count)
    {
        if (_used + count <= _buffer.Length)
            return;
        byte[] grown = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(StartBytes, _buffer.Length * 2), checked(_used + count)));
        _buffer.AsSpan(0, _used).CopyTo(grown);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
