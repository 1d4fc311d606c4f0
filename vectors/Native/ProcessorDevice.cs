using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Native;

/// <summary>The processor, by the kernels of this project.</summary>
public sealed class ProcessorDevice : IVectorDevice
{
    public string Name => "processor";

    public ICentroidSearch Centroids(ReadOnlySpan<float> vectors, int dimensions) => new VectorPanels(vectors, dimensions);

    public IQuerySieve Sieve(QueryPanels queries) => new QuerySieve(queries);

    public CodeQueries? Codes(DistanceMetric metric, ReadOnlySpan<float> queries, int dimensions) =>
        CodeQueries.Create(metric, queries, dimensions);
}
