using System.Text;

namespace VecSQL.Ml.Embedders;

/// <summary>The built-in embedder: finds texts that share words and parts of words. It knows nothing of what words
/// mean.</summary>
/// <remarks>
/// Each text becomes a bag of features (see <see cref="FeatureBag"/>): its words, neighbouring words, and runs of
/// letters in its words. A feature's weight grows with the root of its count. Each is thrown onto four of the 384
/// coordinates with signs, all taken from its hash, and the sum is brought to length 1: so the dot product of two texts
/// is, within about 0.05, the cosine between their bags, without a dictionary or training.
/// Deterministic: integer hashes, and float64 additions, products and square roots in order of the text; nothing else.
/// Empty: a text without letters or digits gets one fixed vector of length 1.
/// Threads: any; each keeps scratch memory that grows with its longest text.
/// Paper:   Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009, with four coordinates a
///          feature, not one.
/// </remarks>
public sealed class HashingEmbedder : ITextEmbedder
{
    public static readonly HashingEmbedder Instance = new();

    private const int CoordinateCount = 384, CoordinatesPerFeature = 4;
    private const int KeptCharsMax = 1 << 20; // scratch beyond this is not kept for the next text

    [ThreadStatic]
    private static Scratch? t_scratch;

    public string Name => "hashing";

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
        {
            cancellation.ThrowIfCancellationRequested();
            EmbedOne(texts.Slice(starts[i], lengths[i]), scratch, vectors.Slice(i * CoordinateCount, CoordinateCount));
        }
        if (scratch.Chars.Length > KeptCharsMax)
            t_scratch = null;
    }

    private static void EmbedOne(ReadOnlySpan<byte> text, Scratch scratch, Span<float> vector)
    {
        if (scratch.Chars.Length < text.Length)
            scratch.Chars = new char[Math.Max(text.Length, scratch.Chars.Length * 2)];
        int count = Encoding.UTF8.GetChars(text, scratch.Chars); // never more chars than bytes; bad bytes become U+FFFD
        scratch.Features.Clear();
        TextFeatures.Collect(scratch.Chars.AsSpan(0, count), scratch.Features);
        if (scratch.Features.Count == 0)
            scratch.Features.Add(FeatureHash.Empty, 1);

        Span<double> sums = scratch.Sums;
        sums.Clear();
        foreach ((ulong hash, float weight, int times) in scratch.Features.Entries)
            Throw(hash, weight * Math.Sqrt(times), sums);
        double square = 0;
        foreach (double sum in sums)
            square += sum * sum;
        double scale = square > 0 ? 1 / Math.Sqrt(square) : 0; // features may cancel out, if hardly ever all of them
        for (int i = 0; i < sums.Length; i++)
            vector[i] = (float)(sums[i] * scale);
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
        internal readonly FeatureBag Features = new();
        internal readonly double[] Sums = new double[CoordinateCount];
    }
}
