using System.Buffers;
using System.IO.Compression;

namespace VecSQL.Flight.Grpc;

/// <summary>The one compression of messages that is known beside none.</summary>
internal static class MessageCompression
{
    public const string Gzip = "gzip", Identity = "identity", Accepted = "identity,gzip";

    /// <summary>What messages are compressed by.</summary>
    /// <returns>False where it is a compression that is not known.</returns>
    public static bool TryRead(string? encoding, out bool isGzip)
    {
        isGzip = encoding == Gzip;
        return isGzip || encoding is null or "" or Identity;
    }

    public static byte[] Compress(in GrpcPayload payload)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int i = 0; i < payload.PieceCount; i++)
                gzip.Write(payload.Piece(i).Span);
        }
        return compressed.ToArray();
    }

    /// <summary>Disposes of the message.</summary>
    /// <exception cref="GrpcException">RESOURCE_EXHAUSTED: it is longer than allowed. INTERNAL: it is not gzip.</exception>
    public static GrpcMessage Decompress(GrpcMessage message, int bytesMax)
    {
        using GrpcMessage compressed = message;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(bytesMax, Math.Max(4096, compressed.Length)) + 1);
        int filled = 0;
        try
        {
            using MemoryStream source = new(compressed.Bytes.ToArray());
            using GZipStream gzip = new(source, CompressionMode.Decompress);
            while (gzip.Read(buffer, filled, buffer.Length - filled) is > 0 and int count)
            {
                filled += count;
                if (filled > bytesMax)
                    throw TooLong(bytesMax);
                if (filled == buffer.Length)
                    buffer = Grown(buffer, filled, bytesMax);
            }
            GrpcMessage whole = new(buffer, filled);
            buffer = [];
            return whole;
        }
        catch (InvalidDataException broken)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "a message that is said to be compressed by gzip is not", broken);
        }
        finally
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static GrpcException TooLong(long bytesMax) =>
        new(GrpcStatusCode.ResourceExhausted, $"a message is longer than {bytesMax} bytes");

    private static byte[] Grown(byte[] buffer, int filled, int bytesMax)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min((long)bytesMax + 1, buffer.Length * 2L));
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
