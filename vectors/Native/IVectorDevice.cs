using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Native;

/// <summary>Arithmetic of many vectors against many: the steps of builds and of batches of queries that a GPU can do.</summary>
/// <remarks>Threads: any; what it makes says so of itself.</remarks>
public interface IVectorDevice
{
    /// <summary>What it is called in logs.</summary>
    string Name { get; }

    /// <summary>Vectors to find the nearest of: centroids in k-means and in the assignment of rows to cells.</summary>
    /// <param name="vectors">Whole vectors, one after the other; at least one.</param>
    /// <exception cref="ArgumentException">They are not whole vectors.</exception>
    ICentroidSearch Centroids(ReadOnlySpan<float> vectors, int dimensions);

    /// <summary>A sieve that rules out rows for all queries of a batch; each thread has its own.</summary>
    IQuerySieve Sieve(QueryPanels queries);

    /// <summary>The queries of a batch for rows that are coded; null where the device gains nothing by codes.</summary>
    /// <param name="queries">Whole vectors, one after the other.</param>
    CodeQueries? Codes(DistanceMetric metric, ReadOnlySpan<float> queries, int dimensions);
}

/// <summary>Vectors that rows are held against. Threads: immutable; any.</summary>
public interface ICentroidSearch
{
    int Dimensions { get; }

    int Count { get; }

    /// <summary>With so many rows at once it works best.</summary>
    int RowsAtOnce { get; }

    /// <summary>For each row the nearest vector by L2: of equal ones the first.</summary>
    /// <param name="rows">Rows one after the other.</param>
    void FindNearest(ReadOnlySpan<float> rows, Span<int> nearest);
}

/// <summary>Rules out, for each query of a batch, rows that are certainly farther than its threshold. Threads: one at a time.</summary>
public interface IQuerySieve
{
    /// <summary>Rows that may be sifted at once.</summary>
    int RowsMax { get; }

    /// <summary>Rules out for a query what is farther than this from now on.</summary>
    void SetThreshold(int query, double threshold);

    /// <summary>Finds the pairs of rows and queries that may be nearer.</summary>
    /// <param name="rows">At most <see cref="RowsMax"/>, one after the other.</param>
    /// <param name="kept">For each panel, for each row: bit i set where query i of the panel may be nearer.</param>
    void Sift(ReadOnlySpan<float> rows, Span<uint> kept);
}
