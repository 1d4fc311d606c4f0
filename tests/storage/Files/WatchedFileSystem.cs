using VecSQL.Storage.Files;

namespace VecSQL.Storage.Tests.Files;

/// <summary>Another file system, with something done just before a file is opened: a point in the midst of storage's work.</summary>
internal sealed class WatchedFileSystem(IFileSystem files) : IFileSystem
{
    /// <summary>Called with the path, by the thread that opens.</summary>
    internal Action<string>? BeforeOpen { get; set; }

    public IFile Open(string path, FileOpening opening)
    {
        BeforeOpen?.Invoke(path);
        return files.Open(path, opening);
    }

    public bool FileExists(string path) => files.FileExists(path);

    public bool DirectoryExists(string path) => files.DirectoryExists(path);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => files.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => files.ListDirectories(directory);

    public long FileLength(string path) => files.FileLength(path);

    public void Rename(string source, string target) => files.Rename(source, target);

    public void Delete(string path) => files.Delete(path);

    public void DeleteDirectory(string path) => files.DeleteDirectory(path);

    public void FlushDirectory(string path) => files.FlushDirectory(path);

    public MappedFile Map(string path) => files.Map(path);

    public IDisposable? TryLock(string path) => files.TryLock(path);
}
