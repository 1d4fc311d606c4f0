namespace VecSQL.Columnar.Columns;

/// <summary>Is asked before a builder takes much memory for values of variable length, and may refuse by an exception.</summary>
public interface IValueGrowth
{
    /// <param name="fromBytes">What the builder has.</param>
    /// <param name="toBytes">What it wants.</param>
    /// <param name="rowCount">The rows it holds already.</param>
    void Grow(long fromBytes, long toBytes, int rowCount);
}
