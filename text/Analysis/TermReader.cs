using System.Buffers;
using System.Globalization;
using System.Text;

namespace VecSQL.Text.Analysis;

/// <summary>Reads the terms of texts, one text after another.</summary>
/// <remarks>
/// A word is a run of letters, digits and marks; an ideograph, whose words no blanks part, is a word of its own. Positions count
/// words, also those that give no term, so that phrases keep their distances.
/// Memory: the terms of words met lately are kept, up to <see cref="KnownMax"/> of them. Threads: one at a time.
/// </remarks>
public sealed class TermReader(Analyzer analyzer)
{
    /// <summary>Longer words are no terms.</summary>
    public const int WordLengthMax = 255;

    private const int KnownMax = 1 << 16;

    private readonly Dictionary<string, string?> _known = [];
    private readonly char[] _word = new char[WordLengthMax + 1]; // stemming may add a letter
    private char[] _text = [];
    private int _length, _next;

    /// <summary>The term that was read last.</summary>
    public string Term { get; private set; } = "";

    /// <summary>Its word's place in the text: 0 for the first word.</summary>
    public int Position { get; private set; }

    /// <summary>Begins with a text.</summary>
    /// <param name="utf8">Not needed any more afterwards.</param>
    public void Begin(ReadOnlySpan<byte> utf8)
    {
        if (_text.Length < utf8.Length)
            _text = new char[Math.Max(utf8.Length, 2 * _text.Length)];
        if (Ascii.ToUtf16(utf8, _text, out _length) != OperationStatus.Done)
            _length = Encoding.UTF8.GetChars(utf8, _text);
        (_next, Position) = (0, -1);
    }

    /// <summary>Begins with a text.</summary>
    public void Begin(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_text.Length < text.Length)
            _text = new char[text.Length];
        text.CopyTo(_text);
        (_length, _next, Position) = (text.Length, 0, -1);
    }

    /// <summary>Reads on to the next term; false at the end.</summary>
    public bool MoveNext()
    {
        while (true)
        {
            ReadOnlySpan<char> text = _text.AsSpan(0, _length);
            int start = _next;
            while (start < text.Length && !IsWordPart(text, start))
                start++;
            if (start == text.Length)
            {
                _next = start;
                return false;
            }
            int end = EndOfWord(text, start);
            _next = end;
            Position++;
            if (end - start <= WordLengthMax && TermOf(text[start..end]) is { } term)
            {
                Term = term;
                return true;
            }
        }
    }

    private static int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        if (IsIdeograph(text[start]))
            return start + 1;
        if (char.IsHighSurrogate(text[start]) && IsIdeographPlane(text, start))
            return start + 2;
        int end = start;
        while (end < text.Length && IsWordPart(text, end) && !IsIdeograph(text[end])
            && !(char.IsHighSurrogate(text[end]) && IsIdeographPlane(text, end)))
        {
            end += char.IsHighSurrogate(text[end]) ? 2 : 1;
        }
        return end;
    }

    private static bool IsWordPart(ReadOnlySpan<char> text, int at)
    {
        char letter = text[at];
        if (char.IsAscii(letter))
            return char.IsAsciiLetterOrDigit(letter);
        if (!char.IsHighSurrogate(letter))
            return IsWordCategory(CharUnicodeInfo.GetUnicodeCategory(letter));
        return at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
            && IsWordCategory(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(letter, text[at + 1])));
    }

    private static bool IsWordCategory(UnicodeCategory category) => category
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // Han, Hiragana and Katakana.
    private static bool IsIdeograph(char letter) =>
        letter is (>= '\u3040' and <= '\u30ff') or (>= '\u3400' and <= '\u9fff') or (>= '\uf900' and <= '\ufaff');

    private static bool IsIdeographPlane(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) && char.ConvertToUtf32(text[at], text[at + 1]) is >= 0x20000 and < 0x40000;

    private string? TermOf(ReadOnlySpan<char> word)
    {
        var known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(word, out string? term))
            return term;
        int length = word.ToLowerInvariant(_word);
        if (analyzer == Analyzer.English)
            length = EnglishStopWords.Contains(_word.AsSpan(0, length)) ? 0 : EnglishStemmer.Stem(_word, length);
        term = length == 0 ? null : new string(_word, 0, length);
        if (_known.Count >= KnownMax)
            _known.Clear();
        known[word] = term;
        return term;
    }
}
