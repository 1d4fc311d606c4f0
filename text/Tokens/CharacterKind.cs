using System.Text;

namespace VecSQL.Text.Tokens;

/// <summary>What a character is to the tokens of a text.</summary>
internal enum CharacterKind : byte
{
    Other,
    Space,

    /// <summary>Goes on with a word, but begins none: accents and their like.</summary>
    Mark,

    Letter,
    AsciiLetter,
    Digit,
}

/// <summary>The kinds of all characters.</summary>
/// <remarks>
/// Beyond ASCII they are those that PostgreSQL 15 sees in a database of locale C.UTF-8 (Unicode 14), found by asking it for each
/// character: what another version of Unicode calls a letter must not change what is found in a text. Digits of other scripts are
/// letters, ideographs too: a run of them is one word.
/// </remarks>
internal static class CharacterKinds
{
    // From U+0080 on: how many characters are others (hexadecimal, none for 0), then + letters, ^ marks, _ spaces, and how many (none for 1).
    private const string Runs =
        """
        2a+ a+ 4+ 5+17 1+1f 1+1ca 4+c e+5 7+ 1+ 11^45 + ^2a +5 1+2 2+4 1+ 6+ 1+3 1+ 1+14 1+53 1+8b 1^7 +a6 1+26 2+
        6+29 8^1f +e 1+ 1+2 1+2 1+ 8+1b 4+4 1d+b 5+38 ^ +11 4+66 1+8 2^2 +8 1^3 +10 2+ 10+30 ^b 2+65 e+2b ^9 +2 4+ 2^
        2+18 ^2 +13 ^ 12+19 ^3 4+b 5+18 1+6 9^8 +2a ^a +c ^2 1+7 ^6 +4c ^ +10 ^ +3 ^4 +f 2+a 1+13 1+8 2+2 2+16 1+7 1+
        3+4 2^ +8 2+2 2+2 ^ + 8+ 4+2 1+5 2+c a+ 1^3 +3 1+6 4+2 2+16 1+7 1+2 1+2 1+2 2^ 1+5 ^4 +2 ^2 +2 ^4 + 7+4 1+
        7+10 b+3 1+9 1+3 1+16 1+7 1+2 1+5 2^ +9 ^ +3 1+2 ^ 2+ f+4 2+a 9+4 ^4 +3 1+8 2+2 2+16 1+7 1+2 1+5 2^ +8 2+2 2+2
        ^9 +2 4+2 1+5 2+a 1+ 10+2 1+6 3+3 1+4 3+2 1+ 1+2 3+2 3+3 3+c 4+5 3+3 1+3 ^ 2+ 6+ e+a 10+4 ^ +8 1+3 1+17 1+10
        2^ +8 1+3 ^ +3 ^8 +2 1+3 2+ 2+4 2+a 10+4 1+8 1+3 1+17 1+a 1+5 2^ +8 1+3 1+3 ^ 7+2 6+2 1+4 2+a 1+2 d+d 1+3 1+29
        ^2 +8 1+3 1+3 ^ + 5+4 7+5 2+a a+6 1+3 1+12 3+18 1+9 1+ 2+7 3^ 4+6 ^ + 1+8 6+a 2+2 d+3a 5+7 ^6 + ^ 1+a 27+2 1+
        1+5 1+18 1+ 1+13 ^ +3 2+5 1+ 1^5 + 2+a 2+4 20+ 17^2 6+a b^ 1^ 1^ 4^2 +8 1+24 4+11 ^3 1^2 +10 ^ +24 9^ 39+37 ^
        + ^2 +f 6+4e 2+26 1+ 5+ 2+2b 1+14d 1+4 2+7 1+ 1+4 2+29 1+4 2+21 1+4 2+7 1+ 1+4 2+f 1+39 1+4 2+43 2^3 20+10
        10+56 2+6 3+26c 2+11 _ +1a 5+4b 3+b 7+14 ^ a+15 c+14 c+d 1+3 1+2 c+34 ^2 +13 ^b 3+ 4+ ^ 2+a 21^3 1^ +a 6+59
        7+2b 5+46 a+1f 1+c 4+9 ^3 a+28 2+5 b+2c 4+1a 6+a 26+1c 4+3f ^2 +14 ^b +a 6+a d+ 8^f +2 ^b +3 ^31 +34 ^ +f ^ +8
        3+a 11^9 c+2a ^2 +3a ^ +b e+37 ^ 8+a 3+31 2+9 7+2b 2+3 10^3 1^d 1^7 +4 ^ +6 ^ +2 1^2 + 5+c0 ^27 +e ^b +116 2+6
        2+26 2+6 2+8 1+ 1+ 1+ 1+1f 2+35 1+7 1+ 3+3 1+7 3+4 2+6 4+d 5+3 1+7 3_7 1_3 1d_2 35_ 11+ d+ 10+d 33^21 11+ 4+
        2+a 1+ 3+5 6+ 1+ 1+ 1+4 1+b 2+4 5+5 4+ 11+29 32d+34 716+e5 6+4 ^3 +2 c+26 1+ 5+ 2+38 7+ f^ +17 9+7 1+7 1+7 1+7
        1+7 1+7 1+7 1+7 1+20 2f+ 1d0_ 4+3 19+9 ^4 3+5 2+5 4+56 2^2 2+3 1+5a 1+4 5+2b 1+5e 11+20 30+10 200+19c0 40+568d
        43+2e 2+10d 3+1c 14+2f ^4 1+8 ^2 1+71 ^2 25+9 2+67 2+40 5+2 1+ 1+5 18+14 ^ +21 4^ 13+34 c+44 ^ + a+a 6^12 +6
        3+ 1+2e ^3 2+23 ^ c+1d 3+33 ^ +c f+b 6+1f 1+37 9+e 2+a 6+17 3+45 ^ + ^ + 18+3 2+10 2+4 ^ a+6 2+6 2+6 9+7 1+7
        1+2b 1+e 6+7b 2^ 2+a 6+2ba4 c+17 4+31 2104+16e 2+6a 26+7 c+5 5+c 1+d 1+5 1+ 1+2 1+2 1+6c 21+16b 12+40 2+36
        28+c 4^10 10^10 40+5 1+87 13+a 7+1a 6+1a b+59 3+6 2+6 2+6 2+3 23+c 1+1a 1+13 1+2 1+f 2+e 22+7b 45+35 88^ 82+1d
        3+31 f^ 1f+20 d+1e 5+2b 5+1e 2+24 4+8 1+5 2a+9e 2+a 6+24 4+24 4+28 8+34 c+b 1+f 1+7 1+2 1+b 1+f 1+7 1+2 43+137
        9+16 a+8 18+6 1+2a 1+9 45+6 2+ 1+2c 1+2 3+ 2+17 a+17 9+1f 41+13 1+2 a+16 a+1a 46+38 6+2 40+4 ^ +2 ^5 +8 1+3
        1+1d 2^8 20+1d 3+1d 23+8 1+1c ^2 19+36 a+16 a+13 d+12 6e+49 37+33 d+33 d+28 8+a 146+2a 1+2 3+2 4e+1d a+ 8+16
        ^b 1f+12 ^4 2a+15 1b+17 9+46 ^ 1f+a ^ +5 9^3 +37 ^2 7+ d+19 7+a 6+33 ^2 1+a 4+4 8+23 ^ 2+ 9+40 1+4 4^4 1+d 1+
        23+12 1+22 1^ + 6+ 41+7 1+ 1+4 1+f 1+a 7+39 ^2 5+a 6+4 1+8 2+2 2+16 1+7 1+2 1+5 1^2 +8 2+2 2+2 3+ 6+ 5+7 2^f
        8b+42 ^ +3 ^ +4 5+a 4^ +3 1e+42 ^2 +2 1+ 8+a a6+36 2+7 ^2 17+6 22+3f ^ + 3+ b+a 26+36 1^ + 7+a 36+1b 2+e ^ 4+a
        6+7 b9+39 ^2 65+4a 15+8 2+ 2+8 1+2 1+1e 1+2 2+2 1^ +4 ^ c+a 46+8 2+2e ^2 +6 ^ + 1+2 1b+33 ^2 +a 8^ 8+48 ^2 3+
        12+49 107+9 1+2d ^ +7 ^ + f+a 18+1e 2+16 1+e 49+7 1+2 1+2c ^3 + ^ +2 ^ +3 ^ + ^2 +2 8+a 6+6 1+2 1+25 1+2 1+4 ^
        + 7+a 136+17 b9+ 4f+39a 66+6f 11+c4 a4c+61 f+42f fd1+247 21b9+239 7+1f 1+a 6+4f 1+a 6+1e 2^5 b+30 ^7 9+4 c+a
        9+15 5+13 2b0+40 80+4b 4+39 7+11 40+2 1+ ^ b+2 e+17f8 8+4d6 2a+9 22e7+4 1+7 1+2 1+123 2d+3 11+4 8+18c 904+6b
        5+d 3+9 7+a 3^ + 1261^47 220^3 11^8 2^7 1e^4 94^3 1bb+55 1+47 1+2 2+ 2+2 2+4 1+c 1+ 1+7 1+41 1+4 2+8 1+7 1+1c
        1+4 1+5 1+ 3+7 1+154 2+19 1+19 1+1f 1+19 1+1f 1+19 1+1f 1+19 1+1f 1+19 1+8 2+32 200^37 4^32 8^ e^ 16^15 450+1f
        e1+7 ^ +11 ^2 +7 ^ +2 ^ +5 d5+2d 3^7 +7 2+a 4+ 141+1e ^ 11+2c ^4 +a 4e6+7 1+4 1+2 1+f 1+c5 b^7 29+44 ^3 + ^3 +
        4+a 4a6+4 1+1b 1+2 1+ 2+ 1+a 1+4 1+ 1+ 6+ 4+ 1+ 1+ 1+3 1+2 1+ 2+ 1+ 1+ 1+ 1+ 1+2 1+ 2+4 1+7 1+4 1+4 1+ 1+a
        1+11 5+3 1+5 1+11 274+1a 6+1a 6+1a a66+a 406+a6e0 20+1039 7+de 2+1682 e+1d31 c1f+21e 5e2+134b aedb5^f0
        """;

