using VecSQL.Catalog.Objects;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Indexes;

/// <summary>An index that is kept segment by segment, as a file beside each: what the background work needs to know of it.</summary>
/// <remarks>
/// A kind of index is a record derived from this, named in <see cref="Of"/>. What it builds follows from the segment and this
/// definition alone, so that a file which is lost or damaged is built anew, at any time, to the same bytes.
/// </remarks>
public abstract record SegmentIndexDefinition(uint Oid)
{
    /// <summary>The index's definition; null for one that is not kept segment by segment.</summary>
    public static SegmentIndexDefinition? Of(TableEntry table, IndexEntry index) =>
        VectorIndexDefinition.Of(table, index) as SegmentIndexDefinition ?? SparseIndexDefinition.Of(table, index)
        ?? MaxSimIndexDefinition.Of(table, index) as SegmentIndexDefinition
        ?? (SegmentIndexDefinition?)TextIndexDefinition.Of(table, index);

    /// <summary>Those of a table's indexes that are kept segment by segment.</summary>
    internal static IEnumerable<SegmentIndexDefinition> AllOf(TableEntry table)
    {
        foreach (IndexEntry index in table.Indexes)
        {
            if (Of(table, index) is { } definition)
                yield return definition;
        }
    }

    /// <summary>The metric of an index's vectors; null for L1, which neither cells nor inner products help: it is searched exactly, and for
    /// indexes of anything else.</summary>
    private protected static DistanceMetric? MetricOf(IndexEntry index) => VectorOperatorClass.OperatorOf(index) switch
    {
        "<->" => DistanceMetric.L2,
        "<#>" => DistanceMetric.NegativeInnerProduct,
        "<=>" => DistanceMetric.Cosine,
        _ => null,
    };

    /// <summary>How many cells the index is to have; 0 to follow from the rows.</summary>
    private protected static int CellsOf(IndexEntry index)
    {
        int cells = 0;
        foreach ((string name, string value) in index.Options)
            cells = name == "lists" ? int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : cells;
        return cells;
    }

    /// <summary>How the names of its files end, with the dot.</summary>
    internal abstract string Extension { get; }

    /// <summary>Whether the segment should have the index: one that is too small is searched without as fast.</summary>
    internal abstract bool IsFor(SegmentSlot segment);

    /// <summary>Builds the index, writes its file, and opens it.</summary>
    /// <returns>What <see cref="SegmentSlot.FindIndex"/> gives to searches; any number may use it at once.</returns>
    internal abstract object Build(SegmentFiles files, SegmentSlot segment, SegmentIndexBuild build, CancellationToken cancellation);

    /// <summary>Opens the file that an earlier build has left; null where there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged, or does not fit the segment.</exception>
    internal abstract object? TryOpen(SegmentFiles files, SegmentSlot segment);
}
