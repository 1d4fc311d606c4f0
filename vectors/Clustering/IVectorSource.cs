namespace VecSQL.Vectors.Clustering;

/// <summary>Rows of float32 vectors by position, wherever they lie. Threads: any number may read at once.</summary>
public interface IVectorSource
{
    int Dimensions { get; }

    int Count { get; }

    /// <summary>Copies rows <paramref name="first"/> and following.</summary>
    /// <param name="target">As many rows as it has room for, one after the other.</param>
    void Read(int first, Span<float> target);
}
