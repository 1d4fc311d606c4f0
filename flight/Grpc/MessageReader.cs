using System.Buffers;
using System.Buffers.Binary;

namespace VecSQL.Flight.Grpc;

/// <summary>Cuts one direction of a call into messages.</summary>
/// <remarks>
/// Layout:  compressed? byte · length uint32, big-endian · the message.
/// Memory:  a message of up to <see cref="AtOnceBytes"/> gets its buffer when its length is known; a longer one's grows with what has come,
///          so that a length alone takes no memory. Bytes are copied once.
/// Threads: one at a time.
/// </remarks>
internal sealed class MessageReader(Stream stream, int bytesMax, bool isGzip) : IDisposable
{
    private const int PrefixBytes = 5;

    private const int StagedBytes = 16 << 10;

    private const int AtOnceBytes = 4 << 20;

    private byte[]? _staged = ArrayPool<byte>.Shared.Rent(StagedBytes);
    private int _start, _end;

    private byte[] Staged => _staged ?? throw new ObjectDisposedException(nameof(MessageReader));

    /// <summary>The next message; null at the end.</summary>
    /// <exception cref="GrpcException">The bytes are no messages, or one is too long.</exception>
    public async ValueTask<GrpcMessage?> NextAsync(CancellationToken cancellation)
    {
        while (_end - _start < PrefixBytes)
        {
            if (await StageAsync(cancellation).ConfigureAwait(false))
                continue;
            return _end == _start ? null : throw CutOff();
        }
        byte compressed = Staged[_start];
        uint length = BinaryPrimitives.ReadUInt32BigEndian(Staged.AsSpan(_start + 1));
        _start += PrefixBytes;
        if (compressed > 1)
            throw new GrpcException(GrpcStatusCode.Internal, $"a message begins with {compressed}, which is neither 0 nor 1");
        if (compressed == 1 && !isGzip)
            throw new GrpcException(GrpcStatusCode.Internal, "a message is compressed and grpc-encoding does not say how");
        if (length > bytesMax)
            throw MessageCompression.TooLong(bytesMax);
        GrpcMessage message = await ReadAsync((int)length, cancellation).ConfigureAwait(false);
        return compressed == 1 ? MessageCompression.Decompress(message, bytesMax) : message;
    }

    public void Dispose()
    {
        if (_staged is { } staged)
        {
            _staged = null;
            ArrayPool<byte>.Shared.Return(staged);
        }
    }

    private async ValueTask<bool> StageAsync(CancellationToken cancellation)
    {
        Staged.AsSpan(_start, _end - _start).CopyTo(Staged);
        (_start, _end) = (0, _end - _start);
        int count = await stream.ReadAsync(Staged.AsMemory(_end, StagedBytes - _end), cancellation).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }

    private async ValueTask<GrpcMessage> ReadAsync(int length, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, AtOnceBytes));
        try
        {
            int filled = Math.Min(length, _end - _start);
            Staged.AsSpan(_start, filled).CopyTo(buffer);
            _start += filled;
            while (filled < length)
            {
                if (filled == buffer.Length)
                    buffer = Grown(buffer, length);
                int room = Math.Min(length, buffer.Length) - filled;
                int count = await stream.ReadAsync(buffer.AsMemory(filled, room), cancellation).ConfigureAwait(false);
                filled += count > 0 ? count : throw CutOff();
            }
            GrpcMessage message = new(buffer, length);
            buffer = [];
            return message;
        }
        finally
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grown(byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, buffer.Length * 2L));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static GrpcException CutOff() => new(GrpcStatusCode.Internal, "the last message is cut off");
}
