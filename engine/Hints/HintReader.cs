using System.Collections.Immutable;
using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Hints;

/// <summary>A word with its arguments: <c>IndexScan(t idx)</c>.</summary>
/// <param name="Text">The hint and all behind it, as messages quote it.</param>
internal sealed record Hint(string Keyword, ImmutableArray<string> Words, string Text);

/// <summary>Cuts a hint comment into hints; the first that is malformed ends it, with a message.</summary>
/// <remarks>Source: the manual of pg_hint_plan, whose words and messages these are.</remarks>
internal ref struct HintReader(string text, List<SqlNotice> messages)
{
    private int _at = 0;

    internal List<Hint> Read()
    {
        List<Hint> hints = [];
        if (text.Contains("/*", StringComparison.Ordinal))
        {
            Refuse(0, "Nested block comments are not supported.");
            return hints;
        }
        for (SkipBlanks(); _at < text.Length; SkipBlanks())
        {
            int start = _at;
            while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] != '(')
                _at++;
            string keyword = text[start.._at];
            if (!StatementHints.IsKnown(keyword))
            {
                Refuse(start, $"Unrecognized hint keyword \"{keyword}\".");
                return hints;
            }
            if (ReadWords() is not { } words)
                return hints;
            hints.Add(new Hint(keyword, words, text[start..]));
        }
        return hints;
    }

    internal static SqlNotice Malformed(string text, string detail) => new(
        "INFO", SqlState.SuccessfulCompletion, $"pg_hint_plan: hint syntax error at or near \"{text}\"", detail);

    private ImmutableArray<string>? ReadWords()
    {
        SkipBlanks();
        if (_at == text.Length || text[_at] != '(')
            return Refuse(_at, "Opening parenthesis is necessary.");
        _at++;
        var words = ImmutableArray.CreateBuilder<string>();
        for (int depth = 1; ;)
        {
            SkipBlanks();
            if (_at == text.Length)
                return Refuse(_at, "Closing parenthesis is necessary.");
            if (text[_at] is '(' or ')')
            {
                depth += text[_at++] == '(' ? 1 : -1; // Leading((a b)) has inner ones
                if (depth == 0)
                    return words.ToImmutable();
            }
            else if (ReadWord() is { } word)
            {
                words.Add(word);
            }
            else
            {
                return null;
            }
        }
    }

    private string? ReadWord()
    {
        var word = new StringBuilder();
        bool isQuoted = text[_at] == '"';
        if (isQuoted)
            _at++;
        while (true)
        {
            if (_at == text.Length)
            {
                if (!isQuoted)
                    break;
                Refuse(_at, "Unterminated quoted string.");
                return null;
            }
            char c = text[_at];
            if (isQuoted && c == '"')
            {
                _at++;
                if (_at == text.Length || text[_at] != '"')
                    break;
            }
            else if (!isQuoted && (char.IsWhiteSpace(c) || c is '(' or ')' or '"'))
            {
                break;
            }
            word.Append(c);
            _at++;
        }
        if (word.Length > 0)
            return word.ToString();
        Refuse(_at, "Zero-length delimited string.");
        return null;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
    }

    private readonly ImmutableArray<string>? Refuse(int at, string detail)
    {
        messages.Add(Malformed(text[at..], detail));
        return null;
    }
}
