namespace VecSQL.Text.Inverted;

/// <summary>Numbers of seven bits a byte, the lowest first; the eighth bit says that another byte follows.</summary>
internal static class Varint
{
    internal static void Write(ulong number, Span<byte> target, ref int at)
    {
        for (; number >= 0x80; number >>= 7)
            target[at++] = (byte)(number | 0x80);
        target[at++] = (byte)number;
    }

    internal static ulong Read(ReadOnlySpan<byte> source, ref int at)
    {
        ulong number = source[at++];
        if (number < 0x80)
            return number;
        number &= 0x7f;
        for (int shift = 7;; shift += 7)
        {
            byte next = source[at++];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return number;
        }
    }

    /// <summary>Reads postings as <see cref="PostingList"/> lays them out.</summary>
    /// <param name="before">The document before the first.</param>
    internal static void ReadPostings(
        ReadOnlySpan<byte> source, ref int at, int before, Span<int> documents, Span<int> frequencies)
    {
        for (int i = 0; i < documents.Length; i++)
        {
            ulong gap = Read(source, ref at);
            before += (int)(gap >> 1);
            documents[i] = before;
            frequencies[i] = (gap & 1) != 0 ? 1 : (int)Read(source, ref at);
        }
    }

    internal static void WritePostings(
        ReadOnlySpan<int> documents, ReadOnlySpan<int> frequencies, int before, Span<byte> target, ref int at)
    {
        for (int i = 0; i < documents.Length; i++)
        {
            ulong gap = (ulong)(uint)(documents[i] - before) << 1;
            before = documents[i];
            Write(frequencies[i] == 1 ? gap | 1 : gap, target, ref at);
            if (frequencies[i] != 1)
                Write((uint)frequencies[i], target, ref at);
        }
    }
}
