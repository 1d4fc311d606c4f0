namespace VecSQL.Vectors.Cells;

/// <summary>The parts of a build, in order.</summary>
public enum CellBuildPhase : byte
{
    /// <summary>The rows are looked through.</summary>
    Initializing,

    /// <summary>Finding the cells' centroids.</summary>
    Training,

    /// <summary>Finding each row's cell.</summary>
    Assigning,

    /// <summary>Coding the rows, cell by cell.</summary>
    Coding,

    /// <summary>Measuring recall.</summary>
    Measuring,

    /// <summary>Writing the file.</summary>
    Publishing,
}
