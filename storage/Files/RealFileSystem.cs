using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace VecSQL.Storage.Files;

/// <summary>The operating system's files.</summary>
public sealed class RealFileSystem : IFileSystem
{
    public static readonly RealFileSystem Instance = new();

    private RealFileSystem()
    {
    }

    public IFile Open(string path, FileOpening opening) => Guard("open", path, () =>
    {
        FileMode mode = opening switch
        {
            FileOpening.Read or FileOpening.Write => FileMode.Open,
            FileOpening.Create => FileMode.CreateNew,
            FileOpening.Replace => FileMode.Create,
            FileOpening.OpenOrCreate => FileMode.OpenOrCreate,
            _ => throw new ArgumentOutOfRangeException(nameof(opening)),
        };
        FileAccess access = opening == FileOpening.Read ? FileAccess.Read : FileAccess.ReadWrite;
        SafeFileHandle handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
        return new RealFile(path, handle);
    });

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public void CreateDirectory(string path) => Guard("create directory", path, () => Directory.CreateDirectory(path));

    public IReadOnlyList<string> ListFiles(string directory) =>
        Guard("list", directory, () => Names(Directory.GetFiles(directory)));

    public IReadOnlyList<string> ListDirectories(string directory) =>
        Guard("list", directory, () => Names(Directory.GetDirectories(directory)));

    public long FileLength(string path) => Guard("examine", path, () => new FileInfo(path).Length);

    public void Rename(string source, string target) => Guard("rename", source, () =>
    {
        File.Move(source, target, overwrite: true);
        return true;
    });

    public void Delete(string path) => Guard("delete", path, () =>
    {
        if (File.Exists(path))
            File.Delete(path);
        return true;
    });

    public void DeleteDirectory(string path) => Guard("delete", path, () =>
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        return true;
    });

    public void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsWindows()) // Windows makes names durable with the file, and cannot open a directory so
            // The system, unlike .NET, wants every part of a path to exist.
            NativeDirectory.Flush(Path.GetFullPath(path));
    }

    public MappedFile Map(string path) => Guard("map", path, () => MapWhole(path));

    public IDisposable? TryLock(string path)
    {
        try
        {
            return Guard(
                "lock", path, () => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (FileFaultException fault) when (fault.InnerException is IOException cause && IsSharingViolation(cause))
        {
            return null;
        }
    }

    private static unsafe MappedFile MapWhole(string path)
    {
        // Opened by hand, since the convenience overload would refuse a file that is open for writing elsewhere.
        using SafeFileHandle handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(handle);
        if (length == 0)
            return new MappedFile(path, null, null, 0);
        using MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(
            handle, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
                leaveOpen: true);
        MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        // The handle's value is the address. Taking it without a count lets the handle's own finaliser unmap the view.
        byte* start = (byte*)view.SafeMemoryMappedViewHandle.DangerousGetHandle() + view.PointerOffset;
        return new MappedFile(path, view, start, length);
    }

    private static List<string> Names(string[] paths)
    {
        List<string> names = new(paths.Length);
        foreach (string path in paths)
            names.Add(Path.GetFileName(path));
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static bool IsSharingViolation(IOException cause) =>
        cause.HResult is 11 /* EWOULDBLOCK */ or unchecked((int)0x80070020) /* ERROR_SHARING_VIOLATION */;

    private static T Guard<T>(string operation, string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (IOException cause)
        {
            throw RealFile.Wrap(cause, operation, path, -1);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw RealFile.Wrap(cause, operation, path, -1);
        }
    }
}
