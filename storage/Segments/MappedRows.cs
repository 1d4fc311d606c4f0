namespace VecSQL.Storage.Segments;

/// <summary>Values of a fixed-width column by position, where they lie in the mapped file.</summary>
/// <remarks>A batch is mapped, which verifies it, when one of its rows is first asked for. Threads: any.</remarks>
internal sealed class MappedRows(SegmentReader segment, short column)
{
    private readonly Run?[] _runs = new Run?[segment.BatchCount];

    internal ReadOnlySpan<byte> At(int position)
    {
        int batch = segment.BatchOf(position);
        Run run = _runs[batch] ??= new Run(segment.MapRun(batch, column)); // two that map at once find the same
        return run.Mapped.Data.Bytes.Slice((position - run.Mapped.FirstPosition) * run.Mapped.StrideBytes, run.Mapped.StrideBytes);
    }

    private sealed class Run(MappedRun mapped)
    {
        internal MappedRun Mapped { get; } = mapped;
    }
}
