using Microsoft.Win32.SafeHandles;

namespace VecSQL.Storage.Files;

/// <summary>A file of the operating system.</summary>
internal sealed class RealFile(string path, SafeFileHandle handle) : IFile
{
    private const int NoSpaceLeft = 28, FileTooLarge = 27, QuotaUsedUp = 122; // errno on Linux
    private const int WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);

    public string Path { get; } = path;

    public long Length
    {
        get
        {
            try
            {
                return RandomAccess.GetLength(handle);
            }
            catch (IOException cause)
            {
                throw Wrap(cause, "examine", Path, -1);
            }
        }
    }

    public int Read(long offset, Span<byte> target)
    {
        try
        {
            int count = 0;
            while (count < target.Length)
            {
                int read = RandomAccess.Read(handle, target[count..], offset + count);
                if (read == 0)
                    break;
                count += read;
            }
            return count;
        }
        catch (IOException cause)
        {
            throw Wrap(cause, "read", Path, offset);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(handle, source, offset); // writes all of it or throws
        }
        catch (IOException cause)
        {
            throw Wrap(cause, "write", Path, offset);
        }
    }

    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        try
        {
            RandomAccess.Write(handle, pieces, offset);
        }
        catch (IOException cause)
        {
            throw Wrap(cause, "write", Path, offset);
        }
    }

    public void Truncate(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (IOException cause)
        {
            throw Wrap(cause, "truncate", Path, length);
        }
    }

    public void Flush()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                NativeFile.FlushData(handle, Path);
            else
                RandomAccess.FlushToDisk(handle);
        }
        catch (IOException cause)
        {
            throw Wrap(cause, "flush", Path, -1);
        }
    }

    public void Dispose() => handle.Dispose();

    internal static FileFaultException Wrap(Exception cause, string operation, string path, long offset)
    {
        FileFault fault = cause switch
        {
            FileNotFoundException or DirectoryNotFoundException => FileFault.NotFound,
            UnauthorizedAccessException => FileFault.AccessDenied,
            IOException when IsDiskFull(cause.HResult) => FileFault.DiskFull,
            IOException when IsExisting(cause.HResult) => FileFault.AlreadyExists,
            _ => FileFault.Io,
        };
        string reason = fault switch
        {
            FileFault.NotFound => "No such file or directory",
            FileFault.DiskFull => "No space left on device",
            FileFault.AlreadyExists => "File exists",
            FileFault.AccessDenied => "Permission denied",
            _ => cause.Message,
        };
        return new FileFaultException(fault, operation, path, offset, reason, cause);
    }

    private static bool IsDiskFull(int code) => OperatingSystem.IsWindows()
        ? code is WindowsDiskFull or WindowsHandleDiskFull
        : code is NoSpaceLeft or FileTooLarge or QuotaUsedUp or WindowsDiskFull;

    private static bool IsExisting(int code) =>
        code is 17 /* EEXIST */ or unchecked((int)0x80070050) or unchecked((int)0x800700B7);
}
