using System.Collections.Concurrent;
using System.Text;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>Byte-pair encoding: a piece begins as its signs, and of all pairs the first in precedence is merged, the
/// leftmost first, until none is left.</summary>
/// <remarks>
/// Cost: n log n in a piece's length. Pieces that came lately are kept with their tokens, since words recur.
/// Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016.
/// </remarks>
internal sealed class BpeVocabulary : Vocabulary
{
    private const int KeptCharsMax = 1 << 20; // room for a longer piece is not kept for the next

    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly int[] _bytes = new int[256]; // the tokens <0x00> … <0xFF>; -1 where there is none
    private readonly int[] _signs = new int[0x250]; // tokens of single signs; -1 where there is none
    private readonly ConcurrentBag<BpeWork> _idle = []; // as many as threads ever worked at once

    internal BpeVocabulary(TokenTable tokens, MergeTable merges, BpeOptions options)
        : base(tokens)
    {
        (_merges, _options) = (merges, options);
        Span<char> sign = stackalloc char[1];
        for (int value = 0; value < _bytes.Length; value++)
            _bytes[value] = Tokens.TryFind($"<0x{value:X2}>", out int id) ? id : -1;
        for (int letter = 0; letter < _signs.Length; letter++)
        {
            sign[0] = (char)letter;
            _signs[letter] = Tokens.TryFind(sign, out int id) ? id : -1;
        }
    }

    internal override void Encode(ReadOnlySpan<char> piece, TokenList target)
    {
        if (_options.KeepsWhole && Tokens.TryFind(piece, out int whole))
        {
            target.Add(whole);
            return;
        }
        if (!_idle.TryTake(out BpeWork? work))
            work = new BpeWork();
        if (!work.TryRecall(piece, target))
        {
            int before = target.Count;
            AddSigns(piece, work);
            work.Merge(_merges);
            work.CopyTo(target);
            work.Remember(piece, target.Span[before..]);
        }
        if (piece.Length <= KeptCharsMax)
            _idle.Add(work);
    }

    private void AddSigns(ReadOnlySpan<char> piece, BpeWork work)
    {
        work.Begin(piece.Length);
        bool hasUnknown = false; // one that is still to be added: it waits, since the next may be fused with it
        for (int at = 0; at < piece.Length;)
        {
            int length = 1;
            if (piece[at] >= _signs.Length)
                CodePoints.At(piece, at, out length);
            int id = SignAt(piece, at, length);
            if (id >= 0)
            {
                if (hasUnknown)
                    work.Add(_options.Unknown);
                hasUnknown = false;
                work.Add(id);
            }
            else if ((!_options.FallsBackToBytes || !TryAddBytes(piece.Slice(at, length), at, work))
                && _options.Unknown >= 0)
            {
                if (hasUnknown && !_options.FusesUnknown)
                    work.Add(_options.Unknown);
                hasUnknown = true;
            }
            at += length;
        }
        if (hasUnknown)
            work.Add(_options.Unknown);
    }

    private int SignAt(ReadOnlySpan<char> piece, int at, int length)
    {
        bool hasPrefix = at > 0 && _options.ContinuationPrefix.Length > 0;
        bool hasSuffix = at + length == piece.Length && _options.EndSuffix.Length > 0;
        if (hasPrefix || hasSuffix)
        {
            string sign = string.Concat(hasPrefix ? _options.ContinuationPrefix : "", piece.Slice(at, length),
                hasSuffix ? _options.EndSuffix : "");
            return Tokens.TryFind(sign, out int marked) ? marked : -1;
        }
        return piece[at] < _signs.Length ? _signs[piece[at]]
            : Tokens.TryFind(piece.Slice(at, length), out int id) ? id : -1;
    }

    /// <summary>A sign's bytes, as tokens; none of them where one is missing.</summary>
    private bool TryAddBytes(ReadOnlySpan<char> sign, int at, BpeWork work)
    {
        string text = string.Concat(at > 0 ? _options.ContinuationPrefix : "", sign);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (byte value in bytes)
        {
            if (_bytes[value] < 0)
                return false;
        }
        foreach (byte value in bytes)
            work.Add(_bytes[value]);
        return true;
    }
}
