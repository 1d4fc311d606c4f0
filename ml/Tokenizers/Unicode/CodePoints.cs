using System.Globalization;

namespace VecSQL.Ml.Tokenizers.Unicode;

/// <summary>What each code point is, as Hugging Face's library sees it.</summary>
/// <remarks>
/// That library mixes several versions of Unicode; what differs from .NET's tables comes from <c>tables.txt</c>, which
/// was made by asking it (<c>make-tables.js</c>). Categories proper (<c>\p{…}</c>) are equal to .NET's.
/// Memory: one byte pair a code point, blocks of 256 shared where they are equal: about 150 KiB.
/// </remarks>
internal static class CodePoints
{
    internal const int Count = 0x110000;
    private const int BlockBits = 8, BlockSize = 1 << BlockBits;

    private static readonly ushort[] BlockOf = new ushort[Count >> BlockBits];
    private static readonly CodePointKinds[] Kinds = Build();

    internal static CodePointKinds KindsOf(int codePoint) =>
        Kinds[(BlockOf[codePoint >> BlockBits] << BlockBits) | (codePoint & (BlockSize - 1))];

    internal static bool Is(int codePoint, CodePointKinds kinds) => (KindsOf(codePoint) & kinds) != 0;

    /// <summary>The code point at an index of UTF-16, and how many chars it takes. A lone surrogate is itself.</summary>
    internal static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        if (char.IsHighSurrogate(first) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(first, text[index + 1]);
        }
        length = 1;
        return first;
    }

    private static CodePointKinds[] Build()
    {
        UnicodeTables tables = UnicodeTables.Instance;
        var kinds = new CodePointKinds[Count];
        for (int point = 0; point < Count; point++)
            kinds[point] = ByCategory(point);
        foreach ((CodePointKinds kind, int from, int to) in tables.Sets)
        {
            for (int point = from; point <= to; point++)
                kinds[point] |= kind;
        }
        foreach (int point in tables.Lower.Keys)
            kinds[point] |= CodePointKinds.HasLower;
        foreach (int point in tables.Normal)
            kinds[point] |= CodePointKinds.Normal;
        return Share(kinds);
    }

    private static CodePointKinds ByCategory(int point)
    {
        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(point);
        CodePointKinds kinds = category switch
        {
            <= UnicodeCategory.OtherLetter => CodePointKinds.Letter | CodePointKinds.Word,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber =>
                CodePointKinds.Number | CodePointKinds.Word,
            UnicodeCategory.OtherNumber => CodePointKinds.Number,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.ConnectorPunctuation => CodePointKinds.Word,
            _ => CodePointKinds.None,
        };
        if (point is >= '\t' and <= '\r' or 0x85
            || category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator)
            kinds |= CodePointKinds.Space;
        // Letters in circles and squares are alphabetic, though symbols.
        if (point is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169
            or >= 0x1F170 and <= 0x1F189)
            kinds |= CodePointKinds.Word;
        return kinds;
    }

    private static CodePointKinds[] Share(CodePointKinds[] kinds)
    {
        List<CodePointKinds> shared = [];
        Dictionary<string, ushort> known = [];
        for (int block = 0; block < BlockOf.Length; block++)
        {
            ReadOnlySpan<CodePointKinds> one = kinds.AsSpan(block * BlockSize, BlockSize);
            string key = new(System.Runtime.InteropServices.MemoryMarshal.Cast<CodePointKinds, char>(one));
            if (!known.TryGetValue(key, out ushort at))
            {
                known[key] = at = (ushort)known.Count;
                shared.AddRange(one);
            }
            BlockOf[block] = at;
        }
        return [.. shared];
    }
}
