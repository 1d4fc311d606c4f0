using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Locking;

namespace VecSQL.Executor.Expressions;

/// <summary>What expressions read beside their input, during one execution of a statement.</summary>
public sealed class EvaluationContext
{
    public required FormatContext Format { get; init; }

    /// <summary>The values of $1, $2 …: constant columns of one row.</summary>
    public Column[] Parameters { get; init; } = [];

    /// <summary>The current outer values by slot: constant columns of one row; grown as needed by who sets them.</summary>
    public Column?[] OuterValues { get; set; } = [];

    public required ISessionServices Session { get; init; }

    /// <summary>Runs subplans for expressions; null where none can occur (constant folding).</summary>
    public ISubplanRunner? Subplans { get; init; }

    /// <summary>The statement's texts; null where there is no statement (constant folding).</summary>
    public ITextCorpora? Corpora { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>What large values are reserved from; null where nothing is counted (constant folding has its own).</summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>Who is asked before values take much memory, set while expressions are computed.</summary>
    public ValueMemory? Values { get; set; }

    /// <summary>The same for another thread.</summary>
    internal EvaluationContext Fork() => Fork(Subplans);

    internal EvaluationContext Fork(ISubplanRunner? subplans) => new()
    {
        Format = Format,
        Parameters = Parameters,
        OuterValues = OuterValues,
        Session = Session,
        Subplans = subplans,
        Corpora = Corpora,
        Cancellation = Cancellation,
        Memory = Memory,
    };
}

/// <summary>Runs a subquery inside an expression. Implemented by the operators.</summary>
public interface ISubplanRunner
{
    /// <summary>The subquery's value for the outer values set in the context, as a constant column of one row.</summary>
    Column Run(SubplanExpression subplan, EvaluationContext context);
}

/// <summary>What functions may ask of the session and the node; implemented by the engine.</summary>
public interface ISessionServices
{
    string CurrentUser { get; }

    string SessionUser { get; }

    string CurrentDatabase { get; }

    int BackendId { get; }

    /// <summary>Start of the transaction, of the statement: microseconds since 1970-01-01 UTC.</summary>
    long TransactionTime { get; }

    long StatementTime { get; }

    /// <summary>The clock now.</summary>
    long ClockTime { get; }

    CatalogSnapshot Catalog { get; }

    /// <summary>Schemas searched for unqualified names, in order.</summary>
    IReadOnlyList<string> SearchPath { get; }

    /// <summary>A setting's value as SHOW prints it; null where it does not exist.</summary>
    string? Setting(string name);

    /// <summary>Whether somebody has set it, be it to its default: then it goes before what objects say of themselves.</summary>
    bool IsSet(string name);

    /// <summary>set_config.</summary>
    void SetSetting(string name, string value, bool isLocal);

    long NextSequenceValue(uint sequenceOid);

    /// <summary>As many calls one after the other.</summary>
    void NextSequenceValues(uint sequenceOid, Span<long> values)
    {
        foreach (ref long value in values)
            value = NextSequenceValue(sequenceOid);
    }

    /// <exception cref="Core.Errors.SqlException">55000: nextval has not been called in this session.</exception>
    long CurrentSequenceValue(uint sequenceOid);

    long LastSequenceValue();

    void SetSequenceValue(uint sequenceOid, long value, bool isCalled);

    /// <summary>The session's random numbers: random(), setseed().</summary>
    Random Random { get; }

    void SeedRandom(double seed);

    /// <summary>What a model embeds texts by that are meant for something.</summary>
    /// <param name="model">As <see cref="ModelLookup.Find"/> takes it.</param>
    /// <exception cref="Core.Errors.SqlException">There is no such model.</exception>
    ITextEmbedder Embedder(string model, TextRole role);

    /// <summary>vecsql_wait_embeddings: returns when the table's texts that were committed before have their vectors.</summary>
    /// <exception cref="Core.Errors.SqlException">42809: it has none that come behind the statements; 58000: the model failed.</exception>
    void WaitForEmbeddings(uint table, CancellationToken cancellation);

    /// <summary>Catalog questions that system functions ask (pg_get_indexdef, to_regclass, has_table_privilege …).</summary>
    ICatalogFunctions CatalogFunctions { get; }

    long TransactionId { get; }

    /// <summary>create_distributed_table and its kin.</summary>
    IShardFunctions ShardFunctions { get; }

    /// <summary>pg_cancel_backend and pg_terminate_backend.</summary>
    bool Signal(int backendId, bool terminate);

    /// <summary>pg_reload_conf: reads anew who may connect; false where it cannot be used.</summary>
    bool ReloadConfiguration();

    /// <summary>pg_stat_statements_reset: forgets what was counted for the user, the database and the query; 0 for all.</summary>
    void ResetStatementFigures(uint userOid, uint databaseOid, long queryId);

    /// <summary>pg_notify: tells listening sessions when the transaction commits.</summary>
    void SendNotification(string channel, string payload);

    /// <summary>pg_advisory_lock and its kin: takes a lock of the session's database.</summary>
    /// <param name="forTransaction">Whether it is held until the transaction ends, rather than until the session gives it back.</param>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    bool TakeAdvisoryLock(AdvisoryKey key, bool isShared, bool forTransaction, bool waits, CancellationToken cancellation);

    /// <summary>pg_advisory_unlock: false, and a warning, where the session does not hold it.</summary>
    bool ReturnAdvisoryLock(AdvisoryKey key, bool isShared);

    /// <summary>pg_advisory_unlock_all.</summary>
    void ReturnAdvisoryLocks();

    /// <summary>vecsql_recall: runs a query by its vector index and exactly.</summary>
    RecallFigures MeasureRecall(string query, int samples, CancellationToken cancellation);

    /// <summary>Sends a NOTICE or another message below an error to the client.</summary>
    void Notice(string severity, string sqlState, string message);
}

/// <summary>Names and definitions of catalog objects, for system functions; implemented by the engine's introspection.</summary>
public interface ICatalogFunctions
{
    /// <summary>The oid a name means for a reg* type ("regclass", "regtype", "regproc" …); null where there is none.</summary>
    uint? ResolveName(string kind, string name);

    /// <summary>How a reg* value prints, qualified where the search path would not find it.</summary>
    string NameOf(string kind, uint oid);

    /// <summary>A system information function by name (pg_get_indexdef, obj_description …) with its non-null arguments as text.</summary>
    /// <returns>The result as text, or null.</returns>
    string? Describe(string function, IReadOnlyList<string?> arguments);

    /// <summary>The rows of a view of pg_catalog, for the function that PostgreSQL's view is made of.</summary>
    /// <param name="columns">By name; none for all.</param>
    IEnumerable<ColumnBatch> RowsOf(string view, IReadOnlyList<string> columns);
}
