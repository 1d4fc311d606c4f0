using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Storage.Locking;

namespace VecSQL.Executor.Tests.Expressions;

/// <summary>A session with fixed answers.</summary>
internal sealed class FakeSession : ISessionServices, ICatalogFunctions
{
    public static readonly FakeSession Instance = new();

    private readonly Dictionary<string, string> _settings = new() { ["search_path"] = "\"$user\", public",
        ["timezone"] = "UTC" };
    private readonly Dictionary<uint, long> _sequences = [];
    private long? _last;

    public string CurrentUser => "ada";

    public string SessionUser => "grace";

    public string CurrentDatabase => "vecsql";

    public int BackendId => 42;

    // 2024-05-06 07:08:09.123456 UTC
    public long TransactionTime => 1_714_979_289_123_456;

    public long StatementTime => TransactionTime + 1;

    public long ClockTime => TransactionTime + 2;

    public CatalogSnapshot Catalog => CatalogSnapshot.Initial.InDatabase(DatabaseEntry.FirstOid);

    public IReadOnlyList<string> SearchPath => ["pg_catalog", "public"];

    public Random Random { get; private set; } = new(1);

    public ICatalogFunctions CatalogFunctions => this;

    public long TransactionId => 77;

    public IEnumerable<ColumnBatch> RowsOf(string view, IReadOnlyList<string> columns) => [];

    public string? Setting(string name) => _settings.GetValueOrDefault(name.ToLowerInvariant());

    public bool IsSet(string name) => _settings.ContainsKey(name.ToLowerInvariant());

    public void SetSetting(string name, string value, bool isLocal) => _settings[name.ToLowerInvariant()] = value;

    public long NextSequenceValue(uint sequenceOid)
    {
        _last = _sequences.GetValueOrDefault(sequenceOid) + 1;
        return _sequences[sequenceOid] = _last.Value;
    }

    public long CurrentSequenceValue(uint sequenceOid) => _sequences[sequenceOid];

    public long LastSequenceValue() => _last ?? 0;

    public void SetSequenceValue(uint sequenceOid, long value, bool isCalled) =>
        _sequences[sequenceOid] = isCalled ? value : value - 1;

    public void SeedRandom(double seed) => Random = new Random((int)(seed * 1000));

    public ITextEmbedder Embedder(string model, TextRole role) => throw new NotSupportedException();

    public void WaitForEmbeddings(uint table, CancellationToken cancellation)
    {
    }

    public IShardFunctions ShardFunctions => throw new NotSupportedException();

    public bool Signal(int backendId, bool terminate) => backendId == BackendId;
    public bool ReloadConfiguration() => true;

    public void ResetStatementFigures(uint userOid, uint databaseOid, long queryId)
    {
    }

    public void SendNotification(string channel, string payload)
    {
    }

    public bool TakeAdvisoryLock(AdvisoryKey key, bool isShared, bool forTransaction, bool waits, CancellationToken cancellation) => true;

    public bool ReturnAdvisoryLock(AdvisoryKey key, bool isShared) => true;

    public void ReturnAdvisoryLocks()
    {
    }

    public RecallFigures MeasureRecall(string query, int samples, CancellationToken cancellation) => new(1, 1, 1);

    public void Notice(string severity, string sqlState, string message)
    {
    }

    public uint? ResolveName(string kind, string name) => name == "seq" ? 20001u : null;

    public string NameOf(string kind, uint oid) => oid == 20001 ? "seq" : oid.ToString();

    public string? Describe(string function, IReadOnlyList<string?> arguments) =>
        $"{function}({string.Join(",", arguments)})";
}
