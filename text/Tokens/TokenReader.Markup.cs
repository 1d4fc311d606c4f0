using System.Text;

namespace VecSQL.Text.Tokens;

/// <content>Tags, comments and entities.</content>
public ref partial struct TokenReader
{
    /// <param name="at">Behind the ampersand.</param>
    private bool TryEntity(int at)
    {
        if (Peek(at) == '#')
        {
            at++;
            bool isHex = (Peek(at) | 0x20) == 'x';
            int first = isHex ? ++at : at;
            while (isHex ? char.IsAsciiHexDigit((char)Peek(at)) : IsDigit(at))
                at++;
            return at > first && Peek(at) == ';' && Found(TokenKind.Entity, at + 1);
        }
        if (!IsAsciiLetter(at) && Peek(at) is not ((byte)':' or (byte)'_'))
            return false;
        at = SkipName(at);
        return Peek(at) == ';' && Found(TokenKind.Entity, at + 1);
    }

    private readonly int SkipName(int at)
    {
        while (true)
        {
            CharacterKind kind = KindAt(at, out int length);
            if (kind < CharacterKind.Letter && Peek(at) is not ((byte)':' or (byte)'_' or (byte)'.' or (byte)'-'))
                return at;
            at += length;
        }
    }

    private bool TryTag(int start)
    {
        int at = start + 1;
        switch (Peek(at))
        {
            case (byte)'!' when Peek(at + 1) == '-':
                return Peek(at + 2) == '-' && TryComment(at + 3);
            case (byte)'!':
                return (Peek(at + 1) | 0x20) == 'd' && TryTagEnd(start, at + 2);
            case (byte)'?':
                return Peek(at + 1) == 'x' && TryTagEnd(start, at + 2);
            case (byte)'/' when IsAsciiLetter(at + 1):
                at++;
                break;
            case (byte)':' or (byte)'_':
                break;
            default:
                if (!IsAsciiLetter(at))
                    return false;
                break;
        }
        at = SkipName(at);
        if (Peek(at) == '/')
            return Peek(at + 1) == '>' && Found(TokenKind.Tag, at + 2);
        return (Peek(at) == '>' || KindAt(at, out _) == CharacterKind.Space) && TryTagEnd(start, at);
    }

    /// <summary>What follows a tag's name.</summary>
    private bool TryTagEnd(int start, int at)
    {
        while (at < _text.Length)
        {
            byte next = Peek(at);
            CharacterKind kind = KindAt(at, out int length);
            if (next == '>' || kind == CharacterKind.Space)
                NoteScript(_text[start..at]);
            if (next == '>')
                return Found(TokenKind.Tag, at + 1);
            if (next is (byte)'"' or (byte)'\'')
            {
                at = SkipQuoted(at + 1, next);
                if (at < 0)
                    return false;
                continue;
            }
            bool isOfTag = kind is CharacterKind.AsciiLetter or CharacterKind.Digit or CharacterKind.Space
                || next is (byte)'=' or (byte)'-' or (byte)'_' or (byte)'#' or (byte)'/' or (byte)':' or (byte)'.' or (byte)'&' or (byte)'?'
                    or (byte)'%' or (byte)'~';
            if (!isOfTag)
                return false;
            at += length;
        }
        return false;
    }

    // Also of a tag that never ends.
    private void NoteScript(ReadOnlySpan<byte> tag)
    {
        if (Ascii.EqualsIgnoreCase(tag, "<script"u8) || Ascii.EqualsIgnoreCase(tag, "<style"u8))
            _isInScript = true;
        else if (Ascii.EqualsIgnoreCase(tag, "</script"u8) || Ascii.EqualsIgnoreCase(tag, "</style"u8))
            _isInScript = false;
    }

    // A text that ends with an escaped letter in quotes ends before the tag: that is how PostgreSQL has it.
    private int SkipQuoted(int at, byte quote)
    {
        while (at < _text.Length)
        {
            if (_text[at] == quote)
                return at + 1;
            bool isEscape = _text[at++] == '\\' && at < _text.Length;
            if (!isEscape)
                continue;
            KindAt(at, out int length);
            at += length;
            _isCut = at == _text.Length;
        }
        return -1;
    }

    private bool TryComment(int at)
    {
        if (_commentOpenFrom > 0 && at >= _commentOpenFrom)
            return false;
        int start = at;
        while (true)
        {
            int end = _text[Math.Min(at, _text.Length)..].IndexOf("--"u8);
            if (end < 0)
                break;
            at += end + 2;
            while (Peek(at) == '-')
                at++;
            if (Peek(at) == '>')
                return Found(TokenKind.Tag, at + 1);
        }
        _commentOpenFrom = start;
        return false;
    }
}
