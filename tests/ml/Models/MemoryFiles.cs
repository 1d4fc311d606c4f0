using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tests.Models;

/// <summary>Files that are only here.</summary>
internal sealed class MemoryFiles : IModelFiles
{
    private readonly Dictionary<string, byte[]> _files = [];

    internal byte[] this[string path]
    {
        get => _files[path];
        set => _files[path] = value;
    }

    public byte[] Read(string path, long bytesMax) => _files.TryGetValue(path, out byte[]? bytes) ? bytes
        : throw new ModelException(ModelFault.FileMissing, $"there is no file \"{path}\"", path);
}
