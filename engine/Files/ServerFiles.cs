using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Files;

/// <summary>The files of this machine that statements may name: those under one directory, if the node has been given one.</summary>
/// <remarks>
/// Paths:   <c>file:a/b</c> and <c>a/b</c> are beneath the directory; absolute ones must be too. Neither <c>..</c> nor a symbolic link
///          leads out of it.
/// Threads: any.
/// </remarks>
public sealed class ServerFiles
{
    private const string Scheme = "file:";

    private readonly string? _root;

    /// <param name="root">Null where statements may name no files.</param>
    public ServerFiles(IFileSystem files, string? root)
    {
        Files = files;
        _root = root is null ? null : RealPath.Of(root);
    }

    public IFileSystem Files { get; }

    /// <summary>The path of what a statement names; it need not exist.</summary>
    /// <exception cref="SqlException">42501: it is not beneath the directory, or there is none. 22023: it is no path.</exception>
    public string Resolve(string name)
    {
        if (_root is null)
        {
            throw new SqlException(SqlState.InsufficientPrivilege, $"files of the server cannot be used: \"{name}\"",
                hint: "The node's setting file_root names the directory whose files may be used; by default there is none.");
        }
        string path = name.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? name[Scheme.Length..] : name;
        if (path.StartsWith("//", StringComparison.Ordinal))
            path = path[2..]; // file:///a/b
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid file name: \"{name}\"");
        string real;
        try
        {
            real = RealPath.Of(Path.Combine(_root, path));
        }
        catch (Exception error) when (error is ArgumentException or PathTooLongException)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid file name: \"{name}\"", cause: error);
        }
        string within = _root.EndsWith(Path.DirectorySeparatorChar) ? _root : _root + Path.DirectorySeparatorChar;
        return real.StartsWith(within, StringComparison.Ordinal)
            ? real
            : throw new SqlException(SqlState.InsufficientPrivilege, $"file \"{name}\" is not beneath the node's file_root");
    }

    /// <summary>The path of a file that can be written.</summary>
    /// <exception cref="SqlException">42809: it is a directory. Also what <see cref="Resolve"/> throws.</exception>
    public string ResolveTarget(string name)
    {
        string path = Resolve(name);
        return Files.DirectoryExists(path) ? throw IsDirectory(name) : path;
    }

    /// <summary>The path of a file that is there to be read.</summary>
    /// <exception cref="SqlException">58P01: it is not there. 42809: it is no file of bytes. Also what <see cref="Resolve"/> throws.</exception>
    public string ResolveExisting(string name)
    {
        string path = Resolve(name);
        if (!Files.FileExists(path))
        {
            throw Files.DirectoryExists(path)
                ? IsDirectory(name)
                : new SqlException(SqlState.UndefinedFile, $"could not open file \"{name}\" for reading: No such file or directory");
        }
        return NativePipe.IsAt(path) ? throw new SqlException(SqlState.WrongObjectType, $"\"{name}\" is not a regular file") : path;
    }

    private static SqlException IsDirectory(string name) => new(SqlState.WrongObjectType, $"\"{name}\" is a directory");
}
