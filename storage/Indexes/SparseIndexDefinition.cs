using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Sparse;

namespace VecSQL.Storage.Indexes;

/// <summary>What storage needs to know of an index over sparse vectors, which is one of inverted lists.</summary>
/// <param name="Column">A sparsevec(n).</param>
/// <param name="Predicate">The column that says which rows belong to the index; 0 for all.</param>
public sealed record SparseIndexDefinition(uint Oid, short Column, DistanceMetric Metric, int Dimensions, short Predicate)
    : SegmentIndexDefinition(Oid)
{
    /// <summary>A file has so many sections less one at most, and each block is one.</summary>
    private const int RowsMax = (SidecarFormat.SectionsMax - 1) * SparseBlock.RowsMax;

    /// <summary>Null for an index that is not one of sparse vectors by inner products.</summary>
    public static new SparseIndexDefinition? Of(TableEntry table, IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(index);
        return MetricOf(index) is { } metric && index.Columns is [var number]
            && table.Column(number).Type is { Oid: TypeOid.SparseVector, Modifier: > 0 and var dimensions }
            ? new SparseIndexDefinition(index.Oid, number, metric, dimensions, index.PredicateColumn)
            : null;
    }

    internal override string Extension => SparseIndexFile.Extension;

    internal override bool IsFor(SegmentSlot segment) =>
        segment.Info.RowCount is >= VectorIndexDefinition.RowsMin and <= RowsMax && segment.Reader.HasColumn(Column)
        && (Predicate == 0 || segment.Reader.HasColumn(Predicate));

    internal override object? TryOpen(SegmentFiles files, SegmentSlot segment) =>
        SparseIndexFile.TryOpen(files.Files, files.Directory, segment.Info, this);

    internal override object Build(SegmentFiles files, SegmentSlot segment, SegmentIndexBuild build, CancellationToken cancellation)
    {
        int rowsDone = 0;
        build.BeginSegment(() => ("loading tuples", Volatile.Read(ref rowsDone)));
        List<byte[]> blocks = [];
        SparseBlockBuilder builder = new(Metric == DistanceMetric.Cosine);
        SegmentReader reader = segment.Reader;
        for (int batch = 0; batch < reader.BatchCount; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var vectors = (BinaryColumn)reader.ReadColumn(batch, Column);
            BoolColumn? members = Predicate == 0 ? null : (BoolColumn)reader.ReadColumn(batch, Predicate).Expand();
            for (int row = 0; row < vectors.Length; row++)
            {
                if (vectors.IsNull(row) || (members is not null && (members.IsNull(row) || !members[row])))
                    builder.AddMissing();
                else
                    builder.Add(SparseView.Of(vectors[row]));
                if (builder.RowCount == SparseBlock.RowsMax)
                    blocks.Add(builder.Build());
            }
            Volatile.Write(ref rowsDone, reader.BatchStart(batch + 1));
        }
        if (builder.RowCount > 0)
            blocks.Add(builder.Build());
        SparseIndexFile.Write(files.Files, files.Directory, segment.Info, this, blocks);
        return SparseIndexFile.TryOpen(files.Files, files.Directory, segment.Info, this)
            ?? new SparseIndex(Metric, Dimensions, [.. blocks.Select(block => new SparseBlock(block, Metric))]);
    }
}
