using System.Buffers;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Native;

/// <summary>A column's buffer as memory, for what is asynchronous. It keeps the buffer's owner alive.</summary>
/// <remarks>Whoever gets the memory only reads it, though the type that the runtime asks for would let him write.</remarks>
internal sealed unsafe class BufferMemory(ColumnBuffer buffer) : MemoryManager<byte>
{
    internal ColumnBuffer Buffer => buffer;

    public override Span<byte> GetSpan()
    {
        ReadOnlySpan<byte> bytes = buffer.Bytes;
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if (buffer.Owner is Array array)
        {
            GCHandle handle = GCHandle.Alloc(array, GCHandleType.Pinned);
            return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + buffer.OffsetBytes + elementIndex, handle, this);
        }
        return new MemoryHandle(
            (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Bytes)) + elementIndex,
            pinnable: this);
    }

    public override void Unpin()
    {
        // What lies outside the collector's memory does not move; an array is let go by its handle.
    }

    protected override void Dispose(bool disposing)
    {
        // The owner ends with the last who refers to it.
    }
}
