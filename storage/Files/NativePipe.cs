using System.Runtime.InteropServices;

namespace VecSQL.Storage.Files;

/// <summary>Finding pipes among files: who opens one to read waits until somebody writes, and nothing ends that wait.</summary>
public static partial class NativePipe
{
    private const int FromHere = 1; // SEEK_CUR

    // O_RDONLY, O_NONBLOCK and O_CLOEXEC
    private static readonly int Flags = OperatingSystem.IsMacOS() ? 0x4 | 0x100_0000 : 0x800 | 0x8_0000;

    /// <summary>Whether the path is a pipe's, or another's without places to read from. False for what cannot be opened: opening it says why.</summary>
    public static bool IsAt(string path)
    {
        if (OperatingSystem.IsWindows())
            return false;
        int descriptor = Open(path, Flags);
        if (descriptor < 0)
            return false;
        bool hasPlaces = Seek(descriptor, 0, FromHere) >= 0;
        _ = Close(descriptor);
        return !hasPlaces;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(int descriptor, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
