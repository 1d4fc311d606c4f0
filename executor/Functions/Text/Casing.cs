using System.Text;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Functions.Text;

/// <summary>Upper and lower case: character by character, by Unicode's simple mappings.</summary>
internal static class Casing
{
    public static void Lower(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        Span<byte> room = target.Reserve(text.Length);
        if (Ascii.ToLower(text, room, out int written) == System.Buffers.OperationStatus.Done)
            target.Commit(written);
        else
            Map(text, target, Rune.ToLowerInvariant);
    }

    public static void Upper(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        Span<byte> room = target.Reserve(text.Length);
        if (Ascii.ToUpper(text, room, out int written) == System.Buffers.OperationStatus.Done)
            target.Commit(written);
        else
            Map(text, target, Rune.ToUpperInvariant);
    }

    /// <summary>Each word's first letter in upper case, the others in lower; words are runs of letters and
    /// digits.</summary>
    public static string Capitalized(string text)
    {
        var result = new StringBuilder(text.Length);
        bool isInWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            result.Append((isInWord ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune)).ToString());
            isInWord = Rune.IsLetterOrDigit(rune);
        }
        return result.ToString();
    }

    private static void Map(ReadOnlySpan<byte> text, BinaryColumnBuilder target, Func<Rune, Rune> map)
    {
        Span<byte> room = target.Reserve(text.Length * 2L); // no simple mapping more than doubles a character's bytes
        int written = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune rune, out int consumed);
            written += map(rune).EncodeToUtf8(room[written..]);
            text = text[consumed..];
        }
        target.Commit(written);
    }
}
