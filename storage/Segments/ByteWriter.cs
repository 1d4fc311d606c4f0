using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Storage.Segments;

/// <summary>Collects little-endian integers and texts.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[256];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal void Int16(short value) => BinaryPrimitives.WriteInt16LittleEndian(Room(2), value);

    internal void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(4), value);

    internal void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    internal void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    internal void Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, Room(length));
    }

    internal void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    private Span<byte> Room(int count)
    {
        int needed = checked(Length + count);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 2L)));
        Length = needed;
        return _bytes.AsSpan(needed - count, count);
    }
}
