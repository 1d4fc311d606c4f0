using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace VecSQL.Flight.Grpc;

/// <summary>Puts messages into one direction of a call.</summary>
/// <remarks>
/// Memory:  at most <see cref="FlushBytes"/> are put into the pipe before those that read from it are waited for: a reader that is slow
///          holds back the writer, and nothing gathers.
/// Threads: one at a time.
/// </remarks>
internal sealed class MessageWriter(PipeWriter pipe, int bytesMax, bool isGzip)
{
    private const int PrefixBytes = 5;

    private const int FlushBytes = 64 << 10;

    /// <summary>Returns when the message is on its way.</summary>
    /// <exception cref="GrpcException">RESOURCE_EXHAUSTED: the message is too long.</exception>
    public async ValueTask WriteAsync(GrpcPayload payload, CancellationToken cancellation)
    {
        if (payload.Length > bytesMax)
            throw MessageCompression.TooLong(bytesMax);
        GrpcPayload sent = isGzip ? new GrpcPayload(MessageCompression.Compress(payload)) : payload;
        bool isCompressed = sent.Length < payload.Length;
        if (!isCompressed)
            sent = payload;
        WritePrefix(isCompressed, (uint)sent.Length);
        int pending = PrefixBytes;
        for (int i = 0; i < sent.PieceCount; i++)
        {
            ReadOnlyMemory<byte> piece = sent.Piece(i);
            while (piece.Length > 0)
            {
                int count = Math.Min(piece.Length, FlushBytes - pending);
                pipe.Write(piece.Span[..count]);
                piece = piece[count..];
                pending += count;
                if (pending == FlushBytes)
                {
                    await FlushAsync(cancellation).ConfigureAwait(false);
                    pending = 0;
                }
            }
        }
        if (pending > 0)
            await FlushAsync(cancellation).ConfigureAwait(false);
    }

    private void WritePrefix(bool isCompressed, uint length)
    {
        Span<byte> prefix = pipe.GetSpan(PrefixBytes);
        prefix[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], length);
        pipe.Advance(PrefixBytes);
    }

    private async ValueTask FlushAsync(CancellationToken cancellation)
    {
        FlushResult result = await pipe.FlushAsync(cancellation).ConfigureAwait(false);
        if (result.IsCompleted || result.IsCanceled)
            throw new OperationCanceledException("the other side has left the call");
    }
}
