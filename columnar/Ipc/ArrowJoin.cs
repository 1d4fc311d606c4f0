using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Arrays one behind the other, copied.</summary>
internal static class ArrowJoin
{
    /// <summary>The values of both; null for types that are not joined: nested ones, views, large ones.</summary>
    internal static ArrowArray? Of(ArrowArray first, ArrowArray second)
    {
        ArrowType type = first.Type;
        int length = first.Length + second.Length, nullCount = first.NullCount + second.NullCount;
        ColumnBuffer validity = nullCount == 0 ? default : Bits(first, second, static (array, row) => !array.IsNull(row));
        if (type.IsVariable)
            return OfVariable(first, second, nullCount, validity);
        if (type.Kind == ArrowTypeKind.Bool)
        {
            return new ArrowArray(type, length, nullCount, [validity, Bits(first, second, static (array, row) =>
                (array.Buffers[1].Bytes[row >> 3] & (1 << (row & 7))) != 0)]);
        }
        if (type.WidthBytes == 0 || type.Kind is ArrowTypeKind.FixedSizeList or ArrowTypeKind.Dictionary)
            return null;
        byte[] values = new byte[(long)length * type.WidthBytes];
        first.Buffers[1].Bytes.CopyTo(values);
        second.Buffers[1].Bytes.CopyTo(values.AsSpan(first.Length * type.WidthBytes));
        return new ArrowArray(type, length, nullCount, [validity, ColumnBuffer.Wrap(values)]);
    }

    private static ArrowArray OfVariable(ArrowArray first, ArrowArray second, int nullCount, ColumnBuffer validity)
    {
        int[] offsets = new int[first.Length + second.Length + 1];
        ReadOnlySpan<int> left = first.Buffers[1].As<int>(), right = second.Buffers[1].As<int>();
        ReadOnlySpan<byte> leftData = first.Buffers[2].Bytes[left[0]..left[^1]], rightData = second.Buffers[2].Bytes[right[0]..right[^1]];
        for (int i = 0; i < first.Length; i++)
            offsets[i] = left[i] - left[0];
        for (int i = 0; i <= second.Length; i++)
            offsets[first.Length + i] = leftData.Length + right[i] - right[0];
        byte[] data = new byte[leftData.Length + rightData.Length];
        leftData.CopyTo(data);
        rightData.CopyTo(data.AsSpan(leftData.Length));
        return new ArrowArray(first.Type, first.Length + second.Length, nullCount,
            [validity, ColumnBuffer.Wrap(offsets), ColumnBuffer.Wrap(data)]);
    }

    private static ColumnBuffer Bits(ArrowArray first, ArrowArray second, Func<ArrowArray, int, bool> isSet)
    {
        ulong[] words = Bitmap.Allocate(first.Length + second.Length);
        for (int row = 0; row < first.Length; row++)
        {
            if (isSet(first, row))
                Bitmap.Set(words, row);
        }
        for (int row = 0; row < second.Length; row++)
        {
            if (isSet(second, row))
                Bitmap.Set(words, first.Length + row);
        }
        return ColumnBuffer.Wrap(words);
    }
}
