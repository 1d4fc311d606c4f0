namespace VecSQL.Vectors.Cells;

/// <summary>How hard to look.</summary>
/// <param name="Cells">Cells to probe, the nearest first.</param>
/// <param name="Reach">Standard errors that a one-bit estimate is lowered by before a row is ruled out.</param>
/// <param name="Candidates">Rows to keep by their eight-bit codes, for exact distances.</param>
public readonly record struct SearchEffort(int Cells, float Reach, int Candidates)
{
    /// <summary>Among rows that pass a filter, which may lie anywhere, this in place of <see cref="Cells"/>: how much farther than the
    /// last of the <see cref="Wanted"/> nearest rows the cells are that are looked into.</summary>
    public SearchMargin Margin { get; init; }

    /// <summary>How many rows are wanted of the candidates.</summary>
    public int Wanted { get; init; }
}

/// <summary>What a search has done.</summary>
public record struct SearchWork
{
    public long CellsProbed { get; set; }

    public long CodesScanned { get; set; }

    public long CodesMeasured { get; set; }

    public long RowsMeasured { get; set; }
}
