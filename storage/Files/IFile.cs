namespace VecSQL.Storage.Files;

/// <summary>An open file, read and written by position.</summary>
/// <remarks>
/// Errors:  every failure is a <see cref="FileFaultException"/>. After a failed write any prefix of the bytes may be
///          in the file. After a failed <see cref="Flush"/> it is unknown which bytes are durable, and a later success
///          says nothing about them: the kernel drops what it could not write. The caller must treat the file as lost
///          from that point.
/// Threads: reads and writes of different ranges may overlap; appending is for one thread at a time.
/// </remarks>
public interface IFile : IDisposable
{
    string Path { get; }

    long Length { get; }

    /// <summary>Reads up to the target's length; fewer only at the end of the file, 0 beyond it.</summary>
    int Read(long offset, Span<byte> target);

    /// <summary>Writes all bytes, extending the file where needed.</summary>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Writes all pieces one after the other, as one call to the system where it can.</summary>
    void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces);

    /// <summary>Cuts the file, or extends it with zeros.</summary>
    void Truncate(long length);

    /// <summary>Returns when every byte written so far is on the disk (fsync).</summary>
    void Flush();
}

public static class FileReading
{
    /// <exception cref="FileFaultException">The file ends before the target is full, or reading failed.</exception>
    public static void ReadExactly(this IFile file, long offset, Span<byte> target)
    {
        int count = file.Read(offset, target);
        if (count < target.Length)
        {
            throw new FileFaultException(FileFault.EndOfFile, "read", file.Path, offset,
                $"read only {count} of {target.Length} bytes", null);
        }
    }

    /// <summary>The whole of a file that is known to be small.</summary>
    public static byte[] ReadAll(this IFileSystem files, string path)
    {
        using IFile file = files.Open(path, FileOpening.Read);
        byte[] bytes = new byte[checked((int)file.Length)];
        file.ReadExactly(0, bytes);
        return bytes;
    }

    /// <summary>Replaces a small file whole and durably: after a crash it holds the old bytes or the new
    /// ones.</summary>
    public static void ReplaceDurably(this IFileSystem files, string path, ReadOnlySpan<byte> bytes)
    {
        string fresh = path + ".new";
        using (IFile file = files.Open(fresh, FileOpening.Replace))
        {
            file.Write(0, bytes);
            file.Flush();
        }
        files.Rename(fresh, path);
        files.FlushDirectory(Path.GetDirectoryName(path) ?? ".");
    }
}
