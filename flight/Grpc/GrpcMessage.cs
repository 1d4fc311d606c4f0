using System.Buffers;

namespace VecSQL.Flight.Grpc;

/// <summary>A message that came, in one piece.</summary>
/// <remarks>Ownership: whom it is given to disposes of it; its bytes are then used again.</remarks>
public sealed class GrpcMessage : IDisposable
{
    private byte[]? _buffer;

    internal GrpcMessage(byte[] buffer, int length)
    {
        _buffer = buffer;
        Length = length;
    }

    public int Length { get; }

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
