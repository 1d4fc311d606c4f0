namespace VecSQL.Engine.Arrow;

/// <summary>How a receiver wants an Arrow stream.</summary>
/// <param name="BatchBytesMax">Bytes that a record batch's body is filled up to; more only where a single row has more.</param>
/// <param name="AcceptsZstd">Whether it reads bodies whose buffers are compressed with Zstandard.</param>
public sealed record ArrowStreamOptions(int BatchBytesMax = 2 << 20, bool AcceptsZstd = false)
{
    public static readonly ArrowStreamOptions Default = new();
}
