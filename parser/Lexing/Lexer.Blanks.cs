namespace VecSQL.Parser.Lexing;

internal sealed partial class Lexer
{
    /// <summary>Where hint comments stand, those that begin with a plus sign, from the star's right to the star that ends them.</summary>
    internal List<(int Start, int End)> Hints { get; } = [];

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            char c = text[_at];
            if (CharacterClass.IsBlank(c))
                _at++;
            else if (c == '-' && CharAt(_at + 1) == '-')
                SkipLine();
            else if (c == '/' && CharAt(_at + 1) == '*')
                SkipBlockComment();
            else
                return;
        }
    }

    private void SkipLine()
    {
        int length = text.AsSpan(_at).IndexOfAny('\n', '\r');
        _at = length < 0 ? text.Length : _at + length;
    }

    /// <summary>Block comments nest.</summary>
    private void SkipBlockComment()
    {
        _tokenStart = _at;
        _at += 2;
        for (int depth = 1; depth > 0;)
        {
            int length = text.AsSpan(_at).IndexOfAny('*', '/');
            if (length < 0)
            {
                _at = text.Length;
                throw Error("unterminated /* comment");
            }
            _at += length;
            if (text[_at] == '*' && CharAt(_at + 1) == '/')
            {
                depth--;
                _at += 2;
            }
            else if (text[_at] == '/' && CharAt(_at + 1) == '*')
            {
                depth++;
                _at += 2;
            }
            else
            {
                _at++;
            }
        }
        if (text[_tokenStart + 2] == '+')
            Hints.Add((_tokenStart + 3, _at - 2));
    }

    /// <summary>
    /// Where a string constant goes on: behind blanks with a line break among them, and another quote.
    /// </summary>
    private bool TryFindContinuation(int from, out int valueStart)
    {
        bool sawBreak = false;
        int at = from;
        while (at < text.Length)
        {
            char c = text[at];
            if (c is '\n' or '\r')
            {
                sawBreak = true;
                at++;
            }
            else if (CharacterClass.IsBlank(c))
            {
                at++;
            }
            else if (c == '-' && CharAt(at + 1) == '-')
            {
                int length = text.AsSpan(at).IndexOfAny('\n', '\r');
                at = length < 0 ? text.Length : at + length;
            }
            else
            {
                break;
            }
        }
        valueStart = at + 1;
        return sawBreak && CharAt(at) == '\'';
    }
}
