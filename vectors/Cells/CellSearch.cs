using System.Numerics;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>Searches cell indexes for the rows that are likely nearest; the caller measures those exactly.</summary>
/// <remarks>
/// Nearest cells first; in each, blocks of 64 one-bit codes rule out nearly all rows, eight-bit codes order the rest.
/// Memory:  scratch of a few bytes a cell, used again by the next search.
/// Threads: one at a time.
/// </remarks>
public sealed class CellSearch
{
    private readonly Beam _beam = new();
    private readonly int[] _sums = new int[FastScan.BlockRows];
    private readonly int[] _dots = new int[VectorCodes.BlockRows];
    private short[] _codes = [];
    private float[] _difference = [];
    private float _codeScale, _cellPart;
    private float[] _cellDistances = [];
    private int[] _cells = [];
    private int[] _positions = [];
    private SearchWork _work;

    /// <summary>What searches have done since this was made.</summary>
    public SearchWork Work => _work;

    /// <summary>Positions of the likely nearest rows, nearest first by their codes; valid until the next call.</summary>
    /// <param name="visible">Bit i: the row at position i counts. Empty for all.</param>
    /// <param name="limit">Rows whose distance (squared for L2 and cosine's unit vectors) is certainly not below are of no
    /// interest: what other segments have found.</param>
    public ReadOnlySpan<int> Run(
        CellIndex index, CellQuery query, SearchEffort effort, ReadOnlySpan<ulong> visible, float limit = float.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(query);
        _beam.Clear(effort.Candidates);
        ReadOnlySpan<int> cells = NearestCells(index, query, effort.Cells);
        foreach (int cell in cells)
            Scan(index, query, cell, effort.Reach, visible, limit);
        _work.CellsProbed += cells.Length;
        _work.RowsMeasured += _beam.Count;
        if (_positions.Length < _beam.Count)
            _positions = new int[_beam.Count];
        for (int i = 0; i < _beam.Count; i++)
            _positions[i] = index.Order[_beam.Places[i]];
        return _positions.AsSpan(0, _beam.Count);
    }

    private void Scan(
        CellIndex index, CellQuery query, int cell, float reach, ReadOnlySpan<ulong> visible, float limit)
    {
        (int first, int end) = index.PlacesOf(cell);
        if (first == end)
            return;
        ReadOnlySpan<float> centroid = index.Centroid(cell);
        Prepare(query, centroid);
        double distance = Distances.Between(DistanceMetric.L2, query.Vector, centroid);
        float part = _cellPart = query.IsInnerProduct
            ? (float)Distances.Between(DistanceMetric.NegativeInnerProduct, query.Vector, centroid)
            : (float)(distance * distance);
        for (int block = first / FastScan.BlockRows; block * FastScan.BlockRows < end; block++)
        {
            int start = block * FastScan.BlockRows;
            ulong wanted = ulong.MaxValue;
            if (start < first)
                wanted &= ulong.MaxValue << (first - start);
            if (end - start < FastScan.BlockRows)
                wanted &= (1UL << (end - start)) - 1;
            FastScan.Sum(query.Bits.Table, index.Bits.Slice(block * index.BlockBytes, index.BlockBytes), _sums);
            ulong near = wanted & CodeEstimate.Below(_sums,
                index.BitFactors.Slice(block * 3 * FastScan.BlockRows, 3 * FastScan.BlockRows), query.Bits.Step, query.Bits.Bias,
                part, reach * (float)distance, Math.Min(_beam.Worst, limit));
            _work.CodesScanned += BitOperations.PopCount(wanted);
            if (near != 0)
                Measure(index, query, start, near, visible);
        }
    }

    /// <summary>What the cell's eight-bit codes, of residuals, are multiplied by: the query's residual, or for inner products
    /// the query.</summary>
    private void Prepare(CellQuery query, ReadOnlySpan<float> centroid)
    {
        if (query.IsInnerProduct)
        {
            (_codes, _codeScale) = (query.Codes, query.CodeScale);
            return;
        }
        if (_difference.Length != centroid.Length)
        {
            _difference = new float[centroid.Length];
            _codes = new short[query.Codes.Length];
        }
        else if (_codes == query.Codes)
        {
            _codes = new short[query.Codes.Length];
        }
        for (int i = 0; i < centroid.Length; i++)
            _difference[i] = query.Vector[i] - centroid[i];
        _codeScale = WordCodes.Encode(_difference, _codes);
    }

    private void Measure(CellIndex index, CellQuery query, int start, ulong near, ReadOnlySpan<ulong> visible)
    {
        int stride = _codes.Length;
        ReadOnlySpan<sbyte> codes = index.Codes.Slice(start * stride);
        if (!visible.IsEmpty)
        {
            ReadOnlySpan<int> order = index.Order;
            for (ulong bits = near; bits != 0; bits &= bits - 1)
            {
                int position = order[start + BitOperations.TrailingZeroCount(bits)];
                if ((visible[position >> 6] >> (position & 63) & 1) == 0)
                    near &= ~(bits & (~bits + 1));
            }
        }
        for (ulong bits = near; bits != 0; bits &= bits - 1)
            RowCodes.Prefetch(codes.Slice(BitOperations.TrailingZeroCount(bits) * stride, stride));
        ReadOnlySpan<float> factors = index.CodeFactors.Slice(2 * start);
        for (ulong bits = near; bits != 0; bits &= bits - 1)
        {
            int row = BitOperations.TrailingZeroCount(bits);
            float dot = RowCodes.Dot(_codes, codes.Slice(row * stride, stride)) * (factors[2 * row] * _codeScale);
            float distance = _cellPart + (query.IsInnerProduct ? -dot : factors[(2 * row) + 1] - (2 * dot));
            _beam.Offer(distance, start + row);
        }
        _work.CodesMeasured += BitOperations.PopCount(near);
    }

    /// <summary>The cells whose centroids are nearest by their codes, nearest first.</summary>
    private ReadOnlySpan<int> NearestCells(CellIndex index, CellQuery query, int wanted)
    {
        int count = index.CellCount;
        if (_cells.Length < count)
            (_cells, _cellDistances) = (new int[count], new float[count]);
        VectorCodes codes = index.CentroidCodes;
        ReadOnlySpan<short> coded = query.Codes.AsSpan(0, (index.Dimensions + 1) & ~1);
        for (int first = 0; first < count; first += VectorCodes.BlockRows)
        {
            CodeDots.OfBlock(coded, codes.BlockOf(first), _dots);
            for (int i = 0; i < VectorCodes.BlockRows && first + i < count; i++)
            {
                float dot = _dots[i] * codes.Scales[first + i] * query.CodeScale;
                _cellDistances[first + i] = query.IsInnerProduct ? -dot : codes.CodedSquares[first + i] - (2 * dot);
            }
        }
        return CellSelection.Nearest(_cellDistances.AsSpan(0, count), Math.Min(wanted, count), _cells);
    }
}
