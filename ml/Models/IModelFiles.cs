namespace VecSQL.Ml.Models;

/// <summary>Where models' files are read. Threads: any.</summary>
public interface IModelFiles
{
    /// <summary>A file's bytes.</summary>
    /// <exception cref="ModelException"><see cref="ModelFault.FileMissing"/>: not there, not allowed, or longer than
    /// <paramref name="bytesMax"/>.</exception>
    byte[] Read(string path, long bytesMax);
}
