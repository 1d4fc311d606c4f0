using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.MultiVectors;

namespace VecSQL.Storage.Indexes;

/// <summary>What storage needs to know of an index over arrays of vectors by MaxSim.</summary>
/// <param name="Column">A vector(n)[] or halfvec(n)[].</param>
/// <param name="Predicate">The column that says which rows belong to the index; 0 for all.</param>
public sealed record MaxSimIndexDefinition(uint Oid, short Column, int BytesPerVector, int Dimensions, int CellCount, short Predicate)
    : SegmentIndexDefinition(Oid)
{
    /// <summary>Null for an index that is not one of arrays of vectors.</summary>
    public static new MaxSimIndexDefinition? Of(TableEntry table, IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(index);
        if (VectorOperatorClass.OperatorOf(index) != "@#" || index.Columns is not [var number] || table.Column(number).Type
            is not { Oid: TypeOid.VectorArray or TypeOid.HalfVectorArray, Modifier: > 0 and var dimensions } type)
            return null;
        int bytes = dimensions * (type.Oid == TypeOid.VectorArray ? sizeof(float) : 2);
        return new MaxSimIndexDefinition(index.Oid, number, bytes, dimensions, CellsOf(index), index.PredicateColumn);
    }

    internal override string Extension => MaxSimIndexFile.Extension;

    internal override bool IsFor(SegmentSlot segment) =>
        segment.Info.RowCount >= VectorIndexDefinition.RowsMin && segment.Reader.HasColumn(Column)
        && (Predicate == 0 || segment.Reader.HasColumn(Predicate)) && Fits(segment);

    // Codes are one run of bytes: of vectors so short that their codes are longer than they are, a large segment has too many.
    private bool Fits(SegmentSlot segment) =>
        segment.Reader.BytesOf(Column) / (BytesPerVector + sizeof(int)) * CellIndex.CodeBytesOf(Dimensions) < Array.MaxLength;

    internal override object? TryOpen(SegmentFiles files, SegmentSlot segment) =>
        MaxSimIndexFile.TryOpen(files.Files, files.Directory, segment.Info, Oid);

    internal override object Build(SegmentFiles files, SegmentSlot segment, SegmentIndexBuild build, CancellationToken cancellation)
    {
        int rowCount = segment.Info.RowCount;
        CellBuildProgress progress = new();
        SegmentMultiVectors vectors = new(segment.Reader, this, cancellation);
        build.BeginSegment(() =>
            (VectorIndexDefinition.NameOf(progress.Phase), progress.RowsDone * rowCount / Math.Max(1, vectors.Count)));
        (CellIndexImage image, MaxSimPoint[] points) = MaxSimIndexBuilder.Build(
            vectors, vectors.Positions, rowCount, Oid, CellCount, Environment.ProcessorCount, cancellation, progress);
        progress.Phase = CellBuildPhase.Publishing;
        MaxSimIndexFile.Write(files.Files, files.Directory, segment.Info, Oid, image, points);
        return MaxSimIndexFile.TryOpen(files.Files, files.Directory, segment.Info, Oid) ?? new MaxSimIndex(image, points, rowCount);
    }
}
