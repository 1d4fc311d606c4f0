using System.Buffers;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers;

/// <summary>Cuts a text where added tokens stand in it. Threads: any.</summary>
/// <remarks>Of tokens that begin at one place the longest counts. A match that is refused, since a word goes on beside
/// it, hides others in it all the same; white space that a token takes does not. So it is in the library.</remarks>
internal sealed class AddedTokenSearch
{
    private readonly Dictionary<char, AddedToken[]> _byFirst;
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">With the text by which each is looked for.</param>
    internal AddedTokenSearch(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        _byFirst = tokens.Where(token => token.Text.Length > 0).GroupBy(token => token.Text[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Text.Length)
                .Select(token => token.Token with { Content = token.Text }).ToArray());
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>The next token at or behind an index.</summary>
    /// <param name="from">Where the match before ended: white space before that is not taken.</param>
    internal AddedToken? Find(ReadOnlySpan<char> text, int from, ref int at, out int start, out int end)
    {
        while (at < text.Length)
        {
            int offset = text[at..].IndexOfAny(_firsts);
            if (offset < 0)
                break;
            at += offset;
            AddedToken? token = At(text[at..]);
            if (token is null)
            {
                at++;
                continue;
            }
            (start, end) = (at, at + token.Content.Length);
            at = end;
            if (token.IsWord && (IsWordBefore(text, start) || IsWordAt(text, end)))
                continue;
            while (token.TakesLeft && start > from && CodePoints.Is(text[start - 1], CodePointKinds.Space))
                start--;
            while (token.TakesRight && end < text.Length && CodePoints.Is(text[end], CodePointKinds.Space))
                end++;
            start = token.TakesLeft ? Math.Max(start, from) : start;
            return token;
        }
        at = text.Length;
        start = end = text.Length;
        return null;
    }

    private AddedToken? At(ReadOnlySpan<char> text)
    {
        foreach (AddedToken token in _byFirst[text[0]])
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        }
        return null;
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text, int index)
    {
        if (index == 0)
            return false;
        bool isPair = index > 1 && char.IsLowSurrogate(text[index - 1]) && char.IsHighSurrogate(text[index - 2]);
        return IsWordAt(text, index - (isPair ? 2 : 1));
    }

    private static bool IsWordAt(ReadOnlySpan<char> text, int index) =>
        index < text.Length && CodePoints.At(text, index, out _) is var point
        && (point is 0x200C or 0x200D || CodePoints.Is(point, CodePointKinds.Word));
}
