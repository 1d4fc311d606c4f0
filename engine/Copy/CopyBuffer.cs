using System.Buffers;

namespace VecSQL.Engine.Copy;

/// <summary>Bytes being written, of which the last may be taken back or rewritten.</summary>
internal sealed class CopyBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[4096];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    internal void Put(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    internal void Put(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>The bytes from a place to the end; valid until the next write.</summary>
    internal Span<byte> From(int start) => _bytes.AsSpan(start, Length - start);

    internal void Truncate(int length) => Length = length;

    private void Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength,
                Math.Max(2L * _bytes.Length, (long)Length + count)));
    }
}
