using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Codes;

/// <summary>The queries of a batch in codes, packed for being held against many coded rows at once.</summary>
/// <remarks>
/// Layout:  tiles of eight queries, dimension pair by dimension pair; the last is filled up with zeros.
/// Threads: immutable; any.
/// </remarks>
public sealed class CodeQueries
{
    private readonly CodeQuery?[] _queries;
    private readonly short[] _tiles;
    private readonly int _tileLength;

    private CodeQueries(CodeQuery?[] queries, int dimensions)
    {
        _queries = queries;
        Dimensions = dimensions;
        TileCount = (queries.Length + CodeTiles.Queries - 1) / CodeTiles.Queries;
        _tileLength = ((dimensions + 1) & ~1) * CodeTiles.Queries;
        _tiles = new short[checked(TileCount * _tileLength)];
        for (int i = 0; i < queries.Length; i++)
            queries[i]?.Pack(_tiles.AsSpan(i / CodeTiles.Queries * _tileLength, _tileLength), i % CodeTiles.Queries, CodeTiles.Queries);
    }

    public int Dimensions { get; }

    public int Count => _queries.Length;

    /// <summary>What the codes take, once for all threads.</summary>
    public long Bytes => 2L * sizeof(short) * _tiles.Length; // each query's own, and those in tiles

    internal int TileCount { get; }

    /// <summary>Null where codes say nothing of the query.</summary>
    internal CodeQuery? this[int query] => _queries[query];

    /// <summary>Null where this machine would not gain by codes, or the metric has none.</summary>
    /// <param name="queries">Whole vectors, one after the other.</param>
    /// <exception cref="ArgumentException">They are not whole vectors.</exception>
    public static CodeQueries? Create(DistanceMetric metric, ReadOnlySpan<float> queries, int dimensions) =>
        CodeTiles.IsFast && metric is not DistanceMetric.L1 ? Encode(metric, queries, dimensions) : null;

    internal static CodeQueries Encode(DistanceMetric metric, ReadOnlySpan<float> queries, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (queries.Length % dimensions != 0)
            throw new ArgumentException($"{queries.Length} floats for vectors of {dimensions}");
        var coded = new CodeQuery?[queries.Length / dimensions];
        for (int i = 0; i < coded.Length; i++)
            coded[i] = CodeQuery.Encode(metric, queries.Slice(i * dimensions, dimensions));
        return new CodeQueries(coded, dimensions);
    }

    internal ReadOnlySpan<short> Tile(int tile) => _tiles.AsSpan(tile * _tileLength, _tileLength);
}
