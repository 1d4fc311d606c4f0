using System.Buffers;

namespace VecSQL.Storage.Files;

/// <summary>Bytes of a mapped file as memory that keeps the file mapped.</summary>
internal sealed unsafe class MappedMemory(MappedFile file, long offset, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new(file.Start + offset, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(file.Start + offset + elementIndex, pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
