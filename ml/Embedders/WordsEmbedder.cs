using System.Text;

namespace VecSQL.Ml.Embedders;

/// <summary>The built-in embedder: finds texts that share words, parts of words, or words that stand for much the same.</summary>
/// <remarks>
/// A text's vector is the sum of two of equal length, brought to length 1:
///   of letters: a bag of features (see <see cref="TextFeatures"/>): its words, neighbouring words, and runs of letters in its words, each
///   weighing what its word tells texts apart, times the root of its count; each is thrown onto four of the 384 coordinates with signs, all
///   taken from its hash, so that the dot product of two is, within about 0.05, the cosine between their bags;
///   of meaning: the learned vectors of its words (<see cref="WordVectors"/>), times the roots of their counts, on the first coordinates.
///   The second is the shorter, the more of a text's words are not known.
/// Deterministic: integer hashes, and float64 additions, products and square roots in order of the text; nothing else.
/// Empty:   a text without letters or digits gets one fixed vector of length 1.
/// Threads: any; each keeps scratch memory that grows with its longest text.
/// Paper:   Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009, with four coordinates a
///          feature, not one. How the words' vectors were learned: bench/retrieval.
/// </remarks>
public sealed class WordsEmbedder : ITextEmbedder
{
    private const int CoordinateCount = 384, CoordinatesPerFeature = 4;
    private const int KeptCharsMax = 1 << 20; // scratch beyond this is not kept for the next text
    private const double MeaningShare = 0.6;

    private static readonly Lazy<WordsEmbedder> s_instance = new(static () => new WordsEmbedder(WordVectors.ReadBuiltIn()));

    [ThreadStatic]
    private static Scratch? t_scratch;

    private readonly WordVectors _words;

    /// <exception cref="ArgumentException">The words' vectors have more dimensions than texts'.</exception>
    public WordsEmbedder(WordVectors words)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Dimensions > CoordinateCount)
            throw new ArgumentException($"{words.Dimensions} dimensions", nameof(words));
        _words = words;
    }

    public static WordsEmbedder Instance => s_instance.Value;

    public string Name => "words";

    public int Dimensions => CoordinateCount;

    public int Version => 1;

    public void Embed(
        ReadOnlySpan<byte> texts,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<int> lengths,
        Span<float> vectors,
        CancellationToken cancellation = default)
    {
        if (starts.Length != lengths.Length || vectors.Length != starts.Length * CoordinateCount)
            throw new ArgumentException($"{vectors.Length} floats for {starts.Length} texts", nameof(vectors));
        Scratch scratch = t_scratch ??= new Scratch();
        for (int i = 0; i < starts.Length; i++)
            EmbedOne(texts.Slice(starts[i], lengths[i]), scratch, vectors.Slice(i * CoordinateCount, CoordinateCount));
        if (scratch.Chars.Length > KeptCharsMax)
            t_scratch = null;
    }

    private void EmbedOne(ReadOnlySpan<byte> text, Scratch scratch, Span<float> vector)
    {
        if (scratch.Chars.Length < text.Length)
            scratch.Chars = new char[Math.Max(text.Length, scratch.Chars.Length * 2)];
        int count = Encoding.UTF8.GetChars(text, scratch.Chars); // never more chars than bytes; bad bytes become U+FFFD
        scratch.Features.Clear();
        scratch.Words.Clear();
        TextFeatures.Collect(scratch.Chars.AsSpan(0, count), _words, scratch.Features, scratch.Words);
        if (scratch.Features.Count == 0)
            scratch.Features.Add(FeatureHash.Empty, 1);

        Span<double> sums = scratch.Sums, meaning = scratch.Meaning;
        sums.Clear();
        foreach ((ulong hash, float weight, int times) in scratch.Features.Entries)
            Throw(hash, weight * Math.Sqrt(times), sums);
        double share = MeaningShare * AddMeaning(scratch.Words, meaning);
        Scale(sums, 1 - share);
        Scale(meaning, share);
        for (int i = 0; i < sums.Length; i++)
            sums[i] += meaning[i];
        Scale(sums, 1);
        for (int i = 0; i < sums.Length; i++)
            vector[i] = (float)sums[i];
    }

    /// <summary>Adds up the vectors of the words; gives how much of what the words tell is told by those that are known.</summary>
    private double AddMeaning(FeatureBag words, Span<double> meaning)
    {
        double known = 0, all = 0;
        meaning.Clear();
        foreach ((ulong key, _, int times) in words.Entries)
        {
            int word = _words.Find(key);
            double weight = Math.Sqrt(times), told = weight * _words.ImportanceOf(word);
            all += told;
            if (word < 0)
                continue;
            known += told;
            _words.AddTo(meaning, word, weight);
        }
        return all > 0 ? Math.Sqrt(known / all) : 0;
    }

    /// <summary>Brings a vector to a length, unless it has none.</summary>
    private static void Scale(Span<double> vector, double square)
    {
        double sum = 0;
        foreach (double value in vector)
            sum += value * value;
        double scale = sum > 0 ? Math.Sqrt(square / sum) : 0; // features may cancel out, if hardly ever all of them
        foreach (ref double value in vector)
            value *= scale;
    }

    /// <summary>Each 16 bits of the hash are a sign and a coordinate.</summary>
    private static void Throw(ulong hash, double amount, Span<double> sums)
    {
        for (int i = 0; i < CoordinatesPerFeature; i++, hash >>= 16)
        {
            uint bits = (uint)hash & 0x7FFF;
            sums[(int)((bits * CoordinateCount) >> 15)] += (hash & 0x8000) == 0 ? amount : -amount;
        }
    }

    private sealed class Scratch
    {
        internal char[] Chars = new char[1024];
        internal readonly FeatureBag Features = new(), Words = new();
        internal readonly double[] Sums = new double[CoordinateCount], Meaning = new double[CoordinateCount];
    }
}
