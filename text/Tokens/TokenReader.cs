using System.Text;

namespace VecSQL.Text.Tokens;

/// <summary>Cuts a text into tokens as PostgreSQL's default parser does: words, numbers, addresses, paths, tags, and what is between.</summary>
/// <remarks>
/// Every byte of the text is of a token, and some are of several: a compound word comes before its parts, an address before its host
/// and its path. Where a character may go on in several ways they are tried in order, each to its end; the first that ends well counts.
/// Cost: linear for texts; a text made for it may have tags that never end be looked at again from each of its beginnings.
/// </remarks>
public ref partial struct TokenReader(ReadOnlySpan<byte> utf8)
{
    private readonly ReadOnlySpan<byte> _text = utf8;
    private int _next;
    private int _hostEnd;            // of the address that was read last; 0 for none
    private bool _isInCompound;      // its parts come next
    private bool _isInScript;        // of a page: nothing but tags counts there
    private bool _isCut;             // the rest is not read
    private int _hostDeadUntil;      // what begins behind a sign before it and was tried there is no host
    private int _commentOpenFrom;    // no comment that begins at or behind it ends; 0 for unknown

    public TokenKind Kind { get; private set; }

    /// <summary>Where the token begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where what comes behind it begins.</summary>
    public int End { get; private set; }

    public readonly ReadOnlySpan<byte> Token => _text[Start..End];

    /// <summary>Reads on to the next token; false at the end.</summary>
    public bool MoveNext()
    {
        if (_hostEnd > 0)
            return MoveInUrl();
        if (_isInCompound && MoveToPart())
            return true;
        _isInCompound = false;
        Start = _next;
        if (Start == _text.Length || _isCut)
            return false;
        bool isFound = Peek(Start) switch
        {
            (byte)'<' => TryTag(Start),
            _ when _isInScript => false,
            (byte)'-' or (byte)'+' => TrySigned(Start + 1),
            (byte)'&' => TryEntity(Start + 1),
            (byte)'~' => TryHomePath(Start + 1),
            (byte)'/' => TryPath(Start + 1),
            (byte)'.' => TryDottedPath(Start + 1),
            _ => KindAt(Start, out _) switch
            {
                CharacterKind.AsciiLetter => ReadAsciiWord(Start),
                CharacterKind.Letter => ReadWord(Start),
                CharacterKind.Digit => ReadUnsigned(Start),
                _ => false,
            },
        };
        if (_isCut)
            return false;
        if (!isFound)
            ReadBlank(Start);
        _next = Kind is TokenKind.Url or TokenKind.AsciiCompound or TokenKind.Compound or TokenKind.NumericCompound ? Start : End;
        return true;
    }

    /// <summary>The byte at a place; 0 at the end.</summary>
    private readonly byte Peek(int at) => at < _text.Length ? _text[at] : (byte)0;

    private readonly CharacterKind KindAt(int at, out int length)
    {
        byte first = Peek(at);
        length = 1;
        if (first < 128)
            return CharacterKinds.OfAscii(first);
        Rune.DecodeFromUtf8(_text[at..], out Rune rune, out length);
        return CharacterKinds.Of(rune);
    }

    private readonly bool IsAsciiLetter(int at) => char.IsAsciiLetter((char)Peek(at));

    private readonly bool IsDigit(int at) => char.IsAsciiDigit((char)Peek(at));

    private readonly bool IsAsciiLetterOrDigit(int at) => char.IsAsciiLetterOrDigit((char)Peek(at));

    private readonly int SkipDigits(int at)
    {
        while (IsDigit(at))
            at++;
        return at;
    }

    private bool Found(TokenKind kind, int end)
    {
        (Kind, End) = (kind, end);
        return true;
    }

    private bool MoveInUrl()
    {
        if (Kind == TokenKind.Url)
        {
            Found(TokenKind.Host, _hostEnd);
            return true;
        }
        Start = _hostEnd;
        int end = Start + 1;
        while (IsOfUrl(Peek(end)))
            end++;
        (_hostEnd, _next) = (0, end);
        return Found(TokenKind.UrlPath, end);
    }

    // Also what looks like the beginning of something else and is none.
    private void ReadBlank(int start)
    {
        KindAt(start, out int length);
        int at = start + length;
        while (at < _text.Length && Peek(at) != '<')
        {
            CharacterKind kind = KindAt(at, out length);
            if (!_isInScript && (kind >= CharacterKind.Letter || Peek(at) is (byte)'-' or (byte)'+' or (byte)'&' or (byte)'/'))
                break;
            at += length;
        }
        Found(TokenKind.Blank, at);
    }
}
