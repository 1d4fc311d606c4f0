namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Sets something before a text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        if (source.Length > 0)
            target.Append(prefix);
        if (source.Length > 0 && prefix.Length > 0)
            target.IsStartLost = false;
        target.Append(source);
    }
}
