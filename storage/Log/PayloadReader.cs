using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Storage.Log;

/// <summary>Reads what <see cref="PayloadWriter"/> wrote, trusting nothing.</summary>
/// <remarks>Errors: <see cref="InvalidDataException"/> for every way in which the bytes may be wrong; the caller adds
/// the place.</remarks>
internal ref struct PayloadReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public readonly int Remaining => _bytes.Length - Offset;

    public readonly bool IsAtEnd => Remaining == 0;

    public byte ReadByte() => ReadRaw(1)[0];

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = ReadByte();
            if (shift == 63 && next > 1)
                throw new InvalidDataException("a number has more than 64 bits");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    public long ReadInt64()
    {
        ulong value = ReadVarint();
        return value <= long.MaxValue
            ? (long)value : throw new InvalidDataException($"the number {value} is too large");
    }

    public int ReadInt32()
    {
        ulong value = ReadVarint();
        return value <= int.MaxValue ? (int)value : throw new InvalidDataException($"the number {value} is too large");
    }

    public uint ReadOid()
    {
        ulong value = ReadVarint();
        return value <= uint.MaxValue ? (uint)value : throw new InvalidDataException($"{value} is not an object id");
    }

    public long ReadSigned()
    {
        ulong value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>How many items follow, each of at least the given size; more than can follow is an error.</summary>
    public int ReadCount(int itemBytesMin)
    {
        ulong count = ReadVarint();
        if (count > (ulong)(Remaining / Math.Max(itemBytesMin, 1)))
            throw new InvalidDataException($"{count} items do not fit into {Remaining} bytes");
        return (int)count;
    }

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadRaw(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadRaw(8));

    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if ((uint)count > (uint)Remaining)
            throw new InvalidDataException($"{count} bytes wanted and {Remaining} there");
        ReadOnlySpan<byte> bytes = _bytes.Slice(Offset, count);
        Offset += count;
        return bytes;
    }

    public ReadOnlySpan<byte> ReadBytes() => ReadRaw(ReadCount(1));

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());
}
