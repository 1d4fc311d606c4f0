using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VecSQL.Storage.Files;

/// <summary>Flushing a file's bytes and what is needed to read them, but not when they were changed, which .NET writes too.</summary>
internal static partial class NativeFile
{
    private const int Interrupted = 4;

    /// <exception cref="FileFaultException">It is not known what is on disk.</exception>
    internal static void FlushData(SafeFileHandle file, string path)
    {
        while (Synchronise(file) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw NativeDirectory.Fault("flush", path);
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Synchronise(SafeFileHandle file);
}
