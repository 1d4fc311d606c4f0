namespace VecSQL.Storage.Files;

/// <summary>Where a path leads once its symbolic links are followed.</summary>
public static class RealPath
{
    private const int LinksMax = 40; // as the kernel's

    /// <summary>The path with every link in it followed, as far as its parts exist.</summary>
    /// <exception cref="FileFaultException">Links lead in a circle, or cannot be read.</exception>
    public static string Of(string path) => Of(path, LinksMax);

    private static string Of(string path, int linksLeft)
    {
        path = Path.GetFullPath(path);
        string real = Path.GetPathRoot(path) ?? "/";
        string[] parts = path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string next = Path.Combine(real, parts[i]);
            if (LinkOf(next) is not { } target)
            {
                real = next;
                continue;
            }
            if (linksLeft == 0)
                throw new FileFaultException(FileFault.Io, "follow", path, -1, "too many levels of symbolic links", null);
            string rest = Path.Combine([Path.Combine(real, target), .. parts[(i + 1)..]]);
            return Of(rest, linksLeft - 1);
        }
        return real;
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException(FileFault.AccessDenied, "follow", path, -1, error.Message, error);
        }
    }
}
