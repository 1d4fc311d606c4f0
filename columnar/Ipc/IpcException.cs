namespace VecSQL.Columnar.Ipc;

/// <summary>Bytes that should be an Arrow file or stream are not, or use what is not supported.</summary>
/// <param name="isMessage">The place is the number of a message, since there are no others.</param>
public sealed class IpcException(string source, long offset, string reason, bool isMessage = false)
    : Exception($"\"{source}\" is not valid Arrow data {(isMessage ? "in message" : "at offset")} {offset}: {reason}")
{
    /// <summary>The file.</summary>
    public string SourceName { get; } = source;

    /// <summary>Where in the file, in bytes: the wrong thing itself, or the block that holds it.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;
}
