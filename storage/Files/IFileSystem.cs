namespace VecSQL.Storage.Files;

/// <summary>The only way storage reaches a disk, so that tests can put a failing one in its place.</summary>
/// <remarks>
/// Errors:  every failure is a <see cref="FileFaultException"/>.
/// Durable: a file's bytes after <see cref="IFile.Flush"/>; that a file exists, moved or went after
///          <see cref="FlushDirectory"/> of each directory concerned. Without these a crash may undo either.
/// Threads: any.
/// </remarks>
public interface IFileSystem
{
    IFile Open(string path, FileOpening opening);

    bool FileExists(string path);

    bool DirectoryExists(string path);

    /// <summary>Makes the directory and those above it; content when it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>Names (not paths) of the files in a directory, in ordinal order.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>Names (not paths) of the directories in a directory, in ordinal order.</summary>
    IReadOnlyList<string> ListDirectories(string directory);

    long FileLength(string path);

    /// <summary>Moves a file within a file system in one step, replacing what the target names.</summary>
    void Rename(string source, string target);

    /// <summary>Removes a file; content when there is none. Maps and open files of it stay usable.</summary>
    void Delete(string path);

    /// <summary>Removes a directory with all that it holds; content when there is none.</summary>
    void DeleteDirectory(string path);

    /// <summary>Makes the names in the directory durable.</summary>
    void FlushDirectory(string path);

    /// <summary>Maps a whole file for reading. The file must not shrink while it is mapped.</summary>
    MappedFile Map(string path);

    /// <summary>Holds the file against other processes until disposed; null when another holds it.</summary>
    IDisposable? TryLock(string path);
}

public enum FileOpening : byte
{
    /// <summary>For reading only; the file exists.</summary>
    Read,

    /// <summary>For reading and writing; the file exists.</summary>
    Write,

    /// <summary>For reading and writing; the file does not exist yet.</summary>
    Create,

    /// <summary>For reading and writing; a file that exists is emptied.</summary>
    Replace,

    /// <summary>For reading and writing; made when it does not exist, and kept when it does.</summary>
    OpenOrCreate,
}
