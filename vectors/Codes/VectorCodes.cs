using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Codes;

/// <summary>Consecutive float32 rows coded in eight bits a dimension, with what bounds the error of each.</summary>
/// <remarks>
/// Shapes: rows[count, d] → codes of ⌈count / 16⌉ blocks; d is rounded up to an even number with zeros.
/// Layout: a block holds 16 rows, dimension pair by dimension pair: the two codes of row 0, of row 1, … of row 15, then
///         the next pair. So a dot product of 16 rows needs no sum across lanes.
/// Error:  |x − scale·c| ≤ <see cref="Errors"/>, which is infinite for rows of which nothing may be concluded.
/// Memory: d + 16 bytes a row. Threads: immutable; any.
/// </remarks>
public sealed class VectorCodes
{
    /// <summary>Rows of a block.</summary>
    public const int BlockRows = 16;

    /// <summary>Lengths whose squares stay clear of float32's ends, with room for sums and differences.</summary>
    internal const float LengthMin = 1e-15f, LengthMax = 1e15f;

    private const int CodeMax = 127;

    private VectorCodes(int dimensions, int rowCount)
    {
        Dimensions = dimensions;
        RowCount = rowCount;
        int blocks = (rowCount + BlockRows - 1) / BlockRows, places = blocks * BlockRows;
        Codes = new sbyte[checked(blocks * BlockBytesOf(dimensions))];
        Scales = new float[places];
        Errors = new float[places];
        Lengths = new float[places];
        CodedSquares = new float[places];
    }

    public int Dimensions { get; }

    public int RowCount { get; }

    internal sbyte[] Codes { get; }

    /// <summary>What a row's codes are multiplied by.</summary>
    internal float[] Scales { get; }

    /// <summary>At least |x − scale·c|.</summary>
    internal float[] Errors { get; }

    /// <summary>|x|.</summary>
    internal float[] Lengths { get; }

    /// <summary>|scale·c|².</summary>
    internal float[] CodedSquares { get; }

    internal int BlockBytes => BlockBytesOf(Dimensions);

    /// <summary>The codes of the block that begins with a row.</summary>
    internal ReadOnlySpan<sbyte> BlockOf(int row) => Codes.AsSpan(row / BlockRows * BlockBytes, BlockBytes);

    /// <summary>The codes of some blocks from the one that begins with a row: fewer where they end.</summary>
    internal ReadOnlySpan<sbyte> BlocksOf(int row, int count)
    {
        int start = row / BlockRows * BlockBytes;
        return Codes.AsSpan(start, Math.Min(count * BlockBytes, Codes.Length - start));
    }

    /// <summary>Codes rows that lie one after the other, <paramref name="stride"/> floats apart.</summary>
    /// <exception cref="ArgumentException">There are fewer floats than rows need.</exception>
    public static VectorCodes Encode(ReadOnlySpan<float> rows, int dimensions, int stride, int count)
    {
        if (dimensions <= 0 || stride < dimensions || count < 0
            || (count > 0 && ((count - 1L) * stride) + dimensions > rows.Length))
            throw new ArgumentException($"{count} rows of {dimensions} every {stride} in {rows.Length}");
        VectorCodes coded = new(dimensions, count);
        for (int row = 0; row < count; row++)
            coded.EncodeRow(row, rows.Slice(row * stride, dimensions));
        return coded;
    }

    /// <summary>About what rows take in memory when coded.</summary>
    public static long BytesOf(int dimensions, int count)
    {
        long blocks = (count + BlockRows - 1L) / BlockRows;
        return 200 + (blocks * (BlockBytesOf(dimensions) + (4 * sizeof(float) * BlockRows)));
    }

    /// <summary>What the codes of a row say it is.</summary>
    internal void Decode(int row, Span<float> target)
    {
        ReadOnlySpan<sbyte> block = BlockOf(row);
        float scale = Scales[row];
        for (int i = 0; i < target.Length; i++)
            target[i] = scale * block[(i / 2 * 2 * BlockRows) + (row % BlockRows * 2) + (i & 1)];
    }

    private static int BlockBytesOf(int dimensions) => ((dimensions + 1) & ~1) * BlockRows;

    private void EncodeRow(int row, ReadOnlySpan<float> x)
    {
        (float largest, float square) = CodeEncoding.Measure(x);
        float length = MathF.Sqrt(square), rounding = (x.Length + 16) * MathF.Pow(2, -23);
        Lengths[row] = length;
        // Written so that NaN counts as outside.
        if (!(length >= LengthMin && length <= LengthMax))
        {
            Errors[row] = float.PositiveInfinity;
            return;
        }
        float scale = largest / CodeMax;
        Span<sbyte> block = Codes.AsSpan(row / BlockRows * BlockBytes, BlockBytes);
        (float errorSquare, int codeSquare) = CodeEncoding.Write(x, scale, block[(row % BlockRows * 2)..]);
        Scales[row] = scale;
        CodedSquares[row] = scale * scale * codeSquare;
        Errors[row] = (MathF.Sqrt(errorSquare) * (1 + rounding)) + (length * MathF.Pow(2, -23));
    }
}
