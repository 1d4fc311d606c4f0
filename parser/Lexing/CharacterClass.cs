namespace VecSQL.Parser.Lexing;

/// <summary>
/// What a character may be part of. Characters beyond ASCII are letters, all of them, as in PostgreSQL.
/// </summary>
internal static class CharacterClass
{
    private const byte NameStart = 1, NamePart = 2, OperatorPart = 4, Blank = 8, Digit = 16, Exotic = 32;

    private static ReadOnlySpan<byte> Flags => Table;

    private static readonly byte[] Table = Build();

    internal static bool IsNameStart(char c) => c >= 128 || (Flags[c] & NameStart) != 0;

    internal static bool IsNamePart(char c) => c >= 128 || (Flags[c] & NamePart) != 0;

    internal static bool IsOperatorPart(char c) => c < 128 && (Flags[c] & OperatorPart) != 0;

    internal static bool IsBlank(char c) => c < 128 && (Flags[c] & Blank) != 0;

    internal static bool IsDigit(char c) => c < 128 && (Flags[c] & Digit) != 0;

    /// <summary>A character that lets an operator end in plus or minus.</summary>
    internal static bool IsExotic(char c) => c < 128 && (Flags[c] & Exotic) != 0;

    private static byte[] Build()
    {
        byte[] table = new byte[128];
        for (char c = 'a'; c <= 'z'; c++)
        {
            table[c] = NameStart | NamePart;
            table[char.ToUpperInvariant(c)] = NameStart | NamePart;
        }
        for (char c = '0'; c <= '9'; c++)
            table[c] = NamePart | Digit;
        table['_'] = NameStart | NamePart;
        table['$'] = NamePart;
        foreach (char c in "+-*/<>=~!@#%^&|`?")
            table[c] |= OperatorPart;
        foreach (char c in "~!@#%^&|`?")
            table[c] |= Exotic;
        foreach (char c in " \t\n\r\f")
            table[c] |= Blank;
        return table;
    }
}
