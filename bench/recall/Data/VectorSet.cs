namespace VecSQL.Bench.Recall.Data;

/// <summary>Vectors of equal length, one after the other.</summary>
internal sealed record VectorSet(int Dimensions, float[] Values)
{
    public int Count => Values.Length / Dimensions;

    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Dimensions, Dimensions);

    public VectorSet First(int count) =>
        count >= Count ? this : this with { Values = Values.AsSpan(0, count * Dimensions).ToArray() };

    /// <summary>The rows of the given numbers, in their order.</summary>
    public VectorSet Pick(ReadOnlySpan<int> rows)
    {
        float[] picked = new float[rows.Length * Dimensions];
        for (int i = 0; i < rows.Length; i++)
            this[rows[i]].CopyTo(picked.AsSpan(i * Dimensions));
        return this with { Values = picked };
    }
}
