using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Kernels;

/// <summary>Logic on whole words of bits.</summary>
public static class BitmapKernel
{
    /// <summary>The complement of a bitmap.</summary>
    public static Bitmap Not(Bitmap bits)
    {
        ReadOnlySpan<ulong> source = bits.Words;
        ulong[] words = new ulong[source.Length];
        for (int i = 0; i < words.Length; i++)
            words[i] = ~source[i];
        return new Bitmap(words, bits.Length);
    }

    /// <summary>Sets <c>target[rows[i]]</c> where <c>source[i]</c> is set.</summary>
    public static void Scatter(ReadOnlySpan<ulong> source, ReadOnlySpan<int> rows, Span<ulong> target)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            if ((source[i >> 6] & (1UL << (i & 63))) != 0)
                Bitmap.Set(target, rows[i]);
        }
    }
}
