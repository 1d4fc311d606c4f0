using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Codes;

/// <summary>Rules out, for each query of a batch, coded rows that are certainly farther than its threshold.</summary>
/// <remarks>
/// Bounds:  those of <see cref="CodeQuery"/>, query by query.
/// Threads: one at a time.
/// </remarks>
public sealed class CodeSieve
{
    /// <summary>Rows that are sifted at once.</summary>
    public const int RowsAtOnce = 64;

    private const int TileRows = CodeTiles.Blocks * VectorCodes.BlockRows;

    private readonly CodeQueries _queries;
    private readonly CodeLimit[] _limits;
    private readonly bool[] _isLimited;

    public CodeSieve(CodeQueries queries)
    {
        ArgumentNullException.ThrowIfNull(queries);
        _queries = queries;
        _limits = new CodeLimit[queries.Count];
        _isLimited = new bool[queries.Count];
    }

    /// <summary>Rules out for a query what is farther than this from now on.</summary>
    public void SetThreshold(int query, double threshold)
    {
        _isLimited[query] = _queries[query] is not null && threshold < float.MaxValue;
        if (_isLimited[query] && _queries[query] is { } coded)
            _limits[query] = coded.Below(threshold);
    }

    /// <summary>Finds the pairs of rows and queries that may be nearer.</summary>
    /// <param name="firstRow">Of the coded rows; a multiple of <see cref="RowsAtOnce"/>. That many rows are sifted, or what is left of them.</param>
    /// <param name="kept">For each query: bit i set where row <c>firstRow + i</c> may be nearer.</param>
    /// <exception cref="ArgumentException">The rows do not fit the codes or the queries.</exception>
    public void Sift(VectorCodes codes, int firstRow, Span<ulong> kept)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.Dimensions != _queries.Dimensions || firstRow % RowsAtOnce != 0 || firstRow < 0 || firstRow >= codes.RowCount
            || kept.Length != _limits.Length)
            throw new ArgumentException($"rows from {firstRow} of {codes.RowCount} for {kept.Length} queries");
        int rows = Math.Min(RowsAtOnce, codes.RowCount - firstRow);
        kept.Fill(ulong.MaxValue >> (RowsAtOnce - rows));
        for (int row = 0; row < rows; row += TileRows)
        {
            ReadOnlySpan<sbyte> blocks = codes.BlocksOf(firstRow + row, CodeTiles.Blocks);
            if (blocks.Length == CodeTiles.Blocks * codes.BlockBytes)
                SiftTiles(codes, firstRow + row, blocks, kept, row);
            else
                SiftBlock(codes, firstRow + row, kept, row);
        }
    }

    private void SiftTiles(VectorCodes codes, int row, ReadOnlySpan<sbyte> blocks, Span<ulong> kept, int place)
    {
        Span<int> dots = stackalloc int[CodeTiles.Dots];
        int share = blocks.Length / Math.Max(1, _queries.TileCount);
        for (int tile = 0; tile < _queries.TileCount; tile++)
        {
            int first = tile * CodeTiles.Queries, end = Math.Min(first + CodeTiles.Queries, kept.Length);
            Prefetch.Lines(blocks, blocks.Length + (tile * share), share); // the blocks behind these
            CodeTiles.Multiply(_queries.Tile(tile), blocks, dots);
            for (int query = first; query < end; query++)
            {
                if (!_isLimited[query])
                    continue;
                ReadOnlySpan<int> own = dots.Slice((query - first) * TileRows, TileRows);
                ref readonly CodeLimit limit = ref _limits[query];
                uint farther = limit.Exceeded(codes, row, own[..VectorCodes.BlockRows])
                    | (limit.Exceeded(codes, row + VectorCodes.BlockRows, own[VectorCodes.BlockRows..]) << VectorCodes.BlockRows);
                kept[query] &= ~((ulong)farther << place);
            }
        }
    }

    // A block without another to make a tile with.
    private void SiftBlock(VectorCodes codes, int row, Span<ulong> kept, int place)
    {
        for (int query = 0; query < kept.Length; query++)
        {
            if (_isLimited[query] && _queries[query] is { } coded)
                kept[query] &= ~((ulong)coded.Exceeded(codes, row, _limits[query]) << place);
        }
    }
}
