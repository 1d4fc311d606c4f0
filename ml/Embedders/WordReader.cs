namespace VecSQL.Ml.Embedders;

/// <summary>Reads a text word by word: runs of letters and digits, in lower case, parted also inside identifiers
/// (<c>CompressStream</c>, <c>XMLReader</c>); signs of scripts written without spaces are words of their own.</summary>
/// <param name="room">At least <see cref="RoomChars"/>; holds the word last read, with a free place at each end.</param>
public ref struct WordReader(ReadOnlySpan<char> text, Span<char> room)
{
    /// <summary>Of a longer run only so many letters make a word.</summary>
    public const int LettersMax = 64;

    public const int RoomChars = LettersMax + 2;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _room = room;
    private int _next;

    /// <summary>Reads the next word; false at the end.</summary>
    /// <param name="length">Its letters, from the second place of the room on.</param>
    public bool Next(out int length)
    {
        length = 0;
        for (; _next < _text.Length; _next++)
        {
            char letter = _text[_next];
            bool isWord = char.IsLetterOrDigit(letter) || char.IsSurrogate(letter);
            if (length > 0 && (!isWord || length == LettersMax || BeginsWord(_text, _next)))
                return true; // what ended it is looked at next
            if (isWord)
                _room[++length] = char.ToLowerInvariant(letter);
        }
        return length > 0;
    }

    /// <summary>Whether a letter that follows another begins a word all the same.</summary>
    private static bool BeginsWord(ReadOnlySpan<char> text, int i)
    {
        char last = text[i - 1], letter = text[i];
        if (IsSign(letter) || IsSign(last))
            return !char.IsLowSurrogate(letter);
        if (!char.IsUpper(letter))
            return false;
        bool endsCapitals = char.IsUpper(last) && i + 1 < text.Length && char.IsLower(text[i + 1]); // XML|Reader
        return char.IsLower(last) || char.IsDigit(last) || endsCapitals;
    }

    /// <summary>A sign of a script without spaces: Chinese, Japanese, Korean; and what lies beyond the basic
    /// plane.</summary>
    private static bool IsSign(char letter) => letter is >= '\u2E80' and <= '\uDFFF' or >= '\uF900' and <= '\uFAFF';
}
