using System.Text;
using System.Text.Unicode;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Checks that text from outside is UTF-8 and counts and cuts it by characters.</summary>
public static class Utf8Text
{
    /// <exception cref="SqlException">The bytes are not UTF-8, or hold a zero byte (22021).</exception>
    public static void Validate(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            ThrowInvalid(text);
        int zero = text.IndexOf((byte)0);
        if (zero >= 0)
            throw Invalid("0x00");
    }

    /// <summary>How many characters (code points) valid UTF-8 has.</summary>
    public static int CountCharacters(ReadOnlySpan<byte> text)
    {
        int count = 0;
        foreach (byte b in text)
            count += (b & 0xC0) != 0x80 ? 1 : 0; // every byte that does not continue a character begins one
        return count;
    }

    /// <summary>How many bytes the first characters take; the whole length if there are fewer.</summary>
    public static int LengthOfCharacters(ReadOnlySpan<byte> text, int characters)
    {
        if (text.Length <= characters)
            return text.Length;
        for (int i = 0; i < text.Length; i++)
        {
            if ((text[i] & 0xC0) != 0x80 && characters-- == 0)
                return i;
        }
        return text.Length;
    }

    /// <summary>How many bytes of whole characters fit into a limit.</summary>
    public static int ClipBytes(ReadOnlySpan<byte> text, int bytesMax)
    {
        if (text.Length <= bytesMax)
            return text.Length;
        while (bytesMax > 0 && (text[bytesMax] & 0xC0) == 0x80)
            bytesMax--;
        return bytesMax;
    }

    private static void ThrowInvalid(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            if (text[at] == 0)
                throw Invalid("0x00");
            at += consumed;
        }
        // The bytes that the first one claims for its character, or as many as there are.
        int claimed = text[at] switch { < 0xC0 => 1, < 0xE0 => 2, < 0xF0 => 3, < 0xF8 => 4, _ => 1 };
        string bytes = string.Join(' ', text.Slice(at, Math.Min(claimed, text.Length - at)).ToArray().Select(b =>
            $"0x{b:x2}"));
        throw Invalid(bytes);
    }

    private static SqlException Invalid(string bytes) =>
        new(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {bytes}");
}
