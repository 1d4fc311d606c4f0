using VecSQL.Catalog.Placement;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Replication;

/// <summary>A storage engine whose log replicas keep: applies what the log says, and is begun anew where that has to be taken back.</summary>
/// <remarks>
/// Parts:   one engine follows and leads in turn. When it begins to follow, transactions that are open fail with 40001, and commits whose outcome is not known
///          with 08007; whoever has such transactions ends them, since they hold what they hold until then.
/// Engines: another engine takes the place of <see cref="Engine"/> when what is there has to give way, to what is durable or to a copy; transactions of
///          the one before fail with 40001.
/// Durable: what the manifest names, which a checkpoint replaces when its entries are settled.
/// Threads: the machine's calls are one thread's at a time; <see cref="Engine"/> is for any.
/// </remarks>
public sealed class ReplicatedEngine : IReplicaMachine, IAsyncDisposable
{
    private readonly StorageOptions _options;
    private readonly ILogReplicator _replicator;
    private volatile StorageEngine _engine;
    private ContentChecksum? _checksum;

    private ReplicatedEngine(StorageOptions options, ILogReplicator replicator, StorageEngine engine)
    {
        _options = options;
        _replicator = replicator;
        _engine = engine;
    }

    /// <summary>The engine, until another takes its place.</summary>
    public StorageEngine Engine => _engine;

    /// <summary>Whether transactions may change what it holds.</summary>
    public bool IsLeading => !_engine.State.IsFollowing;

    public LogPosition Applied => Commits.Applied;

    public LogPosition Durable => _engine.State.Checkpoints.Written.Position;

    public LogPosition Held
    {
        get
        {
            Manifest written = _engine.State.Checkpoints.Written;
            return written.Held > written.Position ? written.Held : written.Position;
        }
    }

    private ReplicatedCommits Commits => (ReplicatedCommits)_engine.State.Commits;

    private string InstallDirectory => Path.Combine(_options.Directory, "install");

    private string SegmentDirectory => _engine.State.Segments.Directory;

    /// <summary>Opens what the directory holds durably; the log is to be applied from there on.</summary>
    /// <param name="options">With <see cref="StorageOptions.Replicator"/> and <see cref="StorageOptions.Catalog"/>, whose version must have come to where
    /// the log was written before anything is applied.</param>
    /// <exception cref="StorageException">The directory cannot be used.</exception>
    public static ReplicatedEngine Open(StorageOptions options)
    {
        ILogReplicator replicator = options.Replicator ?? throw new ArgumentException("nobody keeps the log", nameof(options));
        options = options with { Numbers = new FileNumbers(options.Node) };
        options.Files.DeleteDirectory(Path.Combine(options.Directory, "install"));
        return new ReplicatedEngine(options, replicator, StorageEngine.Open(options));
    }

    public bool Apply(RawRecord entry, IProposal? own)
    {
        if (!Commits.TryApply(entry, own))
            return false;
        if (entry.Kind == LogRecordKind.Check)
            _checksum = ContentChecksum.Begin(_engine.State, _options.RunsBackgroundWork, _replicator.Wake);
        return true;
    }

    public void Close(long moment) => Commits.Close(moment);

    /// <summary>Returns when all that is committed at or before a moment is applied: nothing gets such a timestamp from here on.</summary>
    public ValueTask SettleAsync(long moment, CancellationToken cancellation) => Commits.SettleAsync(moment, cancellation);

    public ulong? Checksum() => _checksum?.Sum;

    public void Lead(Term term) => Commits.Lead(term);

    public void Follow()
    {
        if (!_engine.State.IsFollowing)
            Commits.Follow();
    }

    public void Rewind() => Reopen(static () => { });

    public void Discard() => Reopen(() => Replace(Manifest.Empty));

    public IMachineSnapshot OpenSnapshot() => EngineSnapshot.Open(_engine.State.Segments, _engine.State.Checkpoints);

    public IMachineInstall BeginInstall(LogPosition position, long length) =>
        new EngineInstall(_options.Files, InstallDirectory, manifest => Reopen(() => Take(manifest)));

    /// <summary>A record at which replicas compare what they hold: asked for by the primary.</summary>
    /// <exception cref="Core.Errors.SqlException">It could not be written.</exception>
    public async ValueTask CheckAsync()
    {
        _engine.State.ThrowIfFollowing();
        await Commits.RunAsync(new CheckRequest()).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private void Reopen(Action change)
    {
        _checksum = null;
        _engine.Abandon();
        change();
        _engine = StorageEngine.Open(_options);
    }

    private void Take(Manifest manifest)
    {
        foreach (string name in _options.Files.ListFiles(InstallDirectory))
            _options.Files.Rename(Path.Combine(InstallDirectory, name), Path.Combine(SegmentDirectory, name));
        _options.Files.FlushDirectory(SegmentDirectory);
        Replace(manifest);
    }

    /// <summary>The step after which a start begins with another state.</summary>
    private void Replace(Manifest manifest) =>
        (manifest with { NextFile = _engine.State.Segments.NextNumber }).Write(_options.Files, _options.Directory);
}
