using System.Buffers.Binary;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Replication;

/// <summary>What a node that was alone brings into a cluster as its first: its directory becomes one of replicas, and nothing is copied.</summary>
/// <remarks>
/// Crashes: once the file <c>founding</c> is there the directory is no more that of a node alone, and each step after it can be done again; the file goes when
///          the cluster has the catalog (<see cref="Finish"/>).
/// File:    u64 newest commit; u32 CRC-32C of the rest; the catalog as <see cref="CatalogCodec.EncodeSnapshot"/> writes it.
/// </remarks>
/// <param name="Catalog">The node's definitions.</param>
/// <param name="Shards">All that the catalog names, and the home shard.</param>
public sealed record FoundingStore(CatalogSnapshot Catalog, IReadOnlyList<ShardId> Shards)
{
    /// <summary>What says in a directory what is being done to it.</summary>
    internal const string FileName = "founding";

    private const string SegmentsName = "segments";

    private const int HeaderBytes = 12;

    /// <summary>Whether a directory is that of a node that was alone, or is becoming one of replicas.</summary>
    public static bool IsIn(StorageOptions options) =>
        options.Files.FileExists(Path.Combine(options.Directory, FileName)) || IsOfOneAlone(options.Files, options.Directory);

    /// <summary>Makes the directory one of replicas, or goes on with that.</summary>
    /// <exception cref="StorageException">It cannot be: the message says why.</exception>
    public static async ValueTask<FoundingStore> PrepareAsync(StorageOptions options)
    {
        (IFileSystem files, string directory) = (options.Files, options.Directory);
        string path = Path.Combine(directory, FileName);
        if (!files.FileExists(path))
            files.ReplaceDurably(path, await CloseAsync(options).ConfigureAwait(false));
        FoundingStore store = Read(files, path);
        foreach (ShardId shard in store.Shards)
        {
            if (shard == ShardedStorage.Home)
                MoveHome(files, directory);
            else
                BeginLog(files, ShardedStorage.DirectoryOf(directory, shard), shard);
        }
        return store;
    }

    /// <summary>The cluster has taken it in.</summary>
    public static void Finish(StorageOptions options)
    {
        options.Files.Delete(Path.Combine(options.Directory, FileName));
        options.Files.FlushDirectory(options.Directory);
    }

    private static bool IsOfOneAlone(IFileSystem files, string directory) =>
        files.FileExists(Path.Combine(directory, Manifest.FileName)) || files.DirectoryExists(Path.Combine(directory, "log"));

    /// <summary>Brings all of it into segments, and says what there is.</summary>
    private static async ValueTask<byte[]> CloseAsync(StorageOptions options)
    {
        CatalogSnapshot catalog;
        long newest;
        ShardedStorage storage = await ShardedStorage.OpenAsync(options).ConfigureAwait(false);
        await using (storage.ConfigureAwait(false))
        {
            foreach (ShardId shard in ShardsOf(storage.Catalog))
                storage.Shards.Find(shard); // opened, so that it is closed with the others
            await storage.CheckpointAsync(default).ConfigureAwait(false);
            (catalog, newest) = (storage.Catalog, storage.NewestCommit);
        }
        foreach (ShardId shard in ShardsOf(catalog))
            CheckClosed(options.Files, shard == ShardedStorage.Home ? options.Directory : ShardedStorage.DirectoryOf(options.Directory, shard));
        DateTimeOffset last = new CommitTimestamp(newest).Time;
        if (last > options.Time.GetUtcNow().AddSeconds(1))
            throw new StorageException($"directory \"{options.Directory}\" has commits of {last:u}, which is in the future: set the machine's clock right");
        byte[] snapshot = CatalogCodec.EncodeSnapshot(catalog), bytes = new byte[HeaderBytes + snapshot.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, newest);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(long)), Checksum.Crc32C(snapshot));
        snapshot.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    /// <summary>Nothing may be in the log alone.</summary>
    private static void CheckClosed(IFileSystem files, string directory)
    {
        Manifest manifest = Manifest.Read(files, directory) ?? throw new StorageException($"directory \"{directory}\" has no manifest after a checkpoint");
        if (manifest.Prepared.Count > 0)
            throw new StorageException($"directory \"{directory}\" has prepared transactions: start the node alone, and commit them or roll them back");
        if (new LogReader(files, Path.Combine(directory, "log")).ReadAfter(manifest.LogSequence).Any())
            throw new StorageException($"directory \"{directory}\" could not be brought into segments: is its disk full?");
    }

    private static FoundingStore Read(IFileSystem files, string path)
    {
        byte[] bytes = files.ReadAll(path);
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(sizeof(long))) != Checksum.Crc32C(bytes.AsSpan(HeaderBytes)))
            throw new StorageException($"file \"{path}\" is damaged: restore the data directory from a backup");
        CatalogSnapshot catalog = CatalogCodec.DecodeSnapshot(bytes.AsSpan(HeaderBytes));
        return new FoundingStore(catalog, ShardsOf(catalog));
    }

    private static ShardId[] ShardsOf(CatalogSnapshot catalog) =>
        [.. catalog.ShardGroups.SelectMany(static group => group.Shards).Append(ShardedStorage.Home).Distinct().Order()];

    /// <summary>The home shard's files lie in a directory of their own from here on, as those of all shards.</summary>
    private static void MoveHome(IFileSystem files, string root)
    {
        string home = ShardedStorage.DirectoryOf(root, ShardedStorage.Home), from = Path.Combine(root, SegmentsName), to = Path.Combine(home, SegmentsName);
        if (!IsOfOneAlone(files, root))
            return;
        files.CreateDirectory(to);
        if (files.DirectoryExists(from))
        {
            foreach (string name in files.ListFiles(from))
                files.Rename(Path.Combine(from, name), Path.Combine(to, name));
            files.FlushDirectory(to);
            files.FlushDirectory(from);
        }
        if (Manifest.Read(files, root) is { } manifest)
        {
            (manifest with { Objects = [] }).Write(files, home); // definitions are the cluster's
            BeginLog(files, home, ShardedStorage.Home);
        }
        files.FlushDirectory(Path.Combine(root, "shards"));
        files.FlushDirectory(root);
        files.Delete(Path.Combine(root, Manifest.FileName)); // before what it would name
        files.FlushDirectory(root);
        files.DeleteDirectory(from);
        files.DeleteDirectory(Path.Combine(root, "log"));
        files.FlushDirectory(root);
    }

    /// <summary>A log of replicas begins, after all that the manifest names.</summary>
    private static void BeginLog(IFileSystem files, string directory, ShardId shard)
    {
        if (files.FileExists(Path.Combine(directory, FenceFile.FileName)))
            return;
        Manifest manifest = Manifest.Read(files, directory) ?? throw new StorageException($"directory \"{directory}\" has no manifest");
        new FenceFile(shard, default, manifest.Position, IsReset: true).Write(files, directory);
    }
}
