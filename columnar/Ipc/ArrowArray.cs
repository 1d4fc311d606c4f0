using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Values of an Arrow type as the format lays them out: what writers take and readers give. Immutable.</summary>
/// <remarks>
/// Layout: buffers in the format's order, uncompressed: the validity first (empty where nothing is null), except of Null, which has
///         no buffers, and of unions, which begin with their type ids. Views have their data buffers behind the views.
/// Ownership: buffers are managed arrays or memory that they keep alive; nothing is copied.
/// Trust:  what a reader gave is checked: lengths, offsets, numbers of dictionaries, UTF-8. Who makes an array answers for it.
/// </remarks>
public sealed class ArrowArray
{
    private static readonly ArrowArray[] NoChildren = [];

    public ArrowArray(
        ArrowType type, int length, int nullCount, ColumnBuffer[] buffers, ArrowArray[]? children = null,
        ArrowArray? dictionary = null)
    {
        Type = type;
        Length = length;
        NullCount = nullCount;
        Buffers = buffers;
        Children = children ?? NoChildren;
        Dictionary = dictionary;
    }

    public ArrowType Type { get; }

    public int Length { get; }

    public int NullCount { get; }

    public IReadOnlyList<ColumnBuffer> Buffers { get; }

    public IReadOnlyList<ArrowArray> Children { get; }

    /// <summary>A dictionary's values; null for other types.</summary>
    public ArrowArray? Dictionary { get; }

    /// <summary>A set bit is a value; absent where nothing is null.</summary>
    public Bitmap Validity => NullCount == 0 || Length == 0 || Type.Kind is ArrowTypeKind.Null or ArrowTypeKind.Union
        ? default : new Bitmap(Buffers[0], Length);

    /// <summary>Bytes of all buffers, those of children among them, without the dictionary's.</summary>
    public long SizeBytes
    {
        get
        {
            long total = 0;
            foreach (ColumnBuffer buffer in Buffers)
                total += buffer.LengthBytes;
            foreach (ArrowArray child in Children)
                total += child.SizeBytes;
            return total;
        }
    }

    public bool IsNull(int row) => Type.Kind == ArrowTypeKind.Null
        || (NullCount > 0 && (Buffers[0].Bytes[row >> 3] & (1 << (row & 7))) == 0);

    /// <summary>The values of a type of fixed width, one after the other.</summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Buffers[1].Bytes);

    /// <summary>A column of nulls, which has no buffers.</summary>
    public static ArrowArray Nulls(int length) => new(new ArrowType(ArrowTypeKind.Null), length, length, []);
}
