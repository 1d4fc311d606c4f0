using System.Buffers;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Keys of fixed-width columns that together fit into 64 bits, as such words: equal keys, and only they, have equal words.</summary>
internal static class KeyWords
{
    internal static bool Fit(ReadOnlySpan<KeyKind> kinds)
    {
        int bytes = 0;
        foreach (KeyKind kind in kinds)
        {
            int width = KeyKinds.WidthBytes(kind);
            if (width == 0)
                return false;
            bytes += width;
        }
        return bytes is > 0 and <= sizeof(ulong);
    }

    /// <summary>The rows' words. What rows with a null among their keys get is unspecified.</summary>
    internal static void Fill(ReadOnlySpan<Column> keys, ReadOnlySpan<KeyKind> kinds, Span<ulong> words)
    {
        OrderedWords.Fill(keys[0], kinds[0], words);
        if (keys.Length == 1)
            return;
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(words.Length);
        Span<ulong> next = rented.AsSpan(0, words.Length);
        for (int i = 1; i < keys.Length; i++)
        {
            OrderedWords.Fill(keys[i], kinds[i], next);
            int shift = 8 * KeyKinds.WidthBytes(kinds[i]);
            for (int row = 0; row < words.Length; row++)
                words[row] = (words[row] << shift) | next[row];
        }
        ArrayPool<ulong>.Shared.Return(rented);
    }

    /// <summary>Gives the rows with a null among their keys no key.</summary>
    internal static void DropNulls(ReadOnlySpan<Column> keys, Span<int> ids)
    {
        foreach (Column key in keys)
        {
            if (!key.HasNulls)
                continue;
            for (int row = 0; row < ids.Length; row++)
            {
                if (key.IsNull(row))
                    ids[row] = KeyTable.Absent;
            }
        }
    }
}
