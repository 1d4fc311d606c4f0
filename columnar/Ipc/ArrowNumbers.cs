using System.Runtime.InteropServices;

namespace VecSQL.Columnar.Ipc;

/// <summary>Integers of any width, one by one.</summary>
public static class ArrowNumbers
{
    /// <summary>The number of a row's value in the dictionary. One above int64 comes out negative.</summary>
    public static long Index(ArrowArray array, int row) => Read(array.Buffers[1].Bytes, array.Type.Index, row);

    /// <summary>An integer of an array of integers, dates or times. One above int64 comes out negative.</summary>
    public static long Integer(ArrowArray array, int row) => Read(array.Buffers[1].Bytes, array.Type.Kind, row);

    private static long Read(ReadOnlySpan<byte> bytes, ArrowTypeKind kind, int row) => kind switch
    {
        ArrowTypeKind.Int8 => (sbyte)bytes[row],
        ArrowTypeKind.UInt8 => bytes[row],
        ArrowTypeKind.Int16 => MemoryMarshal.Read<short>(bytes[(row * 2)..]),
        ArrowTypeKind.UInt16 => MemoryMarshal.Read<ushort>(bytes[(row * 2)..]),
        ArrowTypeKind.UInt32 => MemoryMarshal.Read<uint>(bytes[(row * 4)..]),
        ArrowTypeKind.Int32 or ArrowTypeKind.Date32 or ArrowTypeKind.Time32 or ArrowTypeKind.IntervalYearMonth =>
            MemoryMarshal.Read<int>(bytes[(row * 4)..]),
        _ => MemoryMarshal.Read<long>(bytes[(row * 8)..]),
    };
}
