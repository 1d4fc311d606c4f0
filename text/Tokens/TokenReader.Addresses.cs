namespace VecSQL.Text.Tokens;

/// <content>Hosts, addresses of pages and of people, paths.</content>
public ref partial struct TokenReader
{
    private enum HostPlace { LabelStart, Label, DomainStart, DomainLetter, Domain, Dead }

    private static bool IsOfUrl(byte letter) => letter is > 0x20 and < 0x7f
        and not ((byte)'"' or (byte)'<' or (byte)'>' or (byte)'\\' or (byte)'^' or (byte)'`' or (byte)'{' or (byte)'|' or (byte)'}');

    /// <summary>A host, an address of a page, or one of a person: the longest that ends in a domain of letters.</summary>
    private bool TryHost(int at, HostPlace place) => TryHost(at, place, isOfEmail: false);

    private bool TryHost(int at, HostPlace place, bool isOfEmail)
    {
        bool isNested = isOfEmail;
        int end = -1;
        while (place != HostPlace.Dead)
        {
            byte next = Peek(at);
            if (place is HostPlace.LabelStart or HostPlace.DomainStart && at < _hostDeadUntil && !isNested)
                break;
            if (place == HostPlace.Domain && !char.IsAsciiLetterOrDigit((char)next))
            {
                end = at;
                if (next == ':' && IsDigit(at + 1))
                {
                    end = SkipDigits(at + 1);
                    break;
                }
            }
            if (next == '@' && place is not (HostPlace.LabelStart or HostPlace.DomainStart))
            {
                if (!isOfEmail && TryEmail(at + 1))
                    return true;
                isOfEmail = false;
            }
            place = After(place, next);
            at++;
        }
        if (end < 0)
        {
            _hostDeadUntil = isNested ? _hostDeadUntil : Math.Max(_hostDeadUntil, at);
            return false;
        }
        if (isOfEmail || Peek(end) != '/' || !IsOfUrl(Peek(end + 1)))
            return Found(TokenKind.Host, end);
        _hostEnd = end;
        for (end++; IsOfUrl(Peek(end)); end++)
        {
        }
        return Found(TokenKind.Url, end);
    }

    private static HostPlace After(HostPlace place, byte next)
    {
        bool isLetter = char.IsAsciiLetter((char)next), isDigit = char.IsAsciiDigit((char)next);
        switch (place)
        {
            case HostPlace.LabelStart:
                return isLetter || isDigit ? HostPlace.Label : HostPlace.Dead;
            case HostPlace.DomainStart when isLetter:
                return HostPlace.DomainLetter;
            case HostPlace.DomainLetter or HostPlace.Domain when isLetter:
                return HostPlace.Domain;
        }
        if (isLetter || isDigit)
            return HostPlace.Label;
        return place == HostPlace.DomainStart ? HostPlace.Dead : next switch
        {
            (byte)'.' => HostPlace.DomainStart,
            (byte)'-' or (byte)'_' => HostPlace.LabelStart,
            _ => HostPlace.Dead,
        };
    }

    /// <param name="at">Behind the @.</param>
    private bool TryEmail(int at) =>
        TryHost(at, HostPlace.LabelStart, isOfEmail: true) && Kind == TokenKind.Host && Found(TokenKind.Email, End);

    /// <param name="at">Behind the point in a file's name.</param>
    private bool TryFileEnding(int at) => IsOfName(Peek(at)) && ReadPath(at + 1, PathPlace.Name);

    /// <param name="at">Behind a slash.</param>
    private bool TryPath(int at) => ReadPath(at, PathPlace.Slash);

    /// <param name="at">Behind a tilde.</param>
    private bool TryHomePath(int at) => ReadPath(at, PathPlace.Tilde);

    /// <param name="at">Behind a point.</param>
    private bool TryDottedPath(int at) => Peek(at) switch
    {
        (byte)'.' => ReadPath(at + 1, PathPlace.Points),
        (byte)'/' => ReadPath(at + 1, PathPlace.Slash),
        _ => false,
    };

    private enum PathPlace { Name, Slash, Tilde, Point, Points }

    private static bool IsOfName(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter == '_';

    private bool ReadPath(int at, PathPlace place)
    {
        int end = -1;
        while (true)
        {
            byte next = Peek(at);
            if (place == PathPlace.Points)
            {
                if (at == _text.Length || next == '/' || KindAt(at, out _) == CharacterKind.Space)
                    end = at;
                if (next != '/')
                    break;
                place = PathPlace.Slash;
            }
            else if (place == PathPlace.Name)
            {
                end = at;
                if (next == '/')
                    place = PathPlace.Slash;
                else if (next == '.' && IsOfName(Peek(at + 1)))
                    at++;
                else if (!IsOfName(next) && next != '-')
                    break;
            }
            else if (IsOfName(next))
            {
                place = PathPlace.Name;
            }
            else if (next == '.' && place != PathPlace.Tilde)
            {
                place = place == PathPlace.Slash ? PathPlace.Point : PathPlace.Points;
            }
            else if (place == PathPlace.Slash && next == '~')
            {
                place = PathPlace.Tilde;
            }
            else if (place is PathPlace.Point or PathPlace.Tilde && next == '/')
            {
                place = PathPlace.Slash;
            }
            else
            {
                break;
            }
            at++;
        }
        return end >= 0 && Found(TokenKind.File, end);
    }
}
