using VecSQL.Storage.Files;

namespace VecSQL.Storage.Tests.Files;

/// <summary>Another file system, with something done just before a file is opened or flushed: a point in the midst of storage's work.</summary>
internal sealed class WatchedFileSystem(IFileSystem files) : IFileSystem
{
    /// <summary>Called with the path, by the thread that opens.</summary>
    internal Action<string>? BeforeOpen { get; set; }

    /// <summary>Called with the path, by the thread that flushes.</summary>
    internal Action<string>? BeforeFlush { get; set; }

    public IFile Open(string path, FileOpening opening)
    {
        BeforeOpen?.Invoke(path);
        return new WatchedFile(this, files.Open(path, opening));
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

    private sealed class WatchedFile(WatchedFileSystem watched, IFile file) : IFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public int Read(long offset, Span<byte> target) => file.Read(offset, target);

        public void Write(long offset, ReadOnlySpan<byte> source) => file.Write(offset, source);

        public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces) => file.Write(offset, pieces);

        public void Truncate(long length) => file.Truncate(length);

        public void Flush()
        {
            watched.BeforeFlush?.Invoke(file.Path);
            file.Flush();
        }

        public void Dispose() => file.Dispose();
    }
}
