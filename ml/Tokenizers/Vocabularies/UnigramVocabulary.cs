using System.Text;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>SentencePiece's unigram model: of all ways to cut a piece into tokens, the one whose scores sum to the
/// most.</summary>
/// <remarks>
/// A sign that is no token costs ten more than the worst token; such signs in a row are one unknown token, or tokens of
/// their bytes. Of equal ways the one that was found first counts, as in the library.
/// Cost: length × the longest token.
/// Source: Kudo, "Subword Regularization", 2018; Viterbi's search.
/// </remarks>
internal sealed class UnigramVocabulary : Vocabulary
{
    private const double UnknownPenalty = 10;
    private const int KeptCharsMax = 1 << 20; // scratch beyond this is not kept for the next text

    [ThreadStatic]
    private static List<Step>? t_steps;

    [ThreadStatic]
    private static List<(int Start, int End, int Id)>? t_way;

    private readonly double[] _scores;
    private readonly int _unknown;
    private readonly double _unknownScore;
    private readonly int[]? _bytes; // the tokens <0x00> … <0xFF>, where all are there and asked for
    private readonly TokenTrie _trie = new();

    /// <param name="unknown">-1 where there is none: then a sign that is no token is an error.</param>
    internal UnigramVocabulary(
        TokenTable tokens, IReadOnlyList<(string Token, double Score)> pieces, int unknown, bool fallsBackToBytes)
        : base(tokens)
    {
        _scores = [.. pieces.Select(piece => piece.Score)];
        _unknown = unknown;
        _unknownScore = _scores.DefaultIfEmpty(0).Min() - UnknownPenalty;
        for (int id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Token.Length > 0)
                _trie.Add(pieces[id].Token, id);
        }
        int[] bytes = [.. Enumerable.Range(0, 256).Select(value => tokens.TryFind($"<0x{value:X2}>", out int id) ? id : -1)];
        _bytes = fallsBackToBytes ? bytes : null;
    }

    internal override void Encode(ReadOnlySpan<char> piece, TokenList target)
    {
        List<Step> steps = t_steps ??= [];
        Search(piece, steps);
        Collect(piece, steps, target);
        if (piece.Length > KeptCharsMax)
            t_steps = null;
    }

    private void Search(ReadOnlySpan<char> piece, List<Step> steps)
    {
        steps.Clear();
        for (int i = 0; i <= piece.Length; i++)
            steps.Add(new Step(-1, -1, 0));
        Span<Step> best = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(steps);
        for (int start = 0; start < piece.Length;)
        {
            CodePoints.At(piece, start, out int width);
            double before = best[start].Score;
            bool hasSingle = false;
            int node = 0;
            for (int end = start; end < piece.Length;)
            {
                node = _trie.Step(node, piece[end++]);
                if (node == 0)
                    break;
                int id = _trie.IdAt(node);
                if (id < 0)
                    continue;
                Offer(ref best[end], start, id, before + _scores[id]);
                hasSingle |= end == start + width;
            }
            if (!hasSingle)
                Offer(ref best[start + width], start, _unknown, before + _unknownScore);
            start += width;
        }
    }

    private static void Offer(ref Step step, int start, int id, double score)
    {
        if (step.Start < 0 || score > step.Score)
            step = new Step(start, id, score);
    }

    /// <summary>Follows the best way back, and adds its tokens in order.</summary>
    private void Collect(ReadOnlySpan<char> piece, List<Step> steps, TokenList target)
    {
        List<(int Start, int End, int Id)> way = t_way ??= [];
        way.Clear();
        for (int end = piece.Length; end > 0;)
        {
            Step step = steps[end];
            int unknownEnd = end;
            end = step.Start;
            while (step.Id == _unknown && end > 0 && steps[end].Id == _unknown)
                end = steps[end].Start;
            way.Add((end, unknownEnd, step.Id));
        }
        for (int i = way.Count - 1; i >= 0; i--)
        {
            (int start, int end, int id) = way[i];
            if (id == _unknown && !Tokens.TryFind(piece[start..end], out _))
                AddUnknown(piece[start..end], target);
            else
                target.Add(id == _unknown && Tokens.TryFind(piece[start..end], out int found) ? found : id);
        }
    }

    private void AddUnknown(ReadOnlySpan<char> signs, TokenList target)
    {
        if (_bytes is not null)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(signs.ToString());
            if (Array.TrueForAll(bytes, value => _bytes[value] >= 0))
            {
                foreach (byte value in bytes)
                    target.Add(_bytes[value]);
                return;
            }
        }
        target.Add(_unknown);
    }

    private readonly record struct Step(int Start, int Id, double Score);
}
