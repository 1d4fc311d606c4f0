using VecSQL.Core.Errors;

namespace VecSQL.Columnar.Columns;

/// <summary>Columns one after the other as a single one, each value copied once.</summary>
public static class Concatenation
{
    /// <summary>The rows of all pieces, which are of one physical type, in order. Values in a form of their own keep it where all pieces share it.</summary>
    /// <exception cref="SqlException">54000: the values' bytes together exceed what an array can hold.</exception>
    public static Column Of(PhysicalType type, IReadOnlyList<Column> pieces)
    {
        int length = 0;
        foreach (Column piece in pieces)
            length = checked(length + piece.Length);
        Bitmap validity = ValidityOf(pieces, length);
        return type switch
        {
            PhysicalType.Bool => new BoolColumn(new Bitmap(Bits(pieces, length), length), validity),
            PhysicalType.Int16 => Fixed<short>(pieces, length, validity),
            PhysicalType.Int32 => Fixed<int>(pieces, length, validity),
            PhysicalType.Int64 => Fixed<long>(pieces, length, validity),
            PhysicalType.Float32 => Fixed<float>(pieces, length, validity),
            PhysicalType.Float64 => Fixed<double>(pieces, length, validity),
            PhysicalType.Fixed16 => Fixed<Fixed16>(pieces, length, validity),
            PhysicalType.Binary => Binary(pieces, length, validity),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }

    private static Bitmap ValidityOf(IReadOnlyList<Column> pieces, int length)
    {
        ulong[]? words = null;
        int start = 0;
        foreach (Column piece in pieces)
        {
            if (piece.HasNulls && piece.Length > 0)
            {
                words ??= Bitmap.AllocateSet(length);
                for (int row = 0; row < piece.Length; row++)
                {
                    if (piece.IsNull(row))
                        Bitmap.Clear(words, start + row);
                }
            }
            start += piece.Length;
        }
        return words is null ? default : new Bitmap(words, length);
    }

    private static ulong[] Bits(IReadOnlyList<Column> pieces, int length)
    {
        ulong[] words = Bitmap.Allocate(Math.Max(length, 1));
        int start = 0;
        foreach (Column piece in pieces)
        {
            var values = (BoolColumn)piece;
            for (int row = 0; row < piece.Length; row++)
            {
                if (values[row])
                    Bitmap.Set(words, start + row);
            }
            start += piece.Length;
        }
        return words;
    }

    private static FixedColumn<T> Fixed<T>(IReadOnlyList<Column> pieces, int length, Bitmap validity) where T : unmanaged
    {
        T[] target = GC.AllocateUninitializedArray<T>(length);
        int start = 0;
        foreach (Column piece in pieces)
        {
            Span<T> place = target.AsSpan(start, piece.Length);
            ReadOnlySpan<T> values = ((FixedColumn<T>)piece).Values;
            if (piece.IsConstant && piece.Length > 0)
                place.Fill(values[0]);
            else
                values[..piece.Length].CopyTo(place);
            start += piece.Length;
        }
        return new FixedColumn<T>(target, validity);
    }

    private static BinaryColumn Binary(IReadOnlyList<Column> pieces, int length, Bitmap validity)
    {
        if (FormOf(pieces) is { } form && form.TryJoin(pieces, length) is { } joined)
            return new BinaryColumn(joined, length, validity);
        int[] starts = GC.AllocateUninitializedArray<int>(length), lengths = GC.AllocateUninitializedArray<int>(length);
        int row = 0;
        long used = 0;
        foreach (Column piece in pieces)
        {
            var values = (BinaryColumn)piece;
            ReadOnlySpan<int> sizes = values.Length == 0 ? [] : values.Lengths;
            for (int i = 0; i < piece.Length; i++, row++)
            {
                int size = piece.IsNull(i) ? 0 : sizes[i & piece.RowMask];
                (starts[row], lengths[row]) = ((int)used, size);
                used += size;
            }
        }
        if (used > Array.MaxLength)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded, "values are too large to be handled together")
            {
                Detail = $"{length} values of one column have {used} bytes; the limit is {Array.MaxLength}.",
            };
        }
        byte[] data = GC.AllocateUninitializedArray<byte>((int)used);
        row = 0;
        foreach (Column piece in pieces)
        {
            Copy((BinaryColumn)piece, data, starts.AsSpan(row, piece.Length), lengths.AsSpan(row, piece.Length));
            row += piece.Length;
        }
        return new BinaryColumn(ColumnBuffer.Wrap(data), ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths), length, validity);
    }

    private static void Copy(BinaryColumn source, Span<byte> target, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths)
    {
        if (lengths.IsEmpty)
            return;
        ReadOnlySpan<byte> data = source.Data;
        ReadOnlySpan<int> from = source.Starts;
        for (int row = 0; row < lengths.Length; row++)
            data.Slice(from[row & source.RowMask], lengths[row]).CopyTo(target[starts[row]..]);
    }

    /// <summary>The form of the first piece with values.</summary>
    private static ValueForm? FormOf(IReadOnlyList<Column> pieces)
    {
        foreach (Column piece in pieces)
        {
            if (piece.Length > 0 && !(piece.IsConstant && piece.IsNull(0)))
                return ((BinaryColumn)piece).Form;
        }
        return null;
    }
}
