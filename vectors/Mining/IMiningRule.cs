namespace VecSQL.Vectors.Mining;

/// <summary>Which rows a query may find.</summary>
/// <remarks>Threads: any.</remarks>
public interface IMiningRule
{
    /// <summary>Rows nearer than this are passed over by a query's collector; negative infinity for none.</summary>
    double LeastOf(int collector);

    bool Allows(int query, int row);
}
