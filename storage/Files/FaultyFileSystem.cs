namespace VecSQL.Storage.Files;

/// <summary>A disk in memory for tests, which can fail, fill up, and forget in a crash what was not flushed.</summary>
/// <remarks>
/// Model:   a file's bytes are durable after a flush of the file, its name after a flush of its directory. A crash
///          keeps all that is durable, and of the rest what chance keeps: of a file's later writes each may survive
///          whole, in part or not at all, in any order; of a directory's later changes, the first few.
/// Threads: any; one lock over everything, so that a run of one thread is repeatable.
/// </remarks>
public sealed class FaultyFileSystem : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, FaultyNode> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private SortedDictionary<string, FaultyNode> _durableNames = new(StringComparer.Ordinal);
    private List<NameChange> _changes = [];
    private Random _random;
    private int _era; // grows with every restart; files and locks of an earlier era are dead

    public FaultyFileSystem(FaultPlan? plan = null)
    {
        Plan = plan ?? new FaultPlan();
        _random = new Random(Plan.Seed);
    }

    public FaultPlan Plan { get; private set; }

    /// <summary>Mutating calls so far: writes, truncations, flushes, renames, deletions, creations.</summary>
    public long CallCount { get; private set; }

    public bool HasCrashed { get; private set; }

    /// <summary>Bytes in all files.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_lock)
                return _names.Values.Distinct().Sum(node => node.Length);
        }
    }

    /// <summary>Goes on under another plan, with its seed, and calls counted from 0.</summary>
    public void Change(FaultPlan plan)
    {
        lock (_lock)
        {
            Plan = plan;
            _random = new Random(plan.Seed);
            CallCount = 0;
        }
    }

    /// <summary>Stops the machine now and starts it again: open files are dead, locks are free, unflushed bytes are up
    /// to chance.</summary>
    /// <param name="keepUnflushed">Chance of each unflushed write and of each further name change to survive; 0 loses
    /// all.</param>
    public void CrashAndRestart(double keepUnflushed = 0)
    {
        lock (_lock)
        {
            foreach (NameChange change in _changes)
            {
                if (_random.NextDouble() >= keepUnflushed)
                    break; // a journal keeps the order of name changes
                change.ApplyTo(_durableNames);
            }
            _changes = [];
            foreach (FaultyNode node in _durableNames.Values.Distinct())
                node.Crash(_random, keepUnflushed);
            _names.Clear();
            foreach ((string path, FaultyNode node) in _durableNames)
                _names.Add(path, node);
            _held.Clear();
            _era++;
            HasCrashed = false;
            Plan = Plan with { CrashAtCall = long.MaxValue };
        }
    }

    /// <summary>Ends the process, as kill -9 does, while the machine goes on: open files are dead, locks are free, and
    /// what was written is there, flushed or not.</summary>
    public void KillProcess()
    {
        lock (_lock)
        {
            _held.Clear();
            _era++;
        }
    }

    /// <summary>Changes one byte on the disk, as decay would.</summary>
    public void Damage(string path, long offset, byte mask = 0x40)
    {
        lock (_lock)
            Node("damage", path).Damage(offset, mask);
    }

    public IFile Open(string path, FileOpening opening)
    {
        lock (_lock)
        {
            Alive();
            path = Normal(path);
            bool exists = _names.TryGetValue(path, out FaultyNode? node);
            if (opening is FileOpening.Read or FileOpening.Write && !exists)
                throw NotFound("open", path);
            if (opening == FileOpening.Create && exists)
                throw new FileFaultException(FileFault.AlreadyExists, "open", path, -1, "File exists", null);
            if (node is null)
            {
                Mutate();
                if (!_directories.Contains(Parent(path)))
                    throw NotFound("open", path);
                node = new FaultyNode();
                Apply(new NameChange(path, node));
            }
            else if (opening == FileOpening.Replace)
            {
                Mutate();
                node.Truncate(0);
            }
            return new FaultyFile(this, path, node, _era, opening == FileOpening.Read);
        }
    }

    public bool FileExists(string path)
    {
        lock (_lock)
        {
            Alive();
            return _names.ContainsKey(Normal(path));
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_lock)
        {
            Alive();
            return _directories.Contains(Normal(path));
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_lock)
        {
            Alive();
            for (string? at = Normal(path); !string.IsNullOrEmpty(at); at = Path.GetDirectoryName(at))
                _directories.Add(at); // directories are durable at once: losing an empty one tests nothing
        }
    }

    public IReadOnlyList<string> ListFiles(string directory) => ListIn(directory, _names.Keys);

    public IReadOnlyList<string> ListDirectories(string directory) => ListIn(directory, _directories);

    public long FileLength(string path)
    {
        lock (_lock)
        {
            Alive();
            return Node("examine", path).Length;
        }
    }

    public void Rename(string source, string target)
    {
        lock (_lock)
        {
            Mutate();
            FaultyNode node = Node("rename", source);
            Apply(new NameChange(Normal(target), node, MovedFrom: Normal(source)));
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            Mutate();
            if (_names.ContainsKey(Normal(path)))
                Apply(new NameChange(Normal(path), null));
        }
    }

    public void DeleteDirectory(string path)
    {
        lock (_lock)
        {
            Mutate();
            string below = Normal(path) + Path.DirectorySeparatorChar;
            foreach (string name in _names.Keys.Where(name => name.StartsWith(below, StringComparison.Ordinal))
                .ToList())
                Apply(new NameChange(name, null));
            _directories.RemoveWhere(name => name == Normal(path) || name.StartsWith(below, StringComparison.Ordinal));
        }
    }

    public void FlushDirectory(string path)
    {
        lock (_lock)
        {
            Mutate();
            if (!_directories.Contains(Normal(path)))
                throw NotFound("flush directory", path);
            FailByChance(Plan.FlushErrors, "flush directory", path);
            foreach (NameChange change in _changes.Where(change => change.Touches(Normal(path))))
                change.ApplyTo(_durableNames);
            _changes.RemoveAll(change => change.Touches(Normal(path)));
        }
    }

    public MappedFile Map(string path)
    {
        lock (_lock)
        {
            Alive();
            return Node("map", path).Map(path);
        }
    }

    public IDisposable? TryLock(string path)
    {
        Open(path, FileOpening.OpenOrCreate).Dispose();
        lock (_lock)
            return _held.Add(Normal(path)) ? new HeldLock(this, Normal(path), _era) : null;
    }

    internal int Read(FaultyFile file, long offset, Span<byte> target)
    {
        lock (_lock)
        {
            Alive(file);
            FailByChance(Plan.ReadErrors, "read", file.Path, offset);
            return file.Node.Read(offset, target);
        }
    }

    internal long LengthOf(FaultyFile file)
    {
        lock (_lock)
        {
            Alive(file);
            return file.Node.Length;
        }
    }

    internal void Write(FaultyFile file, long offset, ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            Mutate(file);
            long growth = Math.Max(0, offset + source.Length - file.Node.Length);
            long free = Plan.CapacityBytes == long.MaxValue ? long.MaxValue : Plan.CapacityBytes - UsedBytes;
            if (growth > free)
            {
                int fits = (int)Math.Clamp(source.Length - (growth - free), 0, source.Length);
                file.Node.Write(offset, source[..fits]);
                throw new FileFaultException(
                    FileFault.DiskFull, "write", file.Path, offset, "No space left on device", null);
            }
            if (Happens(Plan.ShortWrites))
            {
                file.Node.Write(offset, source[.._random.Next(source.Length + 1)]);
                throw new FileFaultException(FileFault.Io, "write", file.Path, offset, "Input/output error", null);
            }
            file.Node.Write(offset, source);
        }
    }

    internal void Truncate(FaultyFile file, long length)
    {
        lock (_lock)
        {
            Mutate(file);
            file.Node.Truncate(length);
        }
    }

    internal void Flush(FaultyFile file)
    {
        lock (_lock)
        {
            Mutate(file);
            if (Happens(Plan.FlushErrors))
            {
                file.Node.FailFlush(_random);
                throw new FileFaultException(FileFault.Io, "flush", file.Path, -1, "Input/output error", null);
            }
            file.Node.Flush();
        }
    }

    private void Unlock(string path, int era)
    {
        lock (_lock)
        {
            if (era == _era)
                _held.Remove(path);
        }
    }

    private List<string> ListIn(string directory, IEnumerable<string> paths)
    {
        lock (_lock)
        {
            Alive();
            directory = Normal(directory);
            if (!_directories.Contains(directory))
                throw NotFound("list", directory);
            return [.. paths.Where(path => Parent(path) == directory).Select(path => Path.GetFileName(path))];
        }
    }

    private void Apply(NameChange change)
    {
        change.ApplyTo(_names);
        _changes.Add(change);
    }

    private FaultyNode Node(string operation, string path) =>
        _names.TryGetValue(Normal(path), out FaultyNode? node) ? node : throw NotFound(operation, path);

    private void Alive(FaultyFile? file = null)
    {
        if (HasCrashed || (file is not null && file.Era != _era))
            throw new SimulatedCrashException();
    }

    private void Mutate(FaultyFile? file = null)
    {
        Alive(file);
        if (CallCount++ >= Plan.CrashAtCall)
        {
            HasCrashed = true;
            throw new SimulatedCrashException();
        }
    }

    private bool Happens(double chance) => chance > 0 && _random.NextDouble() < chance;

    private void FailByChance(double chance, string operation, string path, long offset = -1)
    {
        if (Happens(chance))
            throw new FileFaultException(FileFault.Io, operation, path, offset, "Input/output error", null);
    }

    private static FileFaultException NotFound(string operation, string path) =>
        new(FileFault.NotFound, operation, path, -1, "No such file or directory", null);

    private static string Normal(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static string Parent(string path) => Path.GetDirectoryName(path) ?? "";

    /// <summary>A name that appeared (with its file), moved, or went (without one).</summary>
    private sealed record NameChange(string Path, FaultyNode? Node, string? MovedFrom = null)
    {
        internal bool Touches(string directory) =>
            Parent(Path) == directory || (MovedFrom is not null && Parent(MovedFrom) == directory);

        internal void ApplyTo(SortedDictionary<string, FaultyNode> names)
        {
            if (MovedFrom is not null)
                names.Remove(MovedFrom);
            if (Node is null)
                names.Remove(Path);
            else
                names[Path] = Node;
        }
    }

    private sealed class HeldLock(FaultyFileSystem files, string path, int era) : IDisposable
    {
        public void Dispose() => files.Unlock(path, era);
    }
}
