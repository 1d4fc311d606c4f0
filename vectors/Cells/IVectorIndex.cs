namespace VecSQL.Vectors.Cells;

/// <summary>An index over the vectors of one segment, whatever its kind.</summary>
public interface IVectorIndex
{
    /// <summary>Rows in it.</summary>
    int RowCount { get; }

    /// <summary>What a search reads from.</summary>
    long Bytes { get; }

    /// <summary>Positions of the segment's rows that the index leaves out, ascending: those without a vector, or without a distance.</summary>
    /// <param name="rowCount">Rows of the segment.</param>
    ReadOnlySpan<int> Missing(int rowCount);
}
