using VecSQL.Storage.Files;

namespace VecSQL.Storage.Shards;

/// <summary>The directory of a replica that is none any more.</summary>
public static class ShardFiles
{
    /// <summary>Says that what is here is being deleted: the last to go, so that nobody takes what a crash has left for a replica.</summary>
    private const string Marker = "DROPPED";

    /// <summary>Deletes all. A crash in the midst leaves what <see cref="Clean"/> ends.</summary>
    public static void Drop(IFileSystem files, string directory)
    {
        if (!files.DirectoryExists(directory))
            return;
        files.ReplaceDurably(Path.Combine(directory, Marker), []);
        Empty(files, directory);
        files.Delete(Path.Combine(directory, Marker));
        files.FlushDirectory(directory); // else a crash could bring the mark back, beside another replica that was made here since
        files.DeleteDirectory(directory);
    }

    /// <summary>Ends what a crash has interrupted; before anything is opened.</summary>
    public static void Clean(IFileSystem files, string directory)
    {
        if (files.FileExists(Path.Combine(directory, Marker)))
            Drop(files, directory);
    }

    private static void Empty(IFileSystem files, string directory)
    {
        foreach (string name in files.ListDirectories(directory))
        {
            Empty(files, Path.Combine(directory, name));
            files.DeleteDirectory(Path.Combine(directory, name));
        }
        foreach (string name in files.ListFiles(directory))
        {
            if (name != Marker)
                files.Delete(Path.Combine(directory, name));
        }
        files.FlushDirectory(directory);
    }
}
