namespace VecSQL.Vectors.Sparse;

/// <summary>Keeps the nearest rows that a search finds.</summary>
public interface ISparseTarget
{
    /// <summary>Brings <see cref="Threshold"/> up to date.</summary>
    void Settle();

    /// <summary>Rows farther than this are of no use.</summary>
    double Threshold { get; }

    /// <summary>Takes a row with its exact distance.</summary>
    void Offer(int position, double distance);

    /// <summary>Measures a row and takes it.</summary>
    void Measure(int position);
}
