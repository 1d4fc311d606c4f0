using System.Runtime.InteropServices;

namespace VecSQL.Storage.Files;

/// <summary>Advice on mapped memory, which .NET has no words for.</summary>
internal static unsafe partial class NativeMapping
{
    /// <remarks>Advice that is not taken costs time, never a wrong byte, so whether it was is not asked.</remarks>
    internal static void Advise(byte* start, long length, MemoryAdvice advice)
    {
        long before = (long)start & (Environment.SystemPageSize - 1); // whole pages are meant
        _ = AdviseMemory(start - before, (nuint)(length + before), (int)advice);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(byte* start, nuint length, int advice);
}
