using System.Buffers;
using System.Buffers.Binary;

namespace VecSQL.Catalog.Formats;

/// <summary>Writes the big-endian fields of binary forms, and short texts.</summary>
internal static class BufferWriting
{
    internal static void WriteByte(this IBufferWriter<byte> target, byte value)
    {
        target.GetSpan(1)[0] = value;
        target.Advance(1);
    }

    internal static void WriteInt16(this IBufferWriter<byte> target, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(target.GetSpan(2), value);
        target.Advance(2);
    }

    internal static void WriteInt32(this IBufferWriter<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(4), value);
        target.Advance(4);
    }

    internal static void WriteInt64(this IBufferWriter<byte> target, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(8), value);
        target.Advance(8);
    }

    /// <summary>Writes a number's decimal digits.</summary>
    internal static void WriteDecimal(this IBufferWriter<byte> target, long value)
    {
        value.TryFormat(target.GetSpan(20), out int written);
        target.Advance(written);
    }
}
