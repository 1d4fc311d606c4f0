namespace VecSQL.Columnar.Ipc;

/// <summary>Bytes that should be an Arrow file are not, or use what is not supported.</summary>
public sealed class IpcException(string source, long offset, string reason)
    : Exception($"\"{source}\" is not a valid Arrow file at offset {offset}: {reason}")
{
    /// <summary>The file.</summary>
    public string SourceName { get; } = source;

    /// <summary>Where in the file, in bytes: the wrong thing itself, or the block that holds it.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;
}
