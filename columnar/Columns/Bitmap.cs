using System.Numerics;

namespace VecSQL.Columnar.Columns;

/// <summary>Bits of a column, least significant first; bit 0 belongs to row 0. Used for validity and for booleans.</summary>
/// <remarks>
/// Layout: whole 64-bit words, so the buffer is at least ceil(length / 64) · 8 bytes; bits beyond the length are unspecified.
/// </remarks>
public readonly struct Bitmap
{
    private readonly ColumnBuffer _words;

    public Bitmap(ColumnBuffer words, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(words.LengthBytes, WordCount(length) * sizeof(ulong));
        _words = words;
        Length = length;
    }

    public Bitmap(ulong[] words, int length) : this(ColumnBuffer.Wrap(words), length)
    {
    }

    /// <summary>How many bits; 0 with <see cref="IsAbsent"/> for "no bitmap".</summary>
    public int Length { get; }

    /// <summary>True for <c>default</c>: as validity, no row is null.</summary>
    public bool IsAbsent => _words.IsEmpty;

    public ReadOnlySpan<ulong> Words => _words.As<ulong>()[..WordCount(Length)];

    public bool this[int index] => (_words.As<ulong>()[index >> 6] & (1UL << (index & 63))) != 0;

    public static int WordCount(int bitCount) => (bitCount + 63) >> 6;

    public static ulong[] Allocate(int bitCount) => new ulong[WordCount(bitCount)];

    /// <summary>A bitmap of equal bits.</summary>
    public static Bitmap Filled(int length, bool value)
    {
        ulong[] words = Allocate(Math.Max(length, 1));
        if (value)
            Array.Fill(words, ulong.MaxValue);
        return new Bitmap(words, length);
    }

    public static void Set(Span<ulong> words, int index) => words[index >> 6] |= 1UL << (index & 63);

    public static void Clear(Span<ulong> words, int index) => words[index >> 6] &= ~(1UL << (index & 63));

    /// <summary>Words with the first bits set and no other.</summary>
    public static ulong[] AllocateSet(int length)
    {
        ulong[] words = Allocate(length);
        words.AsSpan().Fill(ulong.MaxValue);
        if ((length & 63) != 0)
            words[length >> 6] &= (1UL << (length & 63)) - 1;
        return words;
    }

    /// <summary>How many bits are set, those behind the last row among them.</summary>
    public static int CountSet(ReadOnlySpan<ulong> words)
    {
        int count = 0;
        foreach (ulong word in words)
            count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>How many bits are set.</summary>
    public int CountSet()
    {
        int count = 0;
        ReadOnlySpan<ulong> words = Words;
        for (int i = 0; i < words.Length; i++)
        {
            ulong word = words[i];
            if (i == words.Length - 1 && (Length & 63) != 0)
                word &= (1UL << (Length & 63)) - 1;
            count += BitOperations.PopCount(word);
        }
        return count;
    }

    /// <summary>The row numbers whose bit is set, ascending; returns how many were written.</summary>
    public int WriteSetIndexes(Span<int> target)
    {
        int count = 0;
        ReadOnlySpan<ulong> words = Words;
        for (int i = 0; i < words.Length; i++)
        {
            ulong word = words[i];
            if (i == words.Length - 1 && (Length & 63) != 0)
                word &= (1UL << (Length & 63)) - 1;
            while (word != 0)
            {
                target[count++] = (i << 6) + BitOperations.TrailingZeroCount(word);
                word &= word - 1;
            }
        }
        return count;
    }

    /// <summary>Bits <paramref name="start"/> to <c>start + count</c>; copies unless the start falls on a word.</summary>
    public Bitmap Slice(int start, int count)
    {
        if (IsAbsent)
            return default;
        if ((start & 63) == 0)
            return new Bitmap(_words.Slice((start >> 6) * sizeof(ulong), WordCount(count) * sizeof(ulong)), count);
        ReadOnlySpan<ulong> source = Words;
        ulong[] words = Allocate(count);
        int shift = start & 63, first = start >> 6;
        for (int i = 0; i < words.Length; i++)
        {
            ulong high = first + i + 1 < source.Length ? source[first + i + 1] << (64 - shift) : 0;
            words[i] = (source[first + i] >> shift) | high;
        }
        return new Bitmap(words, count);
    }

    public Bitmap Take(ReadOnlySpan<int> rows)
    {
        if (IsAbsent)
            return default;
        ReadOnlySpan<ulong> source = Words;
        ulong[] words = Allocate(Math.Max(rows.Length, 1));
        for (int i = 0; i < rows.Length; i++)
        {
            int row = rows[i];
            ulong bit = (source[row >> 6] >> (row & 63)) & 1;
            words[i >> 6] |= bit << (i & 63);
        }
        return new Bitmap(words, rows.Length);
    }

    /// <summary>Both bitmaps' bits and-ed; an absent one counts as all ones. Lengths must agree where both are present.</summary>
    public static Bitmap And(Bitmap left, Bitmap right)
    {
        if (left.IsAbsent)
            return right;
        if (right.IsAbsent)
            return left;
        ReadOnlySpan<ulong> x = left.Words, y = right.Words;
        ulong[] words = new ulong[x.Length];
        for (int i = 0; i < words.Length; i++)
            words[i] = x[i] & y[i];
        return new Bitmap(words, left.Length);
    }
}
