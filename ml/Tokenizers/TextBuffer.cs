using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tokenizers;

/// <summary>Text that is being written; used again from text to text. Memory: grows to the longest.</summary>
internal sealed class TextBuffer : IScratch
{
    private const long CharsMax = 1L << 29; // 1 GiB: a rule that replaces little by much must not take all memory

    private char[] _chars = new char[1024];

    internal int Count { get; private set; }

    internal Span<char> Span => _chars.AsSpan(0, Count);

    public int Capacity => _chars.Length;

    /// <summary>Whether what the text began with, before it was rewritten, has left nothing here.</summary>
    internal bool IsStartLost { get; set; }

    public void Clear() => (Count, IsStartLost) = (0, false);

    internal void Append(char letter)
    {
        if (Count == _chars.Length)
            Grow(1);
        _chars[Count++] = letter;
    }

    internal void Append(int codePoint)
    {
        if (codePoint < 0x10000)
        {
            Append((char)codePoint); // a lone surrogate stays what it is
            return;
        }
        Append((char)(((codePoint - 0x10000) >> 10) + 0xD800));
        Append((char)((codePoint & 0x3FF) + 0xDC00));
    }

    internal void Append(ReadOnlySpan<char> text)
    {
        text.CopyTo(Room(text.Length));
        Count += text.Length;
    }

    /// <summary>Room for so many chars behind the text; what is written there counts once <see cref="Advance"/> says so.</summary>
    internal Span<char> Room(int count)
    {
        if (_chars.Length - Count < count)
            Grow(count);
        return _chars.AsSpan(Count, count);
    }

    internal void Advance(int count) => Count += count;

    internal void Truncate(int count) => Count = count;

    /// <summary>Puts a code point where so many chars are.</summary>
    internal void Replace(int index, int width, int codePoint)
    {
        int end = Count;
        Append(codePoint);
        Span<char> added = stackalloc char[2];
        int newWidth = Count - end;
        Span[end..].CopyTo(added);
        _chars.AsSpan(index + width, end - index - width).CopyTo(_chars.AsSpan(index + newWidth));
        added[..newWidth].CopyTo(_chars.AsSpan(index));
        Count = end - width + newWidth;
    }

    private void Grow(int count)
    {
        if (Count + (long)count > CharsMax)
            throw new ModelException(ModelFault.RunFailed, "a text becomes too long under the tokenizer's rules");
        Array.Resize(ref _chars, (int)Math.Min(CharsMax, Math.Max(Count + (long)count, _chars.Length * 2L)));
    }
}
