using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>BERT's: drops control characters, makes all white space blanks, sets Chinese signs apart, drops accents,
/// lowers.</summary>
internal sealed class BertNormalizer(bool cleans, bool partsChinese, bool stripsAccents, bool lowers) : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        int start = target.Count;
        int plain = AppendPlain(source, target);
        if (plain == source.Length)
            return;
        target.Truncate(start);
        TextBuffer cleaned = Spare<TextBuffer>.Take();
        Clean(source, cleaned);
        if (stripsAccents)
        {
            TextBuffer stripped = Spare<TextBuffer>.Take();
            NormalForm.Decompose(cleaned.Span, stripped, isCompatible: false);
            bool wasLost = cleaned.IsStartLost;
            cleaned.Clear();
            DropNormalizer.Drop(stripped.Span, cleaned, CodePointKinds.Accent);
            cleaned.IsStartLost |= wasLost;
            Spare<TextBuffer>.Return(stripped);
        }
        target.IsStartLost |= cleaned.IsStartLost;
        if (lowers)
            LowercaseNormalizer.Lower(cleaned.Span, target);
        else
            target.Append(cleaned.Span);
        Spare<TextBuffer>.Return(cleaned);
    }

    /// <summary>Rewrites up to the first character beyond ASCII; most texts have none.</summary>
    private int AppendPlain(ReadOnlySpan<char> source, TextBuffer target)
    {
        Span<char> room = target.Room(source.Length);
        int count = 0;
        for (int i = 0; i < source.Length; i++)
        {
            char letter = source[i];
            if (letter >= 0x80)
                return i;
            if (letter is < ' ' or '\x7F' && cleans)
            {
                if (letter is not ('\t' or '\n' or '\r'))
                {
                    target.IsStartLost |= i == 0;
                    continue;
                }
                letter = ' ';
            }
            room[count++] = lowers && letter is >= 'A' and <= 'Z' ? (char)(letter | 0x20) : letter;
        }
        target.Advance(count);
        return source.Length;
    }

    private void Clean(ReadOnlySpan<char> source, TextBuffer target)
    {
        for (int i = 0; i < source.Length;)
        {
            int point = CodePoints.At(source, i, out int length);
            i += length;
            CodePointKinds kinds = CodePoints.KindsOf(point);
            if (cleans && (kinds & CodePointKinds.Removed) != 0)
            {
                target.IsStartLost |= i == length;
                continue;
            }
            if (cleans && (kinds & CodePointKinds.Space) != 0)
                point = ' ';
            bool isApart = partsChinese && (kinds & CodePointKinds.Chinese) != 0;
            if (isApart)
                target.Append(' ');
            target.Append(point);
            if (isApart)
                target.Append(' ');
        }
    }
}
