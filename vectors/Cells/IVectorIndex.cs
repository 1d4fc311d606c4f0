namespace VecSQL.Vectors.Cells;

/// <summary>An index over the vectors of one segment, whatever its kind.</summary>
public interface IVectorIndex
{
    /// <summary>Rows in it.</summary>
    int RowCount { get; }

    /// <summary>What a search reads from.</summary>
    long Bytes { get; }

    /// <summary>Cells of it; 0 for one that has none.</summary>
    int CellCount { get; }

    /// <summary>Cells that a search for a recall of the ten nearest looks into.</summary>
    int CellsFor(double recall);

    /// <summary>The recall that was measured at the effort which is to give a recall; NaN where nothing was measured.</summary>
    double RecallFor(double recall);

    /// <summary>Positions of the segment's rows that the index leaves out, ascending: those without a vector, or without a distance.</summary>
    /// <param name="rowCount">Rows of the segment.</param>
    ReadOnlySpan<int> Missing(int rowCount);
}
