using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Indexes;

/// <summary>What storage needs to know of a vector index to build it.</summary>
/// <param name="Column">A vector(n) or halfvec(n).</param>
/// <param name="Predicate">The column that says which rows belong to the index; 0 for all.</param>
public sealed record VectorIndexDefinition(uint Oid, short Column, DistanceMetric Metric, int CellCount, short Predicate)
{
    /// <summary>The recall that searches aim at where no setting says otherwise.</summary>
    public const double DefaultRecall = 0.97;

    /// <summary>Segments with fewer rows are searched exactly, which is as fast.</summary>
    internal const int RowsMin = 1024;

    internal CellIndexOptions Options => new(Metric, Seed: Oid, CellCount);

    /// <summary>Null for an index that is not one of vectors by cells.</summary>
    public static VectorIndexDefinition? Of(TableEntry table, IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(index);
        DistanceMetric? metric = VectorOperatorClass.OperatorOf(index) switch
        {
            "<->" => DistanceMetric.L2,
            "<#>" => DistanceMetric.NegativeInnerProduct,
            "<=>" => DistanceMetric.Cosine,
            _ => null, // L1 has no cells: such an index is searched exactly
        };
        if (metric is null || index.Columns is not [var number]
            || table.Column(number).Type is not { Oid: TypeOid.Vector or TypeOid.HalfVector, Modifier: > 0 })
            return null;
        int cells = 0;
        foreach ((string name, string value) in index.Options)
            cells = name == "lists" ? int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : cells;
        return new VectorIndexDefinition(index.Oid, number, metric.Value, cells, index.PredicateColumn);
    }
}
