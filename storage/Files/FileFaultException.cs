using VecSQL.Core.Errors;

namespace VecSQL.Storage.Files;

/// <summary>The file system refused or failed an operation; says which, on what file, and where in it.</summary>
public sealed class FileFaultException : IOException
{
    public FileFaultException(
        FileFault fault, string operation, string path, long offset, string reason, Exception? cause)
        : base($"could not {operation}{Noun(operation)} \"{path}\"{Place(offset)}: {reason}", cause)
    {
        Fault = fault;
        Path = path;
        Offset = offset;
    }

    public FileFault Fault { get; }

    public string Path { get; }

    /// <summary>Where in the file, in bytes; −1 where the operation has no place.</summary>
    public long Offset { get; }

    public bool IsDiskFull => Fault == FileFault.DiskFull;

    /// <summary>What a client is told.</summary>
    public SqlState State => Fault switch
    {
        FileFault.DiskFull => SqlState.DiskFull,
        FileFault.NotFound => SqlState.UndefinedFile,
        _ => SqlState.IoError,
    };

    private static string Noun(string operation) =>
        operation.EndsWith("directory", StringComparison.Ordinal) ? "" : " file";

    private static string Place(long offset) => offset < 0 ? "" : $" at offset {offset}";
}

public enum FileFault : byte
{
    /// <summary>Reading, writing or flushing failed: 58030.</summary>
    Io,

    /// <summary>No space is left, or a quota is used up: 53100.</summary>
    DiskFull,

    /// <summary>No such file or directory: 58P01.</summary>
    NotFound,

    AlreadyExists,

    AccessDenied,

    /// <summary>The file ended before the bytes that were asked for.</summary>
    EndOfFile,
}
