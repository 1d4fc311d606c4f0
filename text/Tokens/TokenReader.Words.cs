namespace VecSQL.Text.Tokens;

/// <content>Words, alone and with hyphens.</content>
public ref partial struct TokenReader
{
    private bool ReadAsciiWord(int at)
    {
        while (IsAsciiLetter(at))
            at++;
        byte next = Peek(at);
        bool isMore = next switch
        {
            (byte)'.' => TryHost(at + 1, HostPlace.DomainStart) || TryFileEnding(at + 1),
            (byte)'-' => TryHost(at + 1, HostPlace.LabelStart) || TryCompound(at + 1, TokenKind.AsciiCompound),
            (byte)'_' => TryHost(at + 1, HostPlace.LabelStart),
            (byte)'@' => TryEmail(at + 1),
            (byte)':' => Peek(at + 1) == '/' && Peek(at + 2) == '/' && Found(TokenKind.Protocol, at + 3),
            (byte)'/' => TryPath(at + 1),
            >= (byte)'0' and <= (byte)'9' => TryHost(at + 1, HostPlace.Label) || ReadNumericWord(at),
            >= 128 => KindAt(at, out _) is CharacterKind.Letter or CharacterKind.Mark && ReadWord(at),
            _ => false,
        };
        return isMore || Found(TokenKind.AsciiWord, at);
    }

    private bool ReadWord(int at)
    {
        while (KindAt(at, out int length) is CharacterKind.Letter or CharacterKind.AsciiLetter or CharacterKind.Mark)
            at += length;
        if (IsDigit(at))
            return ReadNumericWord(at);
        return (Peek(at) == '-' && TryCompound(at + 1, TokenKind.Compound)) || Found(TokenKind.Word, at);
    }

    private bool ReadNumericWord(int at)
    {
        while (KindAt(at, out int length) >= CharacterKind.Mark)
            at += length;
        bool isMore = Peek(at) switch
        {
            (byte)'@' => TryEmail(at + 1),
            (byte)'/' => TryPath(at + 1),
            (byte)'.' => TryFileEnding(at + 1),
            (byte)'-' => TryCompound(at + 1, TokenKind.NumericCompound),
            _ => false,
        };
        return isMore || Found(TokenKind.NumericWord, at);
    }

    /// <param name="at">Behind the first hyphen.</param>
    private bool TryCompound(int at, TokenKind kind)
    {
        bool isFound = false;
        while (true)
        {
            CharacterKind first = KindAt(at, out _);
            if (first == CharacterKind.Digit)
            {
                at = SkipDigits(at);
                if (KindAt(at, out _) < CharacterKind.Mark)
                    break;
                kind = TokenKind.NumericCompound;
            }
            else if (first < CharacterKind.Letter)
            {
                break;
            }
            for (CharacterKind next; (next = KindAt(at, out int length)) >= CharacterKind.Mark; at += length)
            {
                if (next == CharacterKind.Digit)
                    kind = TokenKind.NumericCompound;
                else if (next != CharacterKind.AsciiLetter && kind == TokenKind.AsciiCompound)
                    kind = TokenKind.Compound;
            }
            isFound = Found(kind, at);
            if (Peek(at) != '-')
                break;
            at++;
        }
        _isInCompound = isFound;
        return isFound;
    }

    // The parts may go on behind the compound: of a-b-1 the compound is a-b, and the 1 stands behind a hyphen, not a minus.
    private bool MoveToPart()
    {
        int at = Start = _next;
        TokenKind kind;
        switch (KindAt(at, out _))
        {
            case CharacterKind.AsciiLetter:
                kind = TokenKind.AsciiPart;
                break;
            case CharacterKind.Letter:
                kind = TokenKind.Part;
                break;
            case CharacterKind.Digit:
                at = SkipDigits(at);
                if (KindAt(at, out _) < CharacterKind.Mark)
                    return false;
                kind = TokenKind.NumericPart;
                break;
            default:
                _next = at + 1;
                return Peek(at) == '-' && KindAt(at + 1, out _) >= CharacterKind.Mark ? Found(TokenKind.Blank, at + 1) : Stay(at);
        }
        for (CharacterKind next; (next = KindAt(at, out int length)) >= CharacterKind.Mark; at += length)
        {
            if (next == CharacterKind.Digit)
                kind = TokenKind.NumericPart;
            else if (next != CharacterKind.AsciiLetter && kind == TokenKind.AsciiPart)
                kind = TokenKind.Part;
        }
        _next = at;
        return Found(kind, at);
    }

    private bool Stay(int at)
    {
        _next = at;
        return false;
    }
}
