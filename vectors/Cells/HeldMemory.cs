using System.Buffers;
using System.Runtime.ConstrainedExecution;

namespace VecSQL.Vectors.Cells;

/// <summary>Memory that stays where it is until nobody refers to this, so that searches read it by address.</summary>
internal sealed unsafe class HeldMemory(MemoryHandle handle) : CriticalFinalizerObject
{
    private MemoryHandle _handle = handle;

    ~HeldMemory() => _handle.Dispose();

    internal void* Address => _handle.Pointer;
}
