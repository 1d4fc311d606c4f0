using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Indexes;

/// <summary>What storage needs to know of a vector index to build it.</summary>
/// <param name="Column">A vector(n) or halfvec(n).</param>
/// <param name="Predicate">The column that says which rows belong to the index; 0 for all.</param>
public sealed record VectorIndexDefinition(uint Oid, short Column, DistanceMetric Metric, int CellCount, short Predicate)
    : SegmentIndexDefinition(Oid)
{
    /// <summary>Columns by which searches filter: their keys are kept with the index.</summary>
    public ValueList<short> Include { get; init; } = [];

    /// <summary>The recall that searches aim at where no setting says otherwise.</summary>
    public const double DefaultRecall = 0.97;

    /// <summary>Segments with fewer rows are searched exactly, which is as fast.</summary>
    internal const int RowsMin = 1024;

    internal CellIndexOptions Options => new(Metric, Seed: Oid, CellCount);

    /// <summary>Null for an index that is not one of vectors by cells.</summary>
    public static new VectorIndexDefinition? Of(TableEntry table, IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(index);
        if (MetricOf(index) is not { } metric || index.Columns is not [var number]
            || table.Column(number).Type is not { Oid: TypeOid.Vector or TypeOid.HalfVector, Modifier: > 0 })
            return null;
        return new VectorIndexDefinition(index.Oid, number, metric, CellsOf(index), index.PredicateColumn)
        {
            Include = new ValueList<short>([.. index.Include.Distinct()]),
        };
    }

    internal override string Extension => VectorIndexFile.Extension;

    internal override bool IsFor(SegmentSlot segment) =>
        segment.Info.RowCount >= RowsMin && segment.Reader.HasColumn(Column)
        && (Predicate == 0 || segment.Reader.HasColumn(Predicate));

    internal override object? TryOpen(SegmentFiles files, SegmentSlot segment) =>
        VectorIndexFile.TryOpen(files.Files, files.Directory, segment.Info, this);

    internal override object Build(SegmentFiles files, SegmentSlot segment, SegmentIndexBuild build, CancellationToken cancellation)
    {
        CellBuildProgress progress = new();
        build.BeginSegment(() => (NameOf(progress.Phase), progress.RowsDone));
        SegmentVectors vectors = new(segment.Reader, this, cancellation);
        CellIndexImage image = CellIndexBuilder.Build(
            vectors, vectors.Positions, Options, files.BuildThreads, cancellation, progress);
        progress.Phase = CellBuildPhase.Publishing;
        CellIndex built = new(image);
        foreach (short column in Include)
        {
            if (FilterKeys.Of(segment.Reader, column, built, cancellation) is { } keys)
                built.Add(column, keys);
        }
        VectorIndexFile.Write(files.Files, files.Directory, segment.Info, this, image, built);
        return VectorIndexFile.TryOpen(files.Files, files.Directory, segment.Info, this) ?? built;
    }

    internal static string NameOf(CellBuildPhase phase) => phase switch
    {
        CellBuildPhase.Initializing => "initializing",
        CellBuildPhase.Training => "performing k-means",
        CellBuildPhase.Assigning => "assigning tuples",
        CellBuildPhase.Coding => "loading tuples",
        CellBuildPhase.Measuring => "measuring recall",
        _ => "publishing",
    };
}
