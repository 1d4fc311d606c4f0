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
/// whole. Equal files are kept once. A file stays while a catalog or a transaction that has yet to end needs it. One that is not here, since the
/// model was made at another node while this one was away, is taken from there when it is needed.
/// Threads: any.
/// </remarks>
/// <param name="catalog">The catalog of all databases, as it is committed.</param>
/// <param name="peers">Null where the node is alone.</param>
internal sealed class ModelFiles(IFileSystem files, string directory, Func<CatalogSnapshot> catalog, IModelPeers? peers) : IModelFiles, IModelCopies
{
    private readonly IFileSystem _files = files;
    private readonly string _directory = directory;

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
            if (peers is not null && !_files.FileExists(Path.Combine(_directory, path)))
                FetchAsync(path).AsTask().GetAwaiter().GetResult(); // whoever loads a model waits for its file anyway
            using IFile file = _files.Open(Path.Combine(_directory, path), FileOpening.Read);
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

    public IFile? Find(string name)
    {
        string path = Path.Combine(_directory, name);
        return IsCopy(name) && _files.FileExists(path) ? _files.Open(path, FileOpening.Read) : null;
    }

    public async ValueTask TakeAsync(string name, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation)
    {
        if (!IsCopy(name))
            throw new IOException($"\"{name}\" is not the name of a model's file");
        if (_files.FileExists(Path.Combine(_directory, name)))
            return;
        using Part part = Begin();
        await foreach (ReadOnlyMemory<byte> piece in pieces.WithCancellation(cancellation))
        {
            if (part.Length + piece.Length > ModelSpec.OnnxBytesMax)
                throw new IOException($"another node's copy of {name} is longer than {ModelSpec.OnnxBytesMax} bytes");
            part.Append(piece.Span);
        }
        string sha256 = part.End();
        if (sha256 != Path.GetFileNameWithoutExtension(name))
            throw new IOException($"another node's copy of {name} has SHA-256 {sha256}");
        Place(part, name);
    }

    /// <summary>Copies a file in, under the name that its checksum gives it; it is pinned for whoever asked.</summary>
    /// <exception cref="FileFaultException">It cannot be read or written.</exception>
    internal (string Sha256, long Bytes) Keep(IFile source, Func<string, string> nameOf, ModelPins pins, CancellationToken cancellation)
    {
        using Part part = Begin();
        byte[] piece = new byte[PieceBytes];
        for (long length = source.Length; part.Length < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            int some = (int)Math.Min(piece.Length, length - part.Length);
            source.ReadExactly(part.Length, piece.AsSpan(0, some));
            part.Append(piece.AsSpan(0, some));
        }
        string sha256 = part.End();
        string name = nameOf(sha256);
        pins.Add(this, name);
        Place(part, name);
        return (sha256, part.Length);
    }

    /// <summary>Removes files that nothing needs.</summary>
    internal void Sweep()
    {
        lock (_gate)
        {
            if (!_files.DirectoryExists(_directory))
                return;
            // Whoever lets go of a file has committed by then: the catalog is looked at last.
            IReadOnlyList<string> names = _files.ListFiles(_directory);
            HashSet<string> needed = [.. _pins.Keys];
            foreach (ModelVersion version in catalog().Objects.OfType<ModelEntry>().SelectMany(static model => model.Versions))
            {
                needed.Add(OnnxName(version.OnnxSha256));
                needed.Add(TokenizerName(version.TokenizerSha256));
            }
            foreach (string name in names.Where(name => IsOurs(name) && !needed.Contains(name)))
                _files.Delete(Path.Combine(_directory, name));
        }
    }

    /// <summary>Takes a copy from whichever node has one.</summary>
    private async ValueTask FetchAsync(string name)
    {
        foreach (IAsyncEnumerable<ReadOnlyMemory<byte>> copy in peers!.CopiesOf(name))
        {
            try
            {
                await TakeAsync(name, copy, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (IOException failure) when (failure is not FileFaultException)
            {
                // Another may have it; if none does, it is missing here as it would be at a node alone.
            }
        }
    }

    private Part Begin()
    {
        if (!_files.DirectoryExists(_directory))
        {
            _files.CreateDirectory(_directory);
            _files.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(_directory)) ?? "/");
        }
        return new Part(this, Guid.NewGuid().ToString("n") + PartEnding);
    }

    private void Place(Part part, string name)
    {
        lock (_gate)
            _files.Rename(part.Path, Path.Combine(_directory, name)); // over an equal one, which may have been damaged since
        _files.FlushDirectory(_directory);
    }

    private static bool IsCopy(string name) => IsOurs(name) && Path.GetExtension(name) != PartEnding;

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

    /// <summary>A copy that is being written; what does not become one goes, or with a later sweep.</summary>
    private sealed class Part : IDisposable
    {
        private readonly ModelFiles _owner;
        private readonly string _name;
        private readonly IFile _file;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        internal Part(ModelFiles owner, string name)
        {
            (_owner, _name) = (owner, name);
            Path = System.IO.Path.Combine(owner._directory, name);
            owner.Pin(name);
            _file = owner._files.Open(Path, FileOpening.Create);
        }

        internal string Path { get; }

        internal long Length { get; private set; }

        internal void Append(ReadOnlySpan<byte> bytes)
        {
            _hash.AppendData(bytes);
            _file.Write(Length, bytes);
            Length += bytes.Length;
        }

        /// <returns>The checksum of what is on the disk now.</returns>
        internal string End()
        {
            _file.Flush();
            _file.Dispose();
            return Convert.ToHexStringLower(_hash.GetHashAndReset());
        }

        public void Dispose()
        {
            _file.Dispose();
            _hash.Dispose();
            try
            {
                if (_owner._files.FileExists(Path))
                    _owner._files.Delete(Path);
            }
            catch (FileFaultException)
            {
                // Whoever sweeps next tries again.
            }
            _owner.Unpin(_name);
        }
    }
}
