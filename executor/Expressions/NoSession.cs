using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Storage.Locking;

namespace VecSQL.Executor.Expressions;

/// <summary>Stands where there is no session: immutable functions need none, and no other may be called.</summary>
internal sealed class NoSession : ISessionServices
{
    public static readonly NoSession Instance = new();

    public string CurrentUser => throw None();

    public string SessionUser => throw None();

    public string CurrentDatabase => throw None();

    public int BackendId => throw None();

    public long TransactionTime => throw None();

    public long StatementTime => throw None();

    public long ClockTime => throw None();

    public CatalogSnapshot Catalog => throw None();

    public IReadOnlyList<string> SearchPath => throw None();

    public Random Random => throw None();

    public ICatalogFunctions CatalogFunctions => throw None();

    public long TransactionId => throw None();

    public string? Setting(string name) => throw None();

    public bool IsSet(string name) => throw None();

    public void SetSetting(string name, string value, bool isLocal) => throw None();

    public long NextSequenceValue(uint sequenceOid) => throw None();

    public long CurrentSequenceValue(uint sequenceOid) => throw None();

    public long LastSequenceValue() => throw None();

    public void SetSequenceValue(uint sequenceOid, long value, bool isCalled) => throw None();

    public void SeedRandom(double seed) => throw None();

    /// <summary>Built-in embedders are the same in every session, so calls that name one can be folded; others wait for a session.</summary>
    public ITextEmbedder Embedder(string model, TextRole role) => BuiltInEmbedders.Find(ModelName.Read(model).Name) ??
        throw new SqlException(SqlState.UndefinedModel, $"model \"{model}\" does not exist");

    public void WaitForEmbeddings(uint table, CancellationToken cancellation) => throw None();

    public IShardFunctions ShardFunctions => throw None();

    public bool Signal(int backendId, bool terminate) => throw None();

    public bool ReloadConfiguration() => throw None();

    public void ResetStatementFigures(uint userOid, uint databaseOid, long queryId) => throw None();

    public void SendNotification(string channel, string payload) => throw None();

    public bool TakeAdvisoryLock(AdvisoryKey key, bool isShared, bool forTransaction, bool waits, CancellationToken cancellation) =>
        throw None();

    public bool ReturnAdvisoryLock(AdvisoryKey key, bool isShared) => throw None();

    public void ReturnAdvisoryLocks() => throw None();

    public RecallFigures MeasureRecall(string query, int samples, CancellationToken cancellation) => throw None();

    public void Notice(string severity, string sqlState, string message) => throw None();

    private static InvalidOperationException None() => new("a function that asks the session was called without one");
}
