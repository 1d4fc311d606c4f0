using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Core.Settings;
using VecSQL.Engine.Access;
using VecSQL.Engine.Files;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Models;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Sessions;
using VecSQL.Ml.Models;
using VecSQL.Planner;
using VecSQL.Storage;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine;

/// <summary>What a node's SQL engine is opened with.</summary>
public sealed record DatabaseOptions
{
    public required StorageOptions Storage { get; init; }

    /// <summary>Tables that are not this node's alone; null for those that <see cref="Storage"/> says. The database has them disposed.</summary>
    public IStorage? Tables { get; init; }

    /// <summary>The node's number among those that share the tables, which tells its sessions' numbers from theirs; 0 where it is alone.</summary>
    public int NodeNumber { get; init; }

    /// <summary>For how long rows can be read as they were, in a node's own tables; see <see cref="StorageOptions.HistoryKept"/>.</summary>
    public TimeSpan HistoryKept { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Memory that all queries together may use.</summary>
    public long QueryMemoryBytes { get; init; } = 2L << 30;

    /// <summary>Sessions at once; one more is refused with 53300.</summary>
    public int ConnectionsMax { get; init; } = 10_000;

    /// <summary>What the node is set to, of settings that sessions can read and not change: port, listen_addresses.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> NodeSettings { get; init; } = [];

    /// <summary>The directory whose files statements may name; null where they may name none.</summary>
    public string? FileRoot { get; init; }

    /// <summary>The time of statements, timeouts and sessions.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who may connect from where; null where the doors let everybody in.</summary>
    public IConnectionRules? Rules { get; init; }

    /// <summary>The cluster that the node is part of, or the node itself.</summary>
    public IClusterInfo Cluster { get; init; } = NodeAlone.Unnamed;

    /// <summary>Carries notifications to and from other nodes; null where the node is alone.</summary>
    public INotificationRelay? Notifications { get; init; }

    /// <summary>How models are run.</summary>
    public ModelLibraryOptions Models { get; init; } = new();

    /// <summary>What runs models; null for ONNX Runtime.</summary>
    public Func<IModelFiles, IModelRuntime>? ModelRuntime { get; init; }

    /// <summary>Other nodes' copies of models' files; null where the node is alone.</summary>
    public IModelPeers? ModelPeers { get; init; }

    /// <summary>Other nodes' sessions; null where the node is alone.</summary>
    public ISessionPeers? SessionPeers { get; init; }
}

/// <summary>Who a session is for, and the settings it starts with.</summary>
/// <param name="Settings">Startup options: any setting, names case-insensitive.</param>
public sealed record SessionOptions(string User, string Database, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    /// <summary>Where the client is; null where it does not come over a network.</summary>
    public IPEndPoint? Client { get; init; }

    /// <summary>Whether the user must be a role that may log in. Otherwise a name that no role has stands for the first one.</summary>
    public bool HoldsToRoles { get; init; }

    /// <summary>Null where the connection is not encrypted.</summary>
    public ConnectionEncryption? Encryption { get; init; }
}

/// <summary>The databases of one node: storage, catalog, sessions.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class Database : ISessionDirectory, IAsyncDisposable
{
    private const long PlanBytesMax = 64 << 20;

    private const int StatementTextsMax = 5_000; // pg_stat_statements.max

    /// <summary>The lower bits of a session's number in a cluster; what is over them is its node's, up to 2,047.</summary>
    private const int SessionBits = 20;

    private readonly ConcurrentDictionary<int, SqlSession> _sessions = new();
    private readonly DatabaseOptions _options;
    private readonly Logins _logins;
    private int _lastBackendId;
    private Dictionary<int, SchemaEntry> _left = []; // whose names no session may take: they go, or stay till the next start

    private Database(DatabaseOptions options, IStorage storage)
    {
        _options = options;
        Storage = storage;
        _logins = new Logins(this);
        QueryMemory = new MemoryBudget("query memory", options.QueryMemoryBytes);
        ClientMemory = new MemoryBudget("what is kept for clients", options.QueryMemoryBytes / 4, QueryMemory);
        ColumnKeys = new Executor.Operators.Scans.ColumnKeys(options.QueryMemoryBytes / 8);
        Statistics = new StorageStatistics(storage);
        Tally = new StatementTally(StatementTextsMax, options.Time);
        Plans = new PlanCache(Math.Min(PlanBytesMax, options.QueryMemoryBytes / 16));
        Notifications = new NotificationHub(options.Notifications);
        Models = new ModelStore(options.Storage.Files, options.Storage.Directory, () => storage.Catalog.InDatabase(0),
            options.ModelRuntime ?? (files => new LibraryRuntime(new ModelLibrary(files, options.Models))), options.ModelPeers);
        Embedding = new EmbeddingWorker(this);
        SpillDirectory = Path.Combine(options.Storage.Directory, "spill");
        SettingDefaults = SessionSettings.Defaults(
        [
            .. options.NodeSettings,
            KeyValuePair.Create("max_connections", options.ConnectionsMax.ToString(CultureInfo.InvariantCulture)),
            KeyValuePair.Create("data_directory", Path.GetFullPath(options.Storage.Directory)),
            KeyValuePair.Create("file_root", options.FileRoot ?? ""),
        ]);
        Files = new ServerFiles(options.Storage.Files, options.FileRoot);
        StartTime = options.Time.GetUtcNow();
    }

    public IStorage Storage { get; }

    internal ImmutableArray<SettingValue> SettingDefaults { get; }

    internal TimeProvider Time => _options.Time;

    internal MemoryBudget QueryMemory { get; }

    /// <summary>Of the memory of queries, what doors may use for what they keep of clients' statements between their calls.</summary>
    public MemoryBudget ClientMemory { get; }

    /// <summary>Keys by which searches filter, for which there is as much beside the memory of queries as an eighth of it.</summary>
    internal Executor.Operators.Scans.ColumnKeys ColumnKeys { get; }

    internal ITableStatistics Statistics { get; }

    /// <summary>What statements of all sessions keep of their planning, for which there is some memory beside that of queries.</summary>
    internal PlanCache Plans { get; }

    /// <summary>What statements took.</summary>
    internal StatementTally Tally { get; }

    /// <summary>A line for the log about a statement; raised on the thread that ran it.</summary>
    public event Action<string>? StatementLogged;

    internal NotificationHub Notifications { get; }

    internal IConnectionRules? Rules => _options.Rules;

    internal IClusterInfo Cluster => _options.Cluster;

    internal ISessionPeers? SessionPeers => _options.SessionPeers;

    internal ModelStore Models { get; }

    internal EmbeddingWorker Embedding { get; }

    internal string SpillDirectory { get; }

    /// <summary>The server's files that statements may name.</summary>
    internal ServerFiles Files { get; }

    internal DateTimeOffset StartTime { get; }

    internal IEnumerable<SqlSession> Sessions => _sessions.Values;

    /// <exception cref="StorageException">The data directory cannot be used.</exception>
    public static Database Open(DatabaseOptions options)
    {
        IStorage storage = options.Tables ?? ShardedStorage.OpenAsync(
            options.Storage with { Time = options.Time, HistoryKept = options.HistoryKept }).AsTask().GetAwaiter().GetResult();
        Database database = new(options, storage);
        database._left = database.FindLeftTemporaries();
        if (options.Tables is null)
            database.DropLeftTemporariesAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        database.Models.Sweep();
        database.Embedding.Start();
        if (options.SessionPeers is { } peers)
            (peers.Own, peers.Lost) = (database, database.Embedding.Wake);
        return database;
    }

    /// <summary>What a user's password is tested by, also where there is no such user.</summary>
    public LoginPassword PasswordOf(string user) => _logins.PasswordOf(user);

    /// <exception cref="SqlException">53300, 28000, 3D000, 22023 …: the session cannot begin as asked.</exception>
    public ISqlSession OpenSession(SessionOptions options)
    {
        if (_sessions.Count >= _options.ConnectionsMax)
            throw new SqlException(SqlState.TooManyConnections, "sorry, too many clients already");
        int backendId = NextBackendId();
        RoleEntry login = _logins.Begin(options, _sessions.Values);
        DatabaseEntry entry = _logins.DatabaseOf(options, login, _sessions.Values);
        SqlSession session = new(this, options, login, entry, backendId, RandomNumberGenerator.GetInt32(int.MaxValue));
        _sessions[backendId] = session;
        return session;
    }

    private int NextBackendId()
    {
        while (true)
        {
            int number = Interlocked.Increment(ref _lastBackendId);
            if (_options.NodeNumber == 0)
                return number;
            int id = (NodeBits(_options.NodeNumber) << SessionBits) | (number & ((1 << SessionBits) - 1));
            if (!_sessions.ContainsKey(id) && !_left.ContainsKey(id))
                return id;
        }
    }

    private static int NodeBits(int node) => node % (1 << (31 - SessionBits));

    /// <summary>Whether a node may have the session of a number.</summary>
    public static bool MayHave(int node, int backendId) => backendId >> SessionBits == NodeBits(node);

    /// <summary>CancelRequest: cancels what the session runs, of whatever node, if the key is right; says nothing either way.</summary>
    public async ValueTask CancelAsync(int backendId, int secretKey, CancellationToken cancellation) =>
        await SignalAsync(new SessionSignal(backendId, secretKey, 0, false, Terminates: false), cancellation);

    public async ValueTask DisposeAsync()
    {
        await Embedding.DisposeAsync();
        foreach (SqlSession session in _sessions.Values)
            await session.DisposeAsync();
        Models.Dispose();
        await Storage.DisposeAsync();
    }

    /// <summary>Signals a session of this node, or of another.</summary>
    internal async ValueTask<SignalAnswer> SignalAsync(SessionSignal signal, CancellationToken cancellation)
    {
        SignalAnswer answer = Signal(signal);
        if (answer.IsFound || SessionPeers is not { } peers || MayHave(_options.NodeNumber, signal.BackendId))
            return answer;
        return await peers.SignalAsync(signal, cancellation) ?? answer;
    }

    IReadOnlyList<SessionFigure> ISessionDirectory.List() => [.. _sessions.Values.Select(static session =>
    {
        SessionFigure figure = SessionFigure.Of(session);
        return figure.Query.Length > SessionFigure.QueryMax ? figure with { Query = figure.Query[..SessionFigure.QueryMax] } : figure;
    })];

    SignalAnswer ISessionDirectory.Signal(SessionSignal signal) => Signal(signal);

    private SignalAnswer Signal(SessionSignal signal)
    {
        if (!_sessions.TryGetValue(signal.BackendId, out SqlSession? session) || (signal.Key is { } key && key != session.SecretKey))
            return new SignalAnswer(false);
        if (signal.Key is null && Refusal(signal, session.State) is { } refusal)
            return new SignalAnswer(true, refusal);
        if (signal.Terminates)
            session.Terminate();
        else
            session.Cancel();
        return new SignalAnswer(true);
    }

    private static string? Refusal(SessionSignal signal, SessionState receiver)
    {
        if (signal.IsSuperuser || (!receiver.IsSuperuser && receiver.Role?.Oid == signal.Role))
            return null;
        if (receiver.IsSuperuser)
            return signal.Terminates ? "must be a superuser to terminate superuser process" : "must be a superuser to cancel superuser query";
        return signal.Terminates
            ? "must be a member of the role whose process is being terminated or member of pg_signal_backend"
            : "must be a member of the role whose query is being canceled or member of pg_signal_backend";
    }

    internal void LogStatement(string line) => StatementLogged?.Invoke(line);

    internal void Forget(SqlSession session) => _sessions.TryRemove(session.BackendId, out _);

    /// <summary>Drops temporary tables of sessions that a crash has ended: this node's, and those of nodes that are none any more.</summary>
    /// <exception cref="SqlException">57P03, 40001: the cluster's tables cannot be changed now. What is left goes when the node starts again.</exception>
    public async ValueTask DropLeftTemporariesAsync(CancellationToken cancellation)
    {
        foreach (SchemaEntry schema in _left.Values)
        {
            await using ITransaction storage = Storage.Begin(IsolationLevel.ReadCommitted, database: schema.DatabaseOid);
            storage.BeginStatement();
            foreach (CatalogObject left in storage.Catalog.Objects.Where(found => SchemaOf(found) == schema.Oid).ToArray())
                storage.Change(new DropObject(left.Oid));
            storage.Change(new DropObject(schema.Oid));
            await storage.CommitAsync(isDurable: false, cancellation);
        }
    }

    /// <summary>Schemas for temporary tables of sessions that are over, by their numbers, before this process has any.</summary>
    private Dictionary<int, SchemaEntry> FindLeftTemporaries()
    {
        const string Prefix = "pg_temp_";
        int[] others = [.. Cluster.Describe().Nodes.Select(static node => node.Id).Where(node => node != _options.NodeNumber)];
        Dictionary<int, SchemaEntry> left = [];
        foreach (SchemaEntry schema in Storage.Catalog.InDatabase(0).Schemas)
        {
            if (schema.Name.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(schema.Name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int session)
                && (_options.NodeNumber == 0 || !others.Any(node => MayHave(node, session))))
                left[session] = schema;
        }
        return left;
    }

    internal static uint SchemaOf(CatalogObject found) => found switch
    {
        TableEntry table => table.SchemaOid,
        SequenceEntry sequence => sequence.SchemaOid,
        UserTypeEntry type => type.SchemaOid,
        FunctionDefinition function => function.SchemaOid,
        _ => 0,
    };
}
