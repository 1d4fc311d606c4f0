using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VecSQL.Vectors.Native;

namespace VecSQL.Vectors.Kernels;

/// <summary>Rules out, for each query of a batch, rows that are certainly farther than its threshold.</summary>
/// <remarks>
/// A row x is farther from q than t where r(x)·s(q) − x·q > l(q), with
///   L2:            r = |x|²/2 less rounding, s = 1,                    l = t²/2 − |q|²/2, each with rounding
///   inner product: r = |x|,                  s = −ε·|q|,               l = t
///   cosine:        r = |x|,                  s = |q|·((1 − t) − ε),    l = 0.
/// Error:   a float32 sum of d products is within (d + 2)·2⁻²⁴ of the sum of their magnitudes, which is at most |x|·|q|; so are lengths,
///          and what <see cref="Distances"/> gives. ε is eight times that, and four times for L2, where |x|² + |q|² ≥ 2·|x|·|q|.
///          Rows and queries whose squares come near float32's ends are never ruled out, nor is anything by NaN.
/// Threads: one at a time.
/// </remarks>
public sealed class QuerySieve : IQuerySieve
{
    private const int RowsAtOnce = 64; // with them and a panel within reach of the core

    private readonly QueryPanels _queries;
    private readonly float[] _slopes, _limits;
    private readonly double _rounding;

    public QuerySieve(QueryPanels queries)
    {
        ArgumentNullException.ThrowIfNull(queries);
        _queries = queries;
        _slopes = new float[queries.PanelCount * PanelDots.Lanes];
        _limits = new float[_slopes.Length];
        _limits.AsSpan().Fill(float.PositiveInfinity);
        _rounding = (queries.Dimensions + 16) * Math.Pow(2, -24);
    }

    public int RowsMax => RowsAtOnce;

    /// <inheritdoc/>
    public void SetThreshold(int query, double threshold)
    {
        double length = _queries.LengthOf(query);
        _limits[query] = float.PositiveInfinity;
        if (!(length >= QueryPanels.LengthMin && length <= QueryPanels.LengthMax) || !(threshold < float.MaxValue))
            return;
        double limit;
        switch (_queries.Metric)
        {
            case DistanceMetric.L2:
                if (threshold < 0)
                    return;
                _slopes[query] = 1;
                limit = ((threshold * threshold * (1 + (4 * _rounding))) - (length * length * (1 - (4 * _rounding)))) / 2;
                break;
            case DistanceMetric.NegativeInnerProduct:
                _slopes[query] = (float)(-8 * _rounding * length);
                limit = threshold;
                break;
            default:
                _slopes[query] = (float)(length * (1 - threshold - (8 * _rounding)));
                limit = 0;
                break;
        }
        _limits[query] = limit == 0 ? 0 : MathF.BitIncrement((float)limit);
    }

    /// <inheritdoc/>
    public void Sift(ReadOnlySpan<float> rows, Span<uint> kept)
    {
        int dimensions = _queries.Dimensions, count = rows.Length / dimensions;
        if (rows.Length != count * dimensions || count > RowsAtOnce || kept.Length != count * _queries.PanelCount)
            throw new ArgumentException($"{rows.Length} floats of {dimensions} dimensions into {kept.Length} words");
        Span<float> terms = stackalloc float[RowsAtOnce];
        for (int row = 0; row < count; row++)
            terms[row] = TermOf(rows.Slice(row * dimensions, dimensions));
        for (int panel = 0; panel < _queries.PanelCount; panel++)
        {
            Sift(rows, terms[..count], panel, kept.Slice(panel * count, count));
        }
        int extra = (_queries.PanelCount * PanelDots.Lanes) - _queries.Count;
        if (extra == 0)
            return;
        foreach (ref uint word in kept[^count..])
            word &= uint.MaxValue >> extra;
    }

    private void Sift(ReadOnlySpan<float> rows, ReadOnlySpan<float> terms, int panel, Span<uint> kept)
    {
        int dimensions = _queries.Dimensions;
        ref float y = ref MemoryMarshal.GetReference(_queries.Panels.Slice(panel * dimensions * PanelDots.Lanes));
        ref float slope = ref _slopes[panel * PanelDots.Lanes];
        ref float limit = ref _limits[panel * PanelDots.Lanes];
        for (int row = 0; row < kept.Length;)
        {
            ref float x = ref MemoryMarshal.GetReference(rows[(row * dimensions)..]);
            var use = new SieveUse(ref MemoryMarshal.GetReference(terms[row..]), ref slope, ref limit, ref kept[row]);
            if (Vector512.IsHardwareAccelerated && kept.Length - row >= PanelDots.TileRows)
            {
                PanelDots.Tile8(ref x, ref y, dimensions, ref use);
                row += PanelDots.TileRows;
            }
            else
            {
                PanelDots.Tile1(ref x, ref y, dimensions, ref use);
                row++;
            }
        }
    }

    // NaN for rows that must be measured: it makes every comparison false.
    private float TermOf(ReadOnlySpan<float> row)
    {
        ref float x = ref MemoryMarshal.GetReference(row);
        float square = Reduction.Run<ProductStep, SingleLoader, float>(ref x, ref x, (nuint)row.Length, 0);
        double length = Math.Sqrt(square);
        if (!(length >= QueryPanels.LengthMin && length <= QueryPanels.LengthMax))
            return float.NaN;
        return (float)(_queries.Metric == DistanceMetric.L2 ? square * (1 - (4 * _rounding)) / 2 : length);
    }

    private readonly ref struct SieveUse(ref float terms, ref float slopes, ref float limits, ref uint kept) : IPanelUse
    {
        private readonly ref float _terms = ref terms, _slopes = ref slopes, _limits = ref limits;
        private readonly ref uint _kept = ref kept;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Take(int row, Vector512<float> low, Vector512<float> high)
        {
            Vector512<float> term = Vector512.Create(Unsafe.Add(ref _terms, row));
            Vector512<float> isLowOut = Vector512.GreaterThan(
                (term * Vector512.LoadUnsafe(ref _slopes)) - low, Vector512.LoadUnsafe(ref _limits));
            Vector512<float> isHighOut = Vector512.GreaterThan(
                (term * Vector512.LoadUnsafe(ref _slopes, 16)) - high, Vector512.LoadUnsafe(ref _limits, 16));
            Unsafe.Add(ref _kept, row) =
                ~((uint)isLowOut.ExtractMostSignificantBits() | ((uint)isHighOut.ExtractMostSignificantBits() << 16));
        }
    }
}
