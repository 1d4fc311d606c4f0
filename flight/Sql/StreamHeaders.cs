using VecSQL.Engine.Arrow;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>What a client says with DoGet of how it wants batches.</summary>
internal static class StreamHeaders
{
    /// <summary><c>zstd</c>: bodies may be compressed with Zstandard.</summary>
    private const string Compression = "x-vecsql-accept-compression";

    /// <summary>A batch's bytes at most; the usual ones fit into what clients take of a message unasked.</summary>
    private const string BatchBytes = "x-vecsql-batch-bytes";

    private const int BatchBytesLeast = 64 << 10, BatchBytesMost = 256 << 20;

    /// <exception cref="GrpcException">INVALID_ARGUMENT: a header says what is not known.</exception>
    public static ArrowStreamOptions Read(GrpcMetadata headers)
    {
        ArrowStreamOptions options = ArrowStreamOptions.Default;
        if (headers.Find(Compression) is { } compression)
        {
            options = options with
            {
                AcceptsZstd = compression switch
                {
                    "zstd" => true,
                    "none" => false,
                    _ => throw new GrpcException(GrpcStatusCode.InvalidArgument, $"{Compression} must be zstd or none"),
                },
            };
        }
        if (headers.Find(BatchBytes) is { } text)
        {
            if (!int.TryParse(text, out int bytes) || bytes is < BatchBytesLeast or > BatchBytesMost)
                throw new GrpcException(GrpcStatusCode.InvalidArgument, $"{BatchBytes} must be a number from {BatchBytesLeast} to {BatchBytesMost}");
            options = options with { BatchBytesMax = bytes };
        }
        return options;
    }
}
