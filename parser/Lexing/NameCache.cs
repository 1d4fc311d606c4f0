using System.Text;

namespace VecSQL.Parser.Lexing;

/// <summary>Folds names to lower case and hands out one string for names that return.</summary>
internal sealed class NameCache
{
    internal const int NameBytesMax = 63;

    // A direct-mapped cache: long scripts name few columns many times.
    private const int SlotCount = 256;
    private readonly string?[] _slots = new string?[SlotCount];

    internal string Fold(ReadOnlySpan<char> name)
    {
        if (name.Length > NameBytesMax)
            return Truncate(FoldLong(name[..(NameBytesMax + 1)])); // the rest could not stay in any case
        Span<char> folded = stackalloc char[NameBytesMax];
        folded = folded[..name.Length];
        uint hash = 2166136261;
        for (int index = 0; index < name.Length; index++)
        {
            char c = FoldCharacter(name[index]);
            folded[index] = c;
            hash = (hash ^ c) * 16777619;
        }
        ref string? slot = ref _slots[(hash ^ (hash >> 16)) % SlotCount];
        if (slot is not null && folded.SequenceEqual(slot))
            return slot;
        return slot = Truncate(new string(folded));
    }

    /// <summary>The name cut to 63 bytes of UTF-8, never inside a character.</summary>
    internal static string Truncate(string name)
    {
        if (name.Length * 3 <= NameBytesMax || Encoding.UTF8.GetByteCount(name) <= NameBytesMax)
            return name;
        int bytes = 0, length = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > NameBytesMax)
                break;
            length += rune.Utf16SequenceLength;
        }
        return name[..length];
    }

    internal static char FoldCharacter(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;

    private static string FoldLong(ReadOnlySpan<char> name)
    {
        char[] folded = new char[name.Length];
        for (int index = 0; index < name.Length; index++)
            folded[index] = FoldCharacter(name[index]);
        return new string(folded);
    }
}
