using System.Runtime.InteropServices;

namespace VecSQL.Storage.Files;

/// <summary>Flushing a directory, which .NET cannot open as a file.</summary>
internal static partial class NativeDirectory
{
    private const int ReadOnly = 0;

    /// <exception cref="FileFaultException">The directory cannot be opened or flushed.</exception>
    internal static void Flush(string path)
    {
        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw Fault("open directory", path);
        try
        {
            if (Synchronise(descriptor) < 0)
                throw Fault("flush directory", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>The error of the last call to the system.</summary>
    internal static FileFaultException Fault(string operation, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        FileFault fault = error switch
        {
            2 => FileFault.NotFound,
            13 => FileFault.AccessDenied,
            28 => FileFault.DiskFull,
            _ => FileFault.Io,
        };
        return new FileFaultException(fault, operation, path, -1, Marshal.GetPInvokeErrorMessage(error), null);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
