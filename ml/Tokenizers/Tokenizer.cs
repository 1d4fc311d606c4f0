using System.Text;
using VecSQL.Ml.Tokenizers.Normalizers;
using VecSQL.Ml.Tokenizers.Patterns;
using VecSQL.Ml.Tokenizers.Splitters;
using VecSQL.Ml.Tokenizers.Vocabularies;

namespace VecSQL.Ml.Tokenizers;

/// <summary>Texts to tokens, as a <c>tokenizer.json</c> says.</summary>
/// <remarks>
/// A text goes through added tokens, normaliser, cutting, vocabulary, truncation and frame, in that order, and comes out
/// as Hugging Face's library would give it: <c>encode(text, add_special_tokens=True)</c>, without padding.
/// Threads: any; each keeps scratch memory that grows with its longest text.
/// </remarks>
internal sealed class Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokenSearch? _before; // looked for before the text is normalised
    private readonly AddedTokenSearch? _after;

    internal Tokenizer(TokenizerParts parts)
    {
        _parts = parts;
        RegexPattern.BeginText(parts.AddedTokens.Sum(token => (long)token.Content.Length));
        _before = SearchFor([.. parts.AddedTokens.Where(token => !token.IsNormalized)
            .Select(token => (token.Content, token))]);
        _after = SearchFor([.. parts.AddedTokens.Where(token => token.IsNormalized)
            .Select(token => (Normalized(token.Content), token))]);
        IdMax = Math.Max(parts.Vocabulary.Tokens.IdMax, parts.AddedTokens.Select(token => token.Id).DefaultIfEmpty(-1).Max());
    }

    /// <summary>The greatest token that can come out.</summary>
    internal int IdMax { get; }

    /// <summary>Tokens that a text is cut to, special ones included; 0: the file does not say.</summary>
    internal int TokensMax => _parts.TokensMax;

    internal TokenFrame Frame => _parts.Frame;

    /// <summary>The token that fills up a batch; hidden by the attention mask.</summary>
    internal int PaddingId => _parts.PaddingId;

    /// <summary>Appends a text's tokens, special ones included, at most so many.</summary>
    /// <param name="utf8">Bytes that are no UTF-8 become U+FFFD.</param>
    internal void Encode(ReadOnlySpan<byte> utf8, int tokensMax, TokenList target)
    {
        TextBuffer text = Spare<TextBuffer>.Take();
        Span<char> room = text.Room(utf8.Length); // never more chars than bytes
        text.Advance(Encoding.UTF8.GetChars(utf8, room));
        RegexPattern.BeginText(text.Count);
        int ownMax = Math.Max(0, tokensMax - _parts.Frame.Count);
        foreach ((int id, _) in _parts.Frame.Before)
            target.Add(id);
        int start = target.Count;
        // Cut at the end, nothing behind the last token kept can matter; cut at the start, all of it is needed.
        EncodeText(text.Span, _parts.CutsAtStart ? int.MaxValue : start + ownMax, target);
        int excess = target.Count - start - ownMax;
        if (excess > 0 && _parts.CutsAtStart)
            target.Remove(start, start + excess);
        else if (excess > 0)
            target.Truncate(start + ownMax);
        foreach ((int id, _) in _parts.Frame.After)
            target.Add(id);
        Spare<TextBuffer>.Return(text);
    }

    private void EncodeText(ReadOnlySpan<char> text, int most, TokenList target)
    {
        int from = 0;
        for (int at = 0; target.Count < most;)
        {
            int start = text.Length, end = start;
            AddedToken? token = _before?.Find(text, from, ref at, out start, out end);
            if (start > from)
                EncodePlain(text[from..start], from == 0, most, target);
            if (token is null)
                break;
            target.Add(token.Id);
            from = end;
        }
    }

    /// <summary>Text without tokens that are looked for in it as it stands.</summary>
    private void EncodePlain(ReadOnlySpan<char> text, bool isFirst, int most, TokenList target)
    {
        if (_parts.Normalizer is null)
        {
            EncodeNormalized(text, isFirst, most, target);
            return;
        }
        TextBuffer normalized = Spare<TextBuffer>.Take();
        _parts.Normalizer.Run(text, normalized);
        EncodeNormalized(normalized.Span, isFirst && !normalized.IsStartLost, most, target);
        Spare<TextBuffer>.Return(normalized);
    }

    private void EncodeNormalized(ReadOnlySpan<char> text, bool isFirst, int most, TokenList target)
    {
        int from = 0;
        for (int at = 0; target.Count < most;)
        {
            int start = text.Length, end = start;
            AddedToken? token = _after?.Find(text, from, ref at, out start, out end);
            if (start > from)
                EncodePieces(text[from..start], isFirst && from == 0, most, target);
            if (token is null)
                break;
            target.Add(token.Id);
            from = end;
        }
    }

    private void EncodePieces(ReadOnlySpan<char> text, bool isFirst, int most, TokenList target)
    {
        if (_parts.Splitter is null)
        {
            _parts.Vocabulary.Encode(text, target);
            return;
        }
        PieceList pieces = Spare<PieceList>.Take();
        _parts.Splitter.Split(text, isFirst, pieces);
        for (int i = 0; i < pieces.Count && target.Count < most; i++)
            _parts.Vocabulary.Encode(pieces[i], target);
        Spare<PieceList>.Return(pieces);
    }

    private string Normalized(string text)
    {
        if (_parts.Normalizer is null)
            return text;
        TextBuffer target = new();
        _parts.Normalizer.Run(text, target);
        return target.Span.ToString();
    }

    private static AddedTokenSearch? SearchFor((string, AddedToken)[] tokens) =>
        tokens.Length > 0 ? new AddedTokenSearch(tokens) : null;
}
