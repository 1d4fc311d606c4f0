using System.Collections.Frozen;

namespace VecSQL.Ml.Embedders;

/// <summary>Takes a text apart into features.</summary>
/// <remarks>
/// Words are runs of letters and digits, in lower case, parted also inside identifiers (<c>CompressStream</c>,
/// <c>XMLReader</c>); signs of scripts written without spaces are words of their own. A word gives itself, its pair
/// with the word before, its first five letters, and its runs of three to five letters, ends marked. Very common
/// English words give little, and no parts.
/// </remarks>
internal static class TextFeatures
{
    private const float WordWeight = 1, CommonWeight = 0.1f, ShortWeight = 0.5f, PairWeight = 0.5f,
        BeginningWeight = 0.5f;
    private const float PartsWeight = 0.7f; // of all parts of a word together, as the root of the sum of squares
    private const int PartMin = 3, PartMax = 5, BeginningLength = 5;
    private const int WordCharsMax = 64; // of a longer run only so many count at a time

    private static readonly FrozenSet<ulong> CommonWords = ((string[])
    [
        "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before", "but",
        "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how",
        "i", "if", "in", "into", "is", "it", "its", "may", "me", "more", "my", "no", "not", "of", "on", "one", "or",
        "other", "our", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then",
        "there", "these", "they", "this", "those", "to", "up", "use", "used", "using", "was", "we", "were", "what",
        "when", "where", "which", "who", "will", "with", "would", "you", "your",
    ]).Select(word => FeatureHash.Of(word)).ToFrozenSet();

    internal static void Collect(ReadOnlySpan<char> text, FeatureBag features)
    {
        Span<char> word = stackalloc char[WordCharsMax + 2]; // with a mark at each end
        int length = 0;
        ulong before = 0; // the word before, as a hash; 0 for none
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            bool isWord = char.IsLetterOrDigit(letter) || char.IsSurrogate(letter);
            if (length > 0 && (!isWord || length == WordCharsMax || BeginsWord(text, i)))
            {
                before = AddWord(word, length, before, features);
                length = 0;
            }
            if (isWord)
                word[++length] = char.ToLowerInvariant(letter);
        }
        if (length > 0)
            AddWord(word, length, before, features);
    }

    /// <summary>Whether a letter that follows another begins a word all the same.</summary>
    private static bool BeginsWord(ReadOnlySpan<char> text, int i)
    {
        char last = text[i - 1], letter = text[i];
        if (IsSign(letter) || IsSign(last))
            return !char.IsLowSurrogate(letter);
        if (!char.IsUpper(letter))
            return false;
        bool endsCapitals = char.IsUpper(last) && i + 1 < text.Length && char.IsLower(text[i + 1]); // XML|Reader
        return char.IsLower(last) || char.IsDigit(last) || endsCapitals;
    }

    /// <summary>A sign of a script without spaces: Chinese, Japanese, Korean; and what lies beyond the basic
    /// plane.</summary>
    private static bool IsSign(char letter) => letter is >= '\u2E80' and <= '\uDFFF' or >= '\uF900' and <= '\uFAFF';

    private static ulong AddWord(Span<char> marked, int length, ulong before, FeatureBag features)
    {
        ReadOnlySpan<char> word = marked.Slice(1, length);
        ulong hash = FeatureHash.Of(word);
        if (CommonWords.Contains(hash))
        {
            features.Add(FeatureHash.Finish(hash, FeatureHash.Kind.Word), CommonWeight);
            return before;
        }
        bool isShort = length <= 2 && word[0] < 128;
        features.Add(FeatureHash.Finish(hash, FeatureHash.Kind.Word), isShort ? ShortWeight : WordWeight);
        if (before != 0)
            features.Add(FeatureHash.Finish(hash ^ (before * 31), FeatureHash.Kind.Pair), PairWeight);
        if (length > BeginningLength)
            features.Add(FeatureHash.Finish(FeatureHash.Of(word[..BeginningLength]), FeatureHash.Kind.Beginning),
                BeginningWeight);
        marked[0] = '<';
        marked[length + 1] = '>';
        AddParts(marked[..(length + 2)], features);
        return hash;
    }

    private static void AddParts(ReadOnlySpan<char> marked, FeatureBag features)
    {
        int count = 0;
        for (int size = PartMin; size <= PartMax; size++)
            count += Math.Max(0, marked.Length - size + 1);
        if (count == 0)
            return;
        float weight = (float)(PartsWeight / Math.Sqrt(count));
        for (int start = 0; start + PartMin <= marked.Length; start++)
        {
            ulong hash = FeatureHash.Start;
            int most = Math.Min(PartMax, marked.Length - start);
            for (int i = 0; i < most; i++)
            {
                hash = FeatureHash.Next(hash, marked[start + i]);
                if (i + 1 >= PartMin)
                    features.Add(FeatureHash.Finish(hash, FeatureHash.Kind.Part), weight);
            }
        }
    }
}
