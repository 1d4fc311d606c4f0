using System.Buffers;
using VecSQL.Ml.Tokenizers.Unicode;
using VecSQL.Ml.Tokenizers.Vocabularies;

namespace VecSQL.Ml.Tokenizers;

/// <summary>Cuts a text where added tokens stand in it. Threads: any.</summary>
/// <remarks>Of tokens that begin at one place the longest counts. A match that is refused, since a word goes on beside
/// it, hides others in it all the same; white space that a token takes does not. So it is in the library.</remarks>
internal sealed class AddedTokenSearch
{
    private readonly AddedToken[] _tokens;
    private readonly TokenTrie _trie = new(); // of indexes of those
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">With the text by which each is looked for.</param>
    /// <exception cref="FormatException">One is too long.</exception>
    internal AddedTokenSearch(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        _tokens = [.. tokens.Where(token => token.Text.Length > 0).Select(token => token.Token with { Content = token.Text })];
        for (int i = 0; i < _tokens.Length; i++)
        {
            string text = _tokens[i].Content;
            if (text.Length > TokenTable.LengthLimit)
                throw new FormatException($"a token of more than {TokenTable.LengthLimit} signs");
            if (IndexAt(text) is not { } known || _tokens[known].Content.Length < text.Length) // the first of equal ones counts
                _trie.Add(text, i);
        }
        _firsts = SearchValues.Create([.. _tokens.Select(token => token.Content[0]).Distinct()]);
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

    private AddedToken? At(ReadOnlySpan<char> text) => IndexAt(text) is { } index ? _tokens[index] : null;

    /// <summary>The longest token that a text starts with.</summary>
    private int? IndexAt(ReadOnlySpan<char> text)
    {
        int? longest = null;
        int node = 0;
        foreach (char letter in text)
        {
            node = _trie.Step(node, letter);
            if (node == 0)
                break;
            if (_trie.IdAt(node) is >= 0 and int index)
                longest = index;
        }
        return longest;
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