    private static readonly CharacterKind[] AsciiKinds = ReadAscii();
    private static readonly CharacterKind[][] Pages = ReadPages();

    internal static CharacterKind OfAscii(byte letter) => AsciiKinds[letter];

    internal static CharacterKind Of(Rune rune) => Pages[rune.Value >> 8][rune.Value & 255];

    private static CharacterKind[] ReadAscii()
    {
        CharacterKind[] kinds = new CharacterKind[128];
        for (int i = 0; i < kinds.Length; i++)
        {
            kinds[i] = char.IsAsciiLetter((char)i) ? CharacterKind.AsciiLetter
                : char.IsAsciiDigit((char)i) ? CharacterKind.Digit
                : i is ' ' or (>= 9 and <= 13) ? CharacterKind.Space
                : CharacterKind.Other;
        }
        return kinds;
    }

    private static CharacterKind[][] ReadPages()
    {
        CharacterKind[] empty = new CharacterKind[256];
        CharacterKind[][] pages = new CharacterKind[0x1100][];
        Array.Fill(pages, empty);
        pages[0] = [.. AsciiKinds, .. empty[128..]];
        int at = 128;
        foreach (Range range in Runs.AsSpan().SplitAny(' ', '\n', '\r'))
        {
            ReadOnlySpan<char> run = Runs.AsSpan()[range];
            int sign = run.IndexOfAny("+^_");
            if (sign < 0)
                continue;
            at += ReadCount(run[..sign], 0);
            CharacterKind kind = run[sign] switch { '+' => CharacterKind.Letter, '^' => CharacterKind.Mark, _ => CharacterKind.Space };
            for (int end = at + ReadCount(run[(sign + 1)..], 1); at < end; at++)
            {
                if (pages[at >> 8] == empty)
                    pages[at >> 8] = new CharacterKind[256];
                pages[at >> 8][at & 255] = kind;
            }
        }
        return pages;
    }

    private static int ReadCount(ReadOnlySpan<char> digits, int otherwise) =>
        digits.IsEmpty ? otherwise : int.Parse(digits, System.Globalization.NumberStyles.HexNumber, null);
}
