using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>
/// Reads a sparsevec: dimensions int32, count int32, ascending 0-based indexes int32, values float32.
/// </summary>
public readonly ref struct SparseVector
{
    private const int HeaderBytes = 8;

    private readonly ReadOnlySpan<byte> _bytes;

    public SparseVector(ReadOnlySpan<byte> bytes)
    {
        Invariant.Holds(bytes.Length >= HeaderBytes);
        _bytes = bytes;
        Dimensions = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        Count = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        Invariant.Holds(bytes.Length == SizeOf(Count));
    }

    public int Dimensions { get; }

    /// <summary>How many elements are not zero.</summary>
    public int Count { get; }

    public ReadOnlySpan<int> Indexes => MemoryMarshal.Cast<byte, int>(_bytes.Slice(HeaderBytes, 4 * Count));

    public ReadOnlySpan<float> Values => MemoryMarshal.Cast<byte,
        float>(_bytes.Slice(HeaderBytes + (4 * Count), 4 * Count));

    /// <summary>Bytes of a sparsevec with so many non-zero elements.</summary>
    public static int SizeOf(int count) => HeaderBytes + (8 * count);

    /// <summary>Appends a sparsevec; indexes ascend and values are finite and not zero.</summary>
    public static void Append(BinaryColumnBuilder target, int dimensions, ReadOnlySpan<int> indexes,
        ReadOnlySpan<float> values)
    {
        int size = SizeOf(indexes.Length);
        Span<byte> bytes = target.Reserve(size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, dimensions);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], indexes.Length);
        MemoryMarshal.AsBytes(indexes).CopyTo(bytes[HeaderBytes..]);
        MemoryMarshal.AsBytes(values).CopyTo(bytes[(HeaderBytes + (4 * indexes.Length))..]);
        target.Commit(size);
    }
}
