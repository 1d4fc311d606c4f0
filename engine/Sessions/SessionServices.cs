using System.Security.Cryptography;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Models;
using VecSQL.Engine.Settings;
using VecSQL.Executor.Expressions;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Sessions;

/// <summary>What SQL functions ask of the session.</summary>
/// <param name="settings">What the statement has set for itself.</param>
internal sealed class SessionServices(SessionState session, SettingOverlay settings) : ISessionServices
{
    public string CurrentUser => session.User;

    public string SessionUser => session.SessionUser;

    public string CurrentDatabase => session.DatabaseName;

    public int BackendId => session.BackendId;

    public long TransactionTime => session.Transaction.StartTime;

    public long StatementTime => session.Clock.StatementTime;

    public long ClockTime => session.Clock.NowMicroseconds;

    public CatalogSnapshot Catalog => session.Catalog;

    public IReadOnlyList<string> SearchPath => [.. session.Names.SearchPath(session.Catalog).Where(
        schema => schema != session.Names.TemporarySchema)];

    public string? Setting(string name) => settings.Show(name, session.Settings);

    public bool IsSet(string name) => settings.IsSet(name, session.Settings);

    public void SetSetting(string name, string value, bool isLocal) => session.SetSetting(name, value, isLocal);

    public long NextSequenceValue(uint sequenceOid)
    {
        Span<long> value = stackalloc long[1];
        NextSequenceValues(sequenceOid, value);
        return value[0];
    }

    public void NextSequenceValues(uint sequenceOid, Span<long> values)
    {
        if (values.IsEmpty)
            return;
        SequenceEntry sequence = Sequence(sequenceOid);
        if (session.Transaction.IsReadOnly && !session.IsTemporarySchema(sequence.SchemaOid))
            throw QueryWork.ReadOnlyTransaction("nextval()");
        session.Sequences.Take(sequence, session.Database.Storage, values);
    }

