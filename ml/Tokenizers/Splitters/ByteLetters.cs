using System.Text;

namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>A visible character for each byte, as GPT-2 chose them: printable ones of Latin-1 stand for themselves, the
/// rest are those from U+0100 on, in order.</summary>
internal static class ByteLetters
{
    private static readonly char[] LetterOf = Make();

    /// <summary>Appends a text's bytes in UTF-8, each as its letter.</summary>
    internal static void Append(ReadOnlySpan<char> text, TextBuffer target)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            if (text[0] < 0x80)
            {
                target.Append(LetterOf[text[0]]);
                text = text[1..];
                continue;
            }
            Rune.DecodeFromUtf16(text, out Rune rune, out int length);
            int count = rune.EncodeToUtf8(bytes);
            foreach (byte one in bytes[..count])
                target.Append(LetterOf[one]);
            text = text[length..];
        }
    }

    private static char[] Make()
    {
        var letters = new char[256];
        char next = (char)0x100;
        for (int value = 0; value < letters.Length; value++)
        {
            letters[value] = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE
                ? (char)value : next++;
        }
        return letters;
    }
}
