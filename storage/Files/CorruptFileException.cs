using VecSQL.Core.Errors;

namespace VecSQL.Storage.Files;

/// <summary>A file does not hold what was written to it: a wrong checksum, magic, length or structure.</summary>
public sealed class CorruptFileException(string path, long offset, string reason, Exception? cause = null)
    : IOException($"file \"{path}\" is damaged at offset {offset}: {reason}", cause)
{
    public string Path { get; } = path;

    /// <summary>Where the block that is wrong begins, in bytes.</summary>
    public long Offset { get; } = offset;

    public SqlState State => SqlState.DataCorrupted;
}
