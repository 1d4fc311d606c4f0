namespace VecSQL.Text.Tokens;

/// <content>Numbers and versions.</content>
public ref partial struct TokenReader
{
    private bool ReadUnsigned(int at)
    {
        at = SkipDigits(at);
        byte next = Peek(at);
        bool isMore = next switch
        {
            (byte)'.' => TryHost(at + 1, HostPlace.DomainStart) || TryDecimal(at + 1),
            (byte)'-' or (byte)'_' => TryHost(at + 1, HostPlace.LabelStart),
            (byte)'@' => TryEmail(at + 1),
            (byte)'/' => TryPath(at + 1),
            _ => KindAt(at, out _) switch
            {
                CharacterKind.AsciiLetter =>
                    TryExponent(at) || TryHost(at + 1, HostPlace.Label) || ReadNumericWord(at),
                CharacterKind.Letter or CharacterKind.Mark => ReadNumericWord(at),
                _ => false,
            },
        };
        return isMore || Found(TokenKind.UnsignedInteger, at);
    }

    /// <param name="at">Behind the sign.</param>
    private bool TrySigned(int at)
    {
        if (!IsDigit(at))
            return false;
        at = SkipDigits(at);
        if (Peek(at) != '.' || !IsDigit(at + 1))
            return TryExponent(at) || Found(TokenKind.SignedInteger, at);
        return TryDecimal(at + 1) && Kind != TokenKind.Version; // what looks like a version has no sign
    }

    /// <param name="at">Behind the point.</param>
    private bool TryDecimal(int at)
    {
        if (!IsDigit(at))
            return false;
        at = SkipDigits(at);
        if (Peek(at) != '.' || !IsDigit(at + 1))
            return TryExponent(at) || Found(TokenKind.Decimal, at);
        while (Peek(at) == '.' && IsDigit(at + 1))
            at = SkipDigits(at + 1);
        return Found(TokenKind.Version, at);
    }

    private bool TryExponent(int at)
    {
        if ((Peek(at) | 0x20) != 'e')
            return false;
        at += Peek(at + 1) is (byte)'+' or (byte)'-' ? 2 : 1;
        return IsDigit(at) && Found(TokenKind.Scientific, SkipDigits(at));
    }
}
