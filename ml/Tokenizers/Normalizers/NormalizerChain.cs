using System.Collections.Immutable;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Several, one after another.</summary>
internal sealed class NormalizerChain(ImmutableArray<Normalizer> parts) : Normalizer
{
    internal override int PassCount { get; } = Math.Max(1, parts.Sum(part => part.PassCount));

    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        if (parts.Length == 0)
        {
            target.Append(source);
            return;
        }
        TextBuffer current = Spare<TextBuffer>.Take(), next = Spare<TextBuffer>.Take();
        for (int i = 0; i < parts.Length - 1; i++)
        {
            next.Clear();
            next.IsStartLost = current.IsStartLost;
            parts[i].Run(i == 0 ? source : current.Span, next);
            (current, next) = (next, current);
        }
        target.IsStartLost |= current.IsStartLost;
        parts[^1].Run(parts.Length == 1 ? source : current.Span, target);
        Spare<TextBuffer>.Return(current);
        Spare<TextBuffer>.Return(next);
    }
}
