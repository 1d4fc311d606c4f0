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

    /// <summary>About what it takes in memory.</summary>
    public long MemoryBytes => 200 + Codes.Length + (4L * sizeof(float) * Scales.Length);

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

    private static int BlockBytesOf(int dimensions) => ((dimensions + 1) & ~1) * BlockRows;

    private void EncodeRow(int row, ReadOnlySpan<float> x)
    {
        float largest = 0;
        double square = 0;
        foreach (float value in x)
        {
            largest = Math.Max(largest, Math.Abs(value));
            square += (double)value * value;
        }
        float length = (float)Math.Sqrt(square);
        Lengths[row] = length;
        // Written so that NaN counts as outside.
        if (!(length >= LengthMin && length <= LengthMax))
        {
            Errors[row] = float.PositiveInfinity;
            return;
        }
        float scale = largest / CodeMax, inverse = CodeMax / largest;
        Span<sbyte> block = Codes.AsSpan(row / BlockRows * BlockBytes, BlockBytes);
        int place = row % BlockRows * 2;
        double errorSquare = 0;
        long codedSquare = 0;
        for (int i = 0; i < x.Length; i++)
        {
            int code = (int)MathF.Round(x[i] * inverse);
            block[((i >> 1) * 2 * BlockRows) + place + (i & 1)] = (sbyte)code;
            double error = x[i] - ((double)scale * code);
            errorSquare += error * error;
            codedSquare += code * code;
        }
        Scales[row] = scale;
        CodedSquares[row] = (float)((double)scale * scale * codedSquare);
        Errors[row] = MathF.BitIncrement((float)Math.Sqrt(errorSquare));
    }
}
