using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Tables;
using VecSQL.Text.Analysis;

namespace VecSQL.Storage.Indexes;

/// <summary>What storage needs to know of a full-text index to build it.</summary>
/// <param name="Columns">Of texts; each is indexed by itself.</param>
public sealed record TextIndexDefinition(uint Oid, ImmutableArray<short> Columns, Analyzer Analyzer) : SegmentIndexDefinition(Oid)
{
    /// <summary>Null for an index that is not one of texts.</summary>
    public static new TextIndexDefinition? Of(TableEntry table, IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return TextIndexOptions.Of(index) is { } options ? new TextIndexDefinition(index.Oid, index.Columns, options.Analyzer) : null;
    }

    internal override string Extension => TextIndexFile.Extension;

    internal override bool IsFor(SegmentSlot segment)
    {
        foreach (short column in Columns)
        {
            if (!segment.Reader.HasColumn(column))
                return false;
        }
        return true;
    }

    internal override object? TryOpen(SegmentFiles files, SegmentSlot segment) => TextIndexFile.TryOpen(files, segment.Info, this);

    internal override object Build(SegmentFiles files, SegmentSlot segment, SegmentIndexBuild build, CancellationToken cancellation)
    {
        TextIndexBuilder builder = new(segment.Reader, this);
        build.BeginSegment(() => (builder.IsWriting ? "publishing" : "loading tuples", builder.RowsDone));
        TextIndexFile.Write(files, segment.Info, this, builder.Build(cancellation));
        return TextIndexFile.TryOpen(files, segment.Info, this)
            ?? throw new Files.CorruptFileException(TextIndexFile.PathOf(files, segment.Info, this), 0, "it is gone as soon as it was written");
    }
}