    public long CurrentSequenceValue(uint sequenceOid) => session.Sequences.Current(sequenceOid)
        ?? throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
            $"currval of sequence \"{Sequence(sequenceOid).Name}\" is not yet defined in this session");

    public long LastSequenceValue() => session.Sequences.Last(oid => session.Catalog.Find(oid) is not null);

    public void SetSequenceValue(uint sequenceOid, long value, bool isCalled)
    {
        SequenceEntry sequence = Sequence(sequenceOid);
        if (session.Transaction.IsReadOnly && !session.IsTemporarySchema(sequence.SchemaOid))
            throw QueryWork.ReadOnlyTransaction("setval()");
        if (value < sequence.MinValue || value > sequence.MaxValue)
        {
            throw new SqlException(SqlState.NumericValueOutOfRange,
                $"setval: value {value} is out of bounds for sequence \"{sequence.Name}\" " +
                $"({sequence.MinValue}..{sequence.MaxValue})");
        }
        session.Database.Storage.SetSequenceValue(sequence, value, isCalled);
        session.Sequences.Forget(sequenceOid);
        if (isCalled)
            session.Sequences.Replace(sequenceOid, value);
    }

    public Random Random => session.Random ??= new Random(RandomNumberGenerator.GetInt32(int.MaxValue));

    public void SeedRandom(double seed)
    {
        if (!(seed is >= -1 and <= 1))
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"setseed parameter {seed.ToString(System.Globalization.CultureInfo.InvariantCulture)} " +
                "is out of allowed range [-1,1]");
        }
        session.Random = new Random(BitConverter.DoubleToInt64Bits(seed).GetHashCode());
    }

    public ITextEmbedder Embedder(string model, TextRole role)
    {
        (ModelEntry entry, ModelVersion version) = ModelLookup.Find(session.Catalog, model, Setting(ModelLookup.DefaultSetting));
        return session.Database.Models.Embedder(entry, version, role);
    }

    // As in MeasureRecall, the statement's thread waits.
    public void WaitForEmbeddings(uint table, CancellationToken cancellation)
    {
        if (session.Catalog.Find(table) is not TableEntry entry || !entry.LiveColumns.Any(entry.IsDeferred))
        {
            string name = session.Catalog.Find(table)?.Name ?? table.ToString(System.Globalization.CultureInfo.InvariantCulture);
            throw new SqlException(SqlState.WrongObjectType, $"relation \"{name}\" has no column that is embedded behind the statements",
                hint: "A table has some that is made WITH (embed_mode = 'async') and has a column GENERATED ALWAYS AS (embed(…)) STORED.");
        }
        session.Database.Embedding.WaitAsync(entry, cancellation).GetAwaiter().GetResult();
        foreach (ColumnEntry column in entry.LiveColumns.Where(entry.IsDeferred))
        {
            EmbeddingJob job = session.Database.Embedding.JobOf(entry, column);
            if (job.State == "failing")
                throw new SqlException(SqlState.SystemError, $"column \"{column.Name}\" of relation \"{entry.Name}\" could not be embedded: {job.LastError}");
        }
    }

    public ICatalogFunctions CatalogFunctions => session.Catalogs;

    public long TransactionId => session.Transaction.Storage.Id.Value;

    public IShardFunctions ShardFunctions => new Statements.CitusFunctions(session);

    public bool Signal(int backendId, bool terminate)
    {
        // As in MeasureRecall, the statement's thread waits.
        SignalAnswer answer = session.Database.SignalAsync(
            new SessionSignal(backendId, null, session.Role?.Oid ?? 0, session.IsSuperuser, terminate), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (answer.Refusal is { } refusal)
            throw new SqlException(SqlState.InsufficientPrivilege, refusal);
        if (answer.IsFound)
            return true;
        session.Notices.Warn(SqlState.Warning, $"PID {backendId} is not a PostgreSQL backend process");
        return false;
    }

    public bool ReloadConfiguration() => session.IsSuperuser
        ? session.Database.Rules?.Reload() ?? true
        : throw new SqlException(SqlState.InsufficientPrivilege, "permission denied for function pg_reload_conf");

    public void ResetStatementFigures(uint userOid, uint databaseOid, long queryId)
    {
        if (!session.IsSuperuser)
            throw new SqlException(SqlState.InsufficientPrivilege, "permission denied for function pg_stat_statements_reset");
        session.Database.Tally.Reset(new Plans.StatementOwner(userOid, databaseOid), queryId);
    }

    public void SendNotification(string channel, string payload) =>
        Statements.ChannelCommands.Notify(session, channel, payload);

    // As in MeasureRecall, the statement's thread waits.
    public bool TakeAdvisoryLock(AdvisoryKey key, bool isShared, bool forTransaction, bool waits, CancellationToken cancellation) =>
        TakeAdvisoryLockAsync(key with { Database = session.DatabaseOid }, isShared, forTransaction, waits, cancellation)
            .GetAwaiter().GetResult();

    public bool ReturnAdvisoryLock(AdvisoryKey key, bool isShared)
    {
        if (session.Database.Storage.AdvisoryLocks.Release(session.AdvisoryLocks, key with { Database = session.DatabaseOid }, isShared))
            return true;
        session.Notices.Warn(SqlState.Warning, $"you don't own a lock of type {(isShared ? "ShareLock" : "ExclusiveLock")}");
        return false;
    }

    public void ReturnAdvisoryLocks() => session.Database.Storage.AdvisoryLocks.ReleaseAll(session.AdvisoryLocks);

    // Functions are not asynchronous; the statement's thread waits for what it asked for.
    public RecallFigures MeasureRecall(string query, int samples, CancellationToken cancellation) =>
        Statements.RecallQuery.MeasureAsync(session, query, samples, cancellation).AsTask().GetAwaiter().GetResult();

    public void Notice(string severity, string sqlState, string message) =>
        session.Notices.Send(new SqlNotice(severity, new SqlState(sqlState), message));

    private async Task<bool> TakeAdvisoryLockAsync(
        AdvisoryKey key, bool isShared, bool forTransaction, bool waits, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        return forTransaction
            ? await storage.LockAdvisoryAsync(session.AdvisoryLocks, key, isShared, waits, cancellation)
            : await session.Database.Storage.AdvisoryLocks.AcquireAsync(
                session.AdvisoryLocks, storage, key, isShared, waits, cancellation);
    }

    private SequenceEntry Sequence(uint oid) => session.Catalog.Find(oid) switch
    {
        SequenceEntry sequence => sequence,
        TableEntry other => throw new SqlException(SqlState.WrongObjectType, $"\"{other.Name}\" is not a sequence"),
        _ => throw new SqlException(SqlState.UndefinedTable, $"relation with OID {oid} does not exist"),
    };
}
