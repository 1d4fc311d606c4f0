using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSQL.Ml.Embedders;

/// <summary>A table of words: what each tells texts apart, and its vector.</summary>
/// <remarks>
/// Layout: <c>VWRD</c>, int32 words n, int32 dimensions d, n ascending uint64 keys (<see cref="KeyOf"/>), n float32 scales,
/// n float32 importances, n × d int8: a vector is its bytes times its scale. Little-endian.
/// Importance: √(−ln(share)/8), share being that of the texts it was learned from which have the word.
/// Threads: immutable; any.
/// </remarks>
public sealed class WordVectors
{
    private const string Resource = "VecSQL.Ml.Words";
    private const int HeadBytes = 12, WordBytes = sizeof(ulong) + (2 * sizeof(float));
    private const float UnknownImportance = 1.2f; // of a word that one text in a hundred thousand has

    private readonly ulong[] _keys;
    private readonly float[] _scales, _importances;
    private readonly sbyte[] _values;

    /// <exception cref="InvalidDataException">It is no such table.</exception>
    public WordVectors(ReadOnlySpan<byte> table)
    {
        if (table.Length < HeadBytes || !table.StartsWith("VWRD"u8))
            throw new InvalidDataException("not a table of words");
        int count = BinaryPrimitives.ReadInt32LittleEndian(table[4..]);
        Dimensions = BinaryPrimitives.ReadInt32LittleEndian(table[8..]);
        if (count < 0 || Dimensions <= 0 || table.Length != HeadBytes + (count * ((long)WordBytes + Dimensions)))
            throw new InvalidDataException($"a table of {count} words of {Dimensions} dimensions has not {table.Length} bytes");
        ReadOnlySpan<byte> rest = table[HeadBytes..];
        _keys = Take<ulong>(ref rest, count);
        _scales = Take<float>(ref rest, count);
        _importances = Take<float>(ref rest, count);
        _values = Take<sbyte>(ref rest, count * Dimensions);
    }

    /// <summary>Reads the table that comes with the product.</summary>
    public static WordVectors ReadBuiltIn()
    {
        using Stream stream = typeof(WordVectors).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("the table of words is missing from the build");
        byte[] table = new byte[stream.Length];
        stream.ReadExactly(table);
        return new WordVectors(table);
    }

    public int Count => _keys.Length;

    public int Dimensions { get; }

    /// <summary>What a word, in lower case, is found by.</summary>
    public static ulong KeyOf(ReadOnlySpan<char> word) => FeatureHash.Of(word);

    /// <summary>How a word counts that so large a share of the texts has.</summary>
    public static float ImportanceOf(double share) => (float)Math.Sqrt(-Math.Log(share) / 8);

    /// <summary>A word's number; negative where the table does not have it.</summary>
    public int Find(ulong key) => _keys.AsSpan().BinarySearch(key);

    public float ImportanceOf(ulong key) => ImportanceOf(Find(key));

    /// <param name="word">As <see cref="Find"/> gives it.</param>
    public float ImportanceOf(int word) => word >= 0 ? _importances[word] : UnknownImportance;

    /// <summary>Adds a word's vector, times a weight, to the sum's first elements.</summary>
    public void AddTo(Span<double> sum, int word, double weight)
    {
        ReadOnlySpan<sbyte> values = _values.AsSpan(word * Dimensions, Dimensions);
        double scale = _scales[word] * weight;
        for (int i = 0; i < values.Length; i++)
            sum[i] += values[i] * scale;
    }

    private static T[] Take<T>(ref ReadOnlySpan<byte> rest, int count) where T : unmanaged
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(rest)[..count];
        rest = rest[MemoryMarshal.AsBytes(values).Length..];
        return values.ToArray();
    }
}
