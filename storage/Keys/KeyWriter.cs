using System.Buffers.Binary;

namespace VecSQL.Storage.Keys;

/// <summary>Collects the bytes of one key.</summary>
public sealed class KeyWriter
{
    private byte[] _bytes = new byte[256];
    private int _count;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    public int Length => _count;

    public void Clear() => _count = 0;

    public void Byte(byte value)
    {
        Room(1);
        _bytes[_count++] = value;
    }

    public void UInt32(uint value)
    {
        Room(4);
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(_count), value);
        _count += 4;
    }

    public void UInt64(ulong value)
    {
        Room(8);
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(_count), value);
        _count += 8;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Room(value.Length);
        value.CopyTo(_bytes.AsSpan(_count));
        _count += value.Length;
    }

    /// <summary>Bytes with an end of their own.</summary>
    public void Escaped(ReadOnlySpan<byte> value)
    {
        Room((2 * value.Length) + 2);
        _count += OrderedKeyEncoder.WriteEscaped(value, _bytes.AsSpan(_count));
    }

    /// <summary>Turns the bits of everything from a place on.</summary>
    public void TurnFrom(int start)
    {
        for (int i = start; i < _count; i++)
            _bytes[i] = (byte)~_bytes[i];
    }

    private void Room(int count)
    {
        if (_count + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + count));
    }
}
