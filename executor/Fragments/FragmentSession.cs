using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Storage.Locking;

namespace VecSQL.Executor.Fragments;

/// <summary>Stands for the session of another node: its times, and the settings that went along. Nothing else of it is here.</summary>
internal sealed class FragmentSession(
    long transactionTime, long statementTime, IReadOnlyDictionary<string, SettingCopy> settings, CatalogSnapshot catalog) : ISessionServices
{
    public string CurrentUser => throw Elsewhere();

    public string SessionUser => throw Elsewhere();

    public string CurrentDatabase => throw Elsewhere();

    public int BackendId => throw Elsewhere();

    public long TransactionTime => transactionTime;

    public long StatementTime => statementTime;

    public long ClockTime => throw Elsewhere();

    public CatalogSnapshot Catalog => catalog;

    public IReadOnlyList<string> SearchPath => throw Elsewhere();

    public Random Random => throw Elsewhere();

    public ICatalogFunctions CatalogFunctions => throw Elsewhere();

    public long TransactionId => throw Elsewhere();

    public string? Setting(string name) => settings.TryGetValue(name, out SettingCopy copy) ? copy.Value : throw Elsewhere();

    public bool IsSet(string name) => settings.TryGetValue(name, out SettingCopy copy) ? copy.IsSet : throw Elsewhere();

    public void SetSetting(string name, string value, bool isLocal) => throw Elsewhere();

    public long NextSequenceValue(uint sequenceOid) => throw Elsewhere();

    public long CurrentSequenceValue(uint sequenceOid) => throw Elsewhere();

    public long LastSequenceValue() => throw Elsewhere();

    public void SetSequenceValue(uint sequenceOid, long value, bool isCalled) => throw Elsewhere();

    public void SeedRandom(double seed) => throw Elsewhere();

    public ITextEmbedder Embedder(string model, TextRole role) => throw Elsewhere();

    public void WaitForEmbeddings(uint table, CancellationToken cancellation) => throw Elsewhere();

    public IShardFunctions ShardFunctions => throw Elsewhere();

    public bool Signal(int backendId, bool terminate) => throw Elsewhere();

    public bool ReloadConfiguration() => throw Elsewhere();

    public void ResetStatementFigures(uint userOid, uint databaseOid, long queryId) => throw Elsewhere();

    public void SendNotification(string channel, string payload) => throw Elsewhere();

    public bool TakeAdvisoryLock(AdvisoryKey key, bool isShared, bool forTransaction, bool waits, CancellationToken cancellation) => throw Elsewhere();

    public bool ReturnAdvisoryLock(AdvisoryKey key, bool isShared) => throw Elsewhere();

    public void ReturnAdvisoryLocks() => throw Elsewhere();

    public RecallFigures MeasureRecall(string query, int samples, CancellationToken cancellation) => throw Elsewhere();

    public void Notice(string severity, string sqlState, string message) => throw Elsewhere();

    private static SqlException Elsewhere() => new(SqlState.InternalError, "a fragment of a plan asks for what only its session's node has");
}

/// <summary>A setting of the session that a fragment is of.</summary>
internal readonly record struct SettingCopy(string? Value, bool IsSet);
