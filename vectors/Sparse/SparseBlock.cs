using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Sparse;

/// <summary>The inverted lists of up to <see cref="RowsMax"/> consecutive rows: for each dimension the rows that have it, and their
/// values there.</summary>
/// <remarks>
/// Layout: rows, dimensions, positions, weights (int32 each); then
///         squares     rows float32: the sum of the row's squared values, not a number where the row is left out
///         dimensions  int32, ascending: those that some row has
///         bounds      two float32 for each dimension: the least and the greatest of its weights (for cosine of a row's divided by
///                     its length), 0 among them where some row has not the dimension
///         starts      for each dimension and the end two int32: where its positions and its weights begin
///         weights     float32: the values, in the order of the rows
///         positions   uint16: the rows, from the block's first on
///         A list of more than half of the rows has no positions but a weight for every row, 0 where the row has not the dimension.
///         Integers and floats are little-endian; every part begins at a multiple of four bytes.
/// Threads: immutable.
/// </remarks>
public sealed class SparseBlock
{
    /// <summary>What sixteen bits can number, and a first cache can hold sums for.</summary>
    public const int RowsMax = 4096;

    internal const int HeadBytes = 16;

    private readonly ReadOnlyMemory<byte> _content;
    private readonly int _rows, _dimensions, _positions, _weights;
    private readonly float[] _terms;

    /// <exception cref="ArgumentException">The content is not that of a block.</exception>
    public SparseBlock(ReadOnlyMemory<byte> content, DistanceMetric metric)
    {
        _content = content;
        if (content.Length < HeadBytes)
            throw new ArgumentException("a block of postings has no head");
        ReadOnlySpan<int> head = MemoryMarshal.Cast<byte, int>(content.Span[..HeadBytes]);
        (_rows, _dimensions, _positions, _weights) = (head[0], head[1], head[2], head[3]);
        if (_rows is < 0 or > RowsMax || _dimensions < 0 || _positions < 0 || _weights < 0
            || content.Length != BytesOf(_rows, _dimensions, _positions, _weights))
            throw new ArgumentException($"a block of {_rows} rows, {_dimensions} dimensions and {_weights} weights has not {content.Length} bytes");
        RowValuesMax = CheckLists();
        _terms = [.. Squares];
        foreach (ref float term in _terms.AsSpan())
        {
            if (float.IsNaN(term))
                continue;
            RowsIndexed++;
            (SquareMin, SquareMax) = (Math.Min(SquareMin, term), Math.Max(SquareMax, term));
            term = metric switch
            {
                DistanceMetric.L2 => -term,
                DistanceMetric.Cosine => 1 / MathF.Sqrt(term),
                _ => 0,
            };
        }
    }

    internal int Rows => _rows;

    internal int RowsIndexed { get; }

    internal long PostingCount => _weights;

    internal long Bytes => _content.Length + (4L * _rows);

    internal ReadOnlySpan<float> Squares => Part<float>(HeadBytes, _rows);

    internal float SquareMin { get; } = float.MaxValue;

    internal float SquareMax { get; }

    /// <summary>The most values that a row has.</summary>
    internal int RowValuesMax { get; }

    /// <summary>What makes scores of sums: one over each row's length for cosine, its negative square for L2, nothing for inner products; not
    /// a number for rows that are left out.</summary>
    internal ReadOnlySpan<float> Terms => _terms;

    internal ReadOnlySpan<int> Dimensions => Part<int>(DimensionsStart, _dimensions);

    internal float LeastOf(int list) => Part<float>(BoundsStart, 2 * _dimensions)[2 * list];

    internal float GreatestOf(int list) => Part<float>(BoundsStart, 2 * _dimensions)[(2 * list) + 1];

    /// <summary>The rows of a list; empty where it has a weight for each.</summary>
    internal ReadOnlySpan<ushort> PositionsOf(int list)
    {
        ReadOnlySpan<int> starts = Part<int>(StartsStart, 2 * (_dimensions + 1)).Slice(2 * list, 4);
        return Part<ushort>(PositionsStart, _positions)[starts[0]..starts[2]];
    }

    internal ReadOnlySpan<float> WeightsOf(int list)
    {
        ReadOnlySpan<int> starts = Part<int>(StartsStart, 2 * (_dimensions + 1)).Slice(2 * list, 4);
        return Part<float>(WeightsStart, _weights)[starts[1]..starts[3]];
    }

    /// <summary>A row's value in a list's dimension; 0 where it has none.</summary>
    internal float WeightOf(int list, int row)
    {
        ReadOnlySpan<ushort> positions = PositionsOf(list);
        ReadOnlySpan<float> weights = WeightsOf(list);
        if (positions.IsEmpty)
            return weights[row];
        int at = positions.BinarySearch((ushort)row);
        return at < 0 ? 0 : weights[at];
    }

    internal static long BytesOf(int rows, int dimensions, int positions, int weights) =>
        HeadBytes + (4L * rows) + (4L * dimensions) + (8L * dimensions) + (8L * (dimensions + 1L)) + (4L * weights) + (2L * positions);

    private int DimensionsStart => HeadBytes + (4 * _rows);

    private int BoundsStart => DimensionsStart + (4 * _dimensions);

    private int StartsStart => BoundsStart + (8 * _dimensions);

    private int WeightsStart => StartsStart + (8 * (_dimensions + 1));

    private int PositionsStart => WeightsStart + (4 * _weights);

    private ReadOnlySpan<T> Part<T>(int start, int count) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(_content.Span[start..])[..count];

    // What searches trust: lists lie within the block, and their rows ascend. Returns the most values that a row may have.
    private int CheckLists()
    {
        int[] counts = new int[_rows];
        int inAll = 0;
        ReadOnlySpan<int> starts = Part<int>(StartsStart, 2 * (_dimensions + 1));
        ReadOnlySpan<ushort> positions = Part<ushort>(PositionsStart, _positions);
        bool isSound = starts[0] == 0 && starts[1] == 0 && starts[^2] == _positions && starts[^1] == _weights;
        for (int list = 0; isSound && list < _dimensions; list++)
        {
            int first = starts[2 * list], end = starts[(2 * list) + 2], count = starts[(2 * list) + 3] - starts[(2 * list) + 1];
            isSound = first <= end && end <= _positions && count == (end > first ? end - first : _rows)
                && (list == 0 || Dimensions[list - 1] < Dimensions[list]);
            inAll += end == first ? 1 : 0;
            for (int i = first; isSound && i < end; i++)
            {
                isSound = positions[i] < _rows && (i == first || positions[i - 1] < positions[i]);
                counts[isSound ? positions[i] : 0]++;
            }
        }
        if (!isSound)
            throw new ArgumentException("a block's lists of postings are not in order");
        int most = 0;
        foreach (int count in counts)
            most = Math.Max(most, count);
        return most + inAll;
    }
}
