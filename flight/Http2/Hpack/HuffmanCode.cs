namespace VecSQL.Flight.Http2.Hpack;

/// <summary>The code that texts in headers may be written in.</summary>
/// <remarks>
/// Source: RFC 7541, appendix B. The code is canonical: shorter codes before longer ones, and among those of one length in the order of the
/// symbols, so that the lengths say everything.
/// </remarks>
internal static class HuffmanCode
{
    private const int EndOfString = 256, BitsMin = 5, BitsMax = 30;

    /// <summary>What one byte of code comes to at most.</summary>
    private const int SymbolsPerFiveBytes = 8;

    /// <summary>First code of a length and its place among the symbols; codes of the length are below <c>_ends</c>.</summary>
    private static readonly uint[] Firsts = new uint[BitsMax + 1], Ends = new uint[BitsMax + 1];

    private static readonly int[] Places = new int[BitsMax + 1];

    private static readonly short[] Symbols = new short[EndOfString + 1];

    static HuffmanCode()
    {
        uint code = 0;
        int place = 0;
        for (int bits = BitsMin; bits <= BitsMax; bits++)
        {
            (Firsts[bits], Places[bits]) = (code, place);
            for (int symbol = 0; symbol <= EndOfString; symbol++)
            {
                if (Lengths[symbol] != bits)
                    continue;
                Symbols[place++] = (short)symbol;
                code++;
            }
            Ends[bits] = code;
            code <<= 1;
        }
    }

    /// <summary>Bits of each symbol's code.</summary>
    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    public static int LengthMax(int codeBytes) => ((codeBytes * SymbolsPerFiveBytes) + 4) / 5;

    /// <summary>Reads a text.</summary>
    /// <param name="text">At least <see cref="LengthMax"/> long.</param>
    /// <returns>Bytes of the text; -1 where the bytes are no such code.</returns>
    public static int Decode(ReadOnlySpan<byte> code, Span<byte> text)
    {
        ulong held = 0; // of which the lowest bits are still to be read
        int heldBits = 0, next = 0, count = 0;
        while (true)
        {
            while (heldBits <= 56 && next < code.Length)
            {
                held = (held << 8) | code[next++];
                heldBits += 8;
            }
            int bits = BitsMin;
            while (bits <= BitsMax && bits <= heldBits && Prefix(held, heldBits, bits) >= Ends[bits])
                bits++;
            if (bits > heldBits || bits > BitsMax)
                return bits > heldBits && IsPadding(held, heldBits) ? count : -1;
            int symbol = Symbols[Places[bits] + (int)(Prefix(held, heldBits, bits) - Firsts[bits])];
            if (symbol == EndOfString)
                return -1;
            text[count++] = (byte)symbol;
            heldBits -= bits;
        }
    }

    private static uint Prefix(ulong held, int heldBits, int bits) => (uint)(held >> (heldBits - bits)) & ((1u << bits) - 1);

    /// <summary>A text ends with less than a byte of ones.</summary>
    private static bool IsPadding(ulong held, int heldBits) => heldBits < 8 && (~held & ((1ul << heldBits) - 1)) == 0;
}
