using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Executor.Operators.Subqueries;
using VecSQL.Executor.Operators.Texts;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Text.Analysis;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Operators;

/// <summary>What all operators of one execution share.</summary>
internal sealed class StatementRun : IDisposable, ITextCorpora
{
    private readonly Dictionary<TableId, TableView> _views = [];
    private readonly Dictionary<PhysicalPlan, NodeMeter>? _meters;
    private readonly Dictionary<(TableId, short), TextCorpus> _corpora = [];
    private readonly Lock _gate = new();
    private readonly List<SubplanRunner> _runners = [];
    private readonly Func<TableId, TableView>? _tables;
    private readonly StatementRun? _whole;
    private readonly bool _keepsViews;
    private ConcurrentDictionary<int, JoinTable>? _keyFilters; // few statements have any
    private ISpillStore? _spill;

    /// <param name="tables">Where tables are read from; the transaction when null.</param>
    internal StatementRun(ExecutionContext execution, Func<TableId, TableView>? tables = null)
    {
        Execution = execution;
        _tables = tables;
        if (execution.CollectsActuals)
            _meters = new Dictionary<PhysicalPlan, NodeMeter>(ReferenceComparer.Instance);
    }

    /// <summary>A run over views that are others', and stay open.</summary>
    internal StatementRun(ExecutionContext execution, IReadOnlyDictionary<TableId, TableView> views)
        : this(execution, table => views.TryGetValue(table, out TableView? view) ? view : throw new InvariantException($"there is no view of table {table}")) =>
        _keepsViews = true;

    private StatementRun(StatementRun whole, ShardId shard)
        : this(whole.Execution, table => whole.Execution.Transaction.Read(table, shard))
    {
        _whole = whole;
        ReadsFirst = whole.ReadsFirst;
    }

    /// <summary>What the statement does at one shard.</summary>
    internal StatementRun At(ShardId shard) => new(this, shard);

    /// <summary>The statement reads tables as they were before its first change.</summary>
    internal bool ReadsFirst { get; set; }

    internal ExecutionContext Execution { get; }

    /// <summary>Rows that the statement itself changed.</summary>
    internal long RowsChanged { get; set; }

    /// <summary>Tells a filter below a join which keys the join's other side has; null for any.</summary>
    internal void SetKeyFilter(int id, JoinTable? keys)
    {
        if (keys is not null)
            LazyInitializer.EnsureInitialized(ref _keyFilters, static () => [])[id] = keys;
        else
            Volatile.Read(ref _keyFilters)?.TryRemove(id, out _);
    }

    internal JoinTable? KeyFilter(int id) => Volatile.Read(ref _keyFilters)?.GetValueOrDefault(id);

    internal RecallTally Recall { get; private set; }

    internal void Add(RecallTally measured)
    {
        _whole?.Add(measured);
        lock (_gate)
            Recall += measured;
    }

    /// <summary>Made on first use, since most statements spill nothing.</summary>
    internal ISpillStore Spill
    {
        get
        {
            lock (_gate)
            {
                return _spill ??= new FileSpillStore(
                    RealFileSystem.Instance, Execution.SpillDirectory ?? Path.GetTempPath());
            }
        }
        init => _spill = value;
    }

    /// <summary>The table at the statement's snapshot: the same view however often the statement reads it.</summary>
    internal TableView View(TableId table)
    {
        lock (_gate)
        {
            if (!_views.TryGetValue(table, out TableView? view))
            {
                view = _tables is null ? Execution.Transaction.Read(table) : _tables(table);
                _views.Add(table, view);
            }
            return view;
        }
    }

    /// <summary>The texts of a column, as the statement sees them.</summary>
    internal TextCorpus Corpus(TableId table, short column)
    {
        TableView view = View(table);
        lock (_gate)
        {
            if (!_corpora.TryGetValue((table, column), out TextCorpus? corpus))
            {
                corpus = new TextCorpus(view, TableOf(table), column, Execution.Evaluation.Cancellation);
                _corpora.Add((table, column), corpus);
            }
            return corpus;
        }
    }

    Analyzer ITextCorpora.AnalyzerOf(uint table, short column) =>
        TextIndexOptions.For(TableOf(new TableId(table)), column).Analyzer;

    ScoredQuery ITextCorpora.Score(uint table, short column, string query) => Corpus(new TableId(table), column).Score(query);

    private TableEntry TableOf(TableId table) => Execution.Transaction.Catalog.TryFindTable(table, out TableEntry? found)
        ? found : throw new InvalidOperationException($"there is no table {table}");

    /// <summary>Where the node's work is counted; null when nobody asked.</summary>
    internal NodeMeter? Meter(PhysicalPlan plan)
    {
        if (_whole is not null)
            return _whole.Meter(plan);
        if (_meters is null)
            return null;
        lock (_gate)
        {
            if (!_meters.TryGetValue(plan, out NodeMeter? meter))
                _meters.Add(plan, meter = new NodeMeter());
            return meter;
        }
    }

    /// <summary>The evaluation context with a runner for subqueries that see the scope's tables.</summary>
    internal EvaluationContext NewEvaluation(
        EvaluationContext source, RowSourceScope? scope, int parallelismMax, bool isInCommonTable)
    {
        var runner = new SubplanRunner(this, scope, parallelismMax, isInCommonTable);
        lock (_gate)
            _runners.Add(runner);
        return new EvaluationContext
        {
            Format = source.Format,
            Parameters = source.Parameters,
            OuterValues = source.OuterValues.Length == 0 ? [] : [.. source.OuterValues],
            Session = source.Session,
            Subplans = runner,
            Corpora = this,
            Cancellation = source.Cancellation,
            Memory = Execution.Memory,
        };
    }

    internal NodeActuals? Actuals(PhysicalPlan plan)
    {
        if (_meters is null)
            return null;
        lock (_gate)
            return _meters.TryGetValue(plan, out NodeMeter? meter) ? meter.Read() : null;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_keepsViews)
            {
                foreach (TableView view in _views.Values)
                    view.Release();
            }
            foreach (SubplanRunner runner in _runners)
                runner.Dispose();
            _spill?.Dispose();
        }
    }

    // Plans compare by value; two equal scans of one statement are still two nodes.
    private sealed class ReferenceComparer : IEqualityComparer<PhysicalPlan>
    {
        internal static readonly ReferenceComparer Instance = new();

        public bool Equals(PhysicalPlan? x, PhysicalPlan? y) => ReferenceEquals(x, y);

        public int GetHashCode(PhysicalPlan plan) => RuntimeHelpers.GetHashCode(plan);
    }
}
