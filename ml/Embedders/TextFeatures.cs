namespace VecSQL.Ml.Embedders;

/// <summary>Takes a text apart into features.</summary>
/// <remarks>
/// A word of <see cref="WordReader"/> gives itself, its pair with the word before, its first five letters, and its runs of three to five
/// letters, ends marked; all of them the less, the more texts have the word.
/// </remarks>
internal static class TextFeatures
{
    private const float WordWeight = 1, ShortWeight = 0.5f, PairWeight = 0.5f, BeginningWeight = 0.5f;
    private const float PartsWeight = 0.7f; // of all parts of a word together, as the root of the sum of squares
    private const int PartMin = 3, PartMax = 5, BeginningLength = 5;

    /// <param name="features">Gets the features.</param>
    /// <param name="words">Gets the words by the keys that <paramref name="table"/> has them by.</param>
    internal static void Collect(ReadOnlySpan<char> text, WordVectors table, FeatureBag features, FeatureBag words)
    {
        Span<char> word = stackalloc char[WordReader.RoomChars];
        ulong before = 0; // the word before, as a hash; 0 for none
        WordReader reader = new(text, word);
        while (reader.Next(out int length))
        {
            ulong key = WordVectors.KeyOf(word.Slice(1, length));
            words.Add(key, 1);
            AddWord(word, length, key, before, table.ImportanceOf(key), features);
            before = key;
        }
    }

    private static void AddWord(Span<char> marked, int length, ulong hash, ulong before, float importance, FeatureBag features)
    {
        ReadOnlySpan<char> word = marked.Slice(1, length);
        bool isShort = length <= 2 && word[0] < 128;
        features.Add(FeatureHash.Finish(hash, FeatureHash.Kind.Word), importance * (isShort ? ShortWeight : WordWeight));
        if (before != 0)
            features.Add(FeatureHash.Finish(hash ^ (before * 31), FeatureHash.Kind.Pair), importance * PairWeight);
        if (length > BeginningLength)
        {
            features.Add(FeatureHash.Finish(FeatureHash.Of(word[..BeginningLength]), FeatureHash.Kind.Beginning),
                importance * BeginningWeight);
        }
        marked[0] = '<';
        marked[length + 1] = '>';
        AddParts(marked[..(length + 2)], importance, features);
    }

    private static void AddParts(ReadOnlySpan<char> marked, float importance, FeatureBag features)
    {
        int count = 0;
        for (int size = PartMin; size <= PartMax; size++)
            count += Math.Max(0, marked.Length - size + 1);
        if (count == 0)
            return;
        float weight = (float)(importance * PartsWeight / Math.Sqrt(count));
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
