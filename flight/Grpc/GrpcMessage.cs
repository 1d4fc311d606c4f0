using System.Buffers;

namespace VecSQL.Flight.Grpc;

/// <summary>A message that came, in one piece.</summary>
/// <remarks>Ownership: whom it is given to disposes of it; its bytes are then used again.</remarks>
public sealed class GrpcMessage : IDisposable
{
    private byte[]? _buffer;

    internal GrpcMessage(byte[] buffer, int length, bool isCompressed = false)
    {
        _buffer = buffer;
        Length = length;
        IsCompressed = isCompressed;
    }

    public int Length { get; }

    /// <summary>Whether the sender says that the bytes are compressed.</summary>
    internal bool IsCompressed { get; }

    public ReadOnlyMemory<byte> Bytes => (_buffer ?? throw new ObjectDisposedException(nameof(GrpcMessage))).AsMemory(0, Length);

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
