using System.Buffers.Binary;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>A value of Utf8View or BinaryView.</summary>
/// <remarks>
/// Layout: int32 length; then up to 12 bytes of the value itself, or its first 4 bytes, the int32 number of a buffer and the int32 place in
///         it.
/// </remarks>
public static class ArrowView
{
    internal const int SizeBytes = 16, InlineBytesMax = 12;

    /// <summary>The value of a row of a checked array.</summary>
    public static ReadOnlySpan<byte> Read(ArrowArray array, int row) =>
        TryRead(array.Buffers[1].Bytes.Slice(row * SizeBytes, SizeBytes), array.Buffers, out ReadOnlySpan<byte> value)
            ? value
            : throw new InvalidOperationException("a view that was not checked");

    /// <param name="buffers">The array's: those of data begin with the third.</param>
    internal static bool TryRead(ReadOnlySpan<byte> view, IReadOnlyList<ColumnBuffer> buffers, out ReadOnlySpan<byte> value)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(view);
        value = default;
        if (length is >= 0 and <= InlineBytesMax)
        {
            value = view.Slice(sizeof(int), length);
            return true;
        }
        int number = BinaryPrimitives.ReadInt32LittleEndian(view[8..]), start = BinaryPrimitives.ReadInt32LittleEndian(view[12..]);
        if (length < 0 || (uint)number >= (uint)(buffers.Count - 2) || start < 0
            || start > buffers[2 + number].LengthBytes - length)
        {
            return false;
        }
        value = buffers[2 + number].Bytes.Slice(start, length);
        return true;
    }
}
