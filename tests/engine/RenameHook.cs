using VecSQL.Storage.Files;

namespace VecSQL.Engine.Tests;

/// <summary>The real disk; what is to happen just before a file gets its name is called then.</summary>
public sealed class RenameHook(Action<string> before) : IFileSystem
{
    private static readonly RealFileSystem Disk = RealFileSystem.Instance;

    public IFile Open(string path, FileOpening opening) => Disk.Open(path, opening);

    public bool FileExists(string path) => Disk.FileExists(path);

    public bool DirectoryExists(string path) => Disk.DirectoryExists(path);

    public void CreateDirectory(string path) => Disk.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => Disk.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => Disk.ListDirectories(directory);

    public long FileLength(string path) => Disk.FileLength(path);

    public void Rename(string source, string target)
    {
        before(target);
        Disk.Rename(source, target);
    }

    public void Delete(string path) => Disk.Delete(path);

    public void DeleteDirectory(string path) => Disk.DeleteDirectory(path);

    public void FlushDirectory(string path) => Disk.FlushDirectory(path);

    public MappedFile Map(string path) => Disk.Map(path);

    public IDisposable? TryLock(string path) => Disk.TryLock(path);
}
