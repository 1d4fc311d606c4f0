namespace VecSQL.Storage.Files;

/// <summary>An open file of a <see cref="FaultyFileSystem"/>; dead after a crash.</summary>
internal sealed class FaultyFile(FaultyFileSystem files, string path, FaultyNode node, int era, bool isReadOnly) : IFile
{
    public string Path { get; } = path;

    internal FaultyNode Node { get; } = node;

    internal int Era { get; } = era;

    public long Length => files.LengthOf(this);

    public int Read(long offset, Span<byte> target) => files.Read(this, offset, target);

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Writable("write", offset);
        files.Write(this, offset, source);
    }

    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        Writable("write", offset);
        byte[] whole = new byte[pieces.Sum(piece => piece.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.Span.CopyTo(whole.AsSpan(at));
            at += piece.Length;
        }
        files.Write(this, offset, whole);
    }

    public void Truncate(long length)
    {
        Writable("truncate", length);
        files.Truncate(this, length);
    }

    public void Flush() => files.Flush(this);

    public void Dispose()
    {
        // Nothing is held: the bytes belong to the disk, and closing a file makes nothing durable.
    }

    private void Writable(string operation, long offset)
    {
        if (isReadOnly)
            throw new FileFaultException(FileFault.AccessDenied, operation, Path, offset, "Bad file descriptor", null);
    }
}
