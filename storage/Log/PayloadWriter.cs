using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VecSQL.Storage.Log;

/// <summary>Collects the bytes of a log record or manifest. Integers are LEB128 varints or little-endian.</summary>
internal sealed class PayloadWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];
    private int _length;

    public int Length => _length;

    /// <summary>Begins again; what <see cref="Written"/> gave before is overwritten.</summary>
    public void Clear() => _length = 0;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void WriteByte(byte value)
    {
        Room(1)[0] = value;
        _length++;
    }

    public void WriteVarint(ulong value)
    {
        Span<byte> target = Room(10);
        int count = 0;
        while (value >= 0x80)
        {
            target[count++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[count++] = (byte)value;
        _length += count;
    }

    public void WriteVarint(long value) => WriteVarint(checked((ulong)value));

    public void WriteSigned(long value) => WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);
        _length += 4;
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    /// <summary>The bytes alone; the reader knows how many.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    public void WriteRaw<T>(ReadOnlySpan<T> values) where T : unmanaged => WriteRaw(MemoryMarshal.AsBytes(values));

    /// <summary>A length, then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarint(bytes.Length);
        WriteRaw(bytes);
    }

    public void WriteText(string text) => WriteBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>Room for bytes that the caller writes; then <see cref="Advance"/>.</summary>
    public Span<byte> Room(int count)
    {
        int needed = checked(_length + count);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_bytes.Length * 2L, needed)));
        return _bytes.AsSpan(_length, count);
    }

    public void Advance(int count) => _length += count;
}
