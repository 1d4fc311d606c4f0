using System.Security.Cryptography;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Ml.Models;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Models;

/// <summary>The files of models, kept in the data directory under their checksums.</summary>
/// <remarks>
/// What a statement names is copied when the model is made, so that the original may change or go, and a copy of the data directory is
/// whole. Equal files are kept once. A file stays while a catalog or a transaction that has yet to end needs it.
/// Threads: any.
/// </remarks>
/// <param name="catalog">The catalog of all databases, as it is committed.</param>
internal sealed class ModelFiles(IFileSystem files, string directory, Func<CatalogSnapshot> catalog) : IModelFiles
{
    private const int PieceBytes = 1 << 20;

    private const int PartDigits = 32;

    private const string PartEnding = ".part", OnnxEnding = ".onnx", TokenizerEnding = ".json";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _pins = new(StringComparer.Ordinal);

    /// <summary>What the copy of a model's file is called.</summary>
    internal static string OnnxName(string sha256) => sha256 + OnnxEnding;

    internal static string TokenizerName(string sha256) => sha256 + TokenizerEnding;

    public byte[] Read(string path, long bytesMax)
    {
        try
        {
            using IFile file = files.Open(Path.Combine(directory, path), FileOpening.Read);
            if (file.Length > Math.Min(bytesMax, Array.MaxLength))
                throw new ModelException(ModelFault.FileMissing, $"file \"{path}\" is longer than {bytesMax} bytes", path);
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
            file.ReadExactly(0, bytes);
            return bytes;
        }
        catch (FileFaultException fault)
        {
            throw new ModelException(ModelFault.FileMissing, fault.Message, path, inner: fault);
        }
    }

    /// <summary>Copies a file in, under the name that its checksum gives it; it is pinned for whoever asked.</summary>
    /// <exception cref="FileFaultException">It cannot be read or written.</exception>
    internal (string Sha256, long Bytes) Keep(IFile source, Func<string, string> nameOf, ModelPins pins, CancellationToken cancellation)
    {
        if (!files.DirectoryExists(directory))
        {
            files.CreateDirectory(directory);
            files.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(directory)) ?? "/");
        }
        string part = Guid.NewGuid().ToString("n") + PartEnding;
        pins.Add(this, part);
        string partPath = Path.Combine(directory, part);
        long length = source.Length;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (IFile target = files.Open(partPath, FileOpening.Create))
        {
            byte[] piece = new byte[PieceBytes];
            for (long offset = 0; offset < length;)
            {
                cancellation.ThrowIfCancellationRequested();
                int some = (int)Math.Min(piece.Length, length - offset);
                source.ReadExactly(offset, piece.AsSpan(0, some));
                hash.AppendData(piece.AsSpan(0, some));
                target.Write(offset, piece.AsSpan(0, some));
                offset += some;
            }
            target.Flush();
        }
        string sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        string name = nameOf(sha256);
        pins.Add(this, name);
        lock (_gate)
            files.Rename(partPath, Path.Combine(directory, name)); // over an equal one, which may have been damaged since
        files.FlushDirectory(directory);
        return (sha256, length);
    }

    /// <summary>Removes files that nothing needs.</summary>
    internal void Sweep()
    {
        lock (_gate)
        {
            if (!files.DirectoryExists(directory))
                return;
            // Whoever lets go of a file has committed by then: the catalog is looked at last.
            IReadOnlyList<string> names = files.ListFiles(directory);
            HashSet<string> needed = [.. _pins.Keys];
            foreach (ModelVersion version in catalog().Objects.OfType<ModelEntry>().SelectMany(static model => model.Versions))
            {
                needed.Add(OnnxName(version.OnnxSha256));
                needed.Add(TokenizerName(version.TokenizerSha256));
            }
            foreach (string name in names.Where(name => IsOurs(name) && !needed.Contains(name)))
                files.Delete(Path.Combine(directory, name));
        }
    }

    /// <summary>Whether it is called as copies are: what somebody else has put there stays.</summary>
    private static bool IsOurs(string name)
    {
        string stem = Path.GetFileNameWithoutExtension(name);
        int length = Path.GetExtension(name) switch
        {
            PartEnding => PartDigits,
            OnnxEnding or TokenizerEnding => SHA256.HashSizeInBytes * 2,
            _ => -1,
        };
        return stem.Length == length && stem.All(char.IsAsciiHexDigitLower);
    }

    internal void Pin(string name)
    {
        lock (_gate)
            _pins[name] = _pins.GetValueOrDefault(name) + 1;
    }

    internal void Unpin(string name)
    {
        lock (_gate)
        {
            int left = _pins[name] - 1;
            Invariant.Holds(left >= 0);
            if (left == 0)
                _pins.Remove(name);
            else
                _pins[name] = left;
        }
    }
}
