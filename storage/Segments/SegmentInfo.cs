namespace VecSQL.Storage.Segments;

/// <summary>A segment's number, unique in a data directory and never reused.</summary>
public readonly record struct SegmentId(long Value)
{
    /// <summary>The Arrow file's name, without directory.</summary>
    public string ArrowName => $"{Value:x16}.arrow";

    /// <summary>The sidecar's name, without directory.</summary>
    public string SidecarName => $"{Value:x16}.vsql";

    public override string ToString() => Value.ToString("x16");
}

/// <summary>What the manifest keeps about a segment; a segment is opened with it and checked against it.</summary>
/// <param name="MinCommit">
/// Commit timestamp of the oldest row; equal to <paramref name="MaxCommit"/> when all rows have the same, which is then
/// not stored per row. A segment written before its transaction's timestamp is known gets it by <c>info with {
/// MinCommit, MaxCommit }</c>.
/// </param>
public sealed record SegmentInfo(
    SegmentId Id,
    uint TableOid,
    int RowCount,
    long MinRowId,
    long MaxRowId,
    long MinCommit,
    long MaxCommit,
    long ArrowBytes,
    long SidecarBytes)
{
    public bool HasOneCommit => MinCommit == MaxCommit;

    /// <summary>Bytes on disk.</summary>
    public long SizeBytes => ArrowBytes + SidecarBytes;
}
