namespace VecSQL.Ml.Embedders;

/// <summary>Hashes of features. They decide every vector, so they never change within a version of the
/// embedder.</summary>
internal static class FeatureHash
{
    /// <summary>What a text without words has instead.</summary>
    internal static readonly ulong Empty = Finish(0, Kind.Empty);

    internal enum Kind : ulong { Empty = 1, Word = 2, Pair = 3, Part = 4, Beginning = 5 }

    /// <summary>FNV-1a over characters.</summary>
    internal const ulong Start = 14_695_981_039_346_656_037;

    internal static ulong Next(ulong hash, char letter) => (hash ^ letter) * 1_099_511_628_211;

    internal static ulong Of(ReadOnlySpan<char> letters)
    {
        ulong hash = Start;
        foreach (char letter in letters)
            hash = Next(hash, letter);
        return hash;
    }

    /// <summary>Spreads a hash over all bits, differently for each kind of feature.</summary>
    internal static ulong Finish(ulong hash, Kind kind)
    {
        hash ^= (ulong)kind * 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
