namespace VecSQL.Storage.Segments;

/// <summary>Decompressed columns of segments, shared by all readers and bounded in bytes.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class ColumnCache(long bytesMax)
{
    public long BytesMax { get; } = bytesMax;

    public long UsedBytes => throw new NotImplementedException();
}
