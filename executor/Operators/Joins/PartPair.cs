using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Spilled rows of both sides of a join whose keys agree in some bits of their hashes.</summary>
internal sealed record PartPair(RowStore Left, RowStore Right, int Depth) : IDisposable
{
    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }
}
