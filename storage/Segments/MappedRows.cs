namespace VecSQL.Storage.Segments;

/// <summary>Values of a fixed-width column by position, where they lie in the mapped file.</summary>
/// <remarks>A batch is mapped, which verifies it, when one of its rows is first asked for. Threads: any.</remarks>
public sealed class MappedRows
{
    private readonly SegmentReader _segment;
    private readonly short _column;
    private readonly Run?[] _runs;

    internal MappedRows(SegmentReader segment, short column)
    {
        (_segment, _column) = (segment, column);
        _runs = new Run?[segment.BatchCount];
    }

    /// <param name="position">In the segment.</param>
    public ReadOnlySpan<byte> At(int position)
    {
        int batch = _segment.BatchOf(position);
        Run run = _runs[batch] ??= new Run(_segment.MapRun(batch, _column)); // two that map at once find the same
        return run.Mapped.Data.Bytes.Slice((position - run.Mapped.FirstPosition) * run.Mapped.StrideBytes, run.Mapped.StrideBytes);
    }

    private sealed class Run(MappedRun mapped)
    {
        internal MappedRun Mapped { get; } = mapped;
    }
}
