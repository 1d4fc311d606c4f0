using System.Diagnostics;
using System.Globalization;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Fragments;
using VecSQL.Planner;

namespace VecSQL.Executor.Operators;

/// <summary>Counts what a plan node does, over all its loops and workers.</summary>
/// <remarks>Rows and times are totals over the loops. Threads: any.</remarks>
internal sealed class NodeMeter
{
    private readonly Lock _gate = new();
    private readonly List<Fact> _facts = [];
    private double _startupMs = double.NaN;
    private double _totalMs;
    private long _rows, _loops;

    internal void BeginLoop() => Interlocked.Increment(ref _loops);

    internal void Add(TimeSpan spent, int rows)
    {
        lock (_gate)
        {
            _totalMs += spent.TotalMilliseconds;
            _rows += rows;
            if (double.IsNaN(_startupMs))
                _startupMs = _totalMs;
        }
    }

    /// <summary>Tells something of how the node ran; what loops tell differently stands side by side.</summary>
    internal void Tell(string name, string value) => Change(name, fact => fact.Text is null || fact.Text == value
        ? fact with { Text = value }
        : fact.Text.Split(", ").Contains(value) ? fact : fact with { Text = $"{fact.Text}, {value}" });

    /// <summary>Adds to a number.</summary>
    internal void Count(string name, double more) => Change(name, fact => fact with { Sum = fact.Sum + more });

    /// <summary>Adds to both parts of a share.</summary>
    internal void Share(string name, double more, double moreOfAll) =>
        Change(name, fact => fact with { Sum = fact.Sum + more, All = fact.All + moreOfAll });

    internal NodeActuals Read()
    {
        lock (_gate)
        {
            return new NodeActuals(
                double.IsNaN(_startupMs) ? 0 : _startupMs, _totalMs, _rows, _loops, [.. _facts.Select(static fact => fact.Read())]);
        }
    }

    /// <summary>Figures that go to where the session is.</summary>
    internal void Write(ByteWriter target)
    {
        lock (_gate)
        {
            target.Double(_startupMs);
            target.Double(_totalMs);
            target.Int(_rows);
            target.Int(_loops);
            target.UInt((ulong)_facts.Count);
            foreach (Fact fact in _facts)
            {
                target.Text(fact.Name);
                target.Flag(fact.Text is not null);
                target.Text(fact.Text ?? "");
                target.Double(fact.Sum);
                target.Double(fact.All);
            }
        }
    }

    /// <summary>Adds what <see cref="Write"/> has written of the same node elsewhere.</summary>
    internal void Add(ByteReader source)
    {
        double startupMs = source.Double(), totalMs = source.Double();
        long rows = source.Int(), loops = source.Int();
        lock (_gate)
        {
            if (double.IsNaN(_startupMs) || startupMs < _startupMs)
                _startupMs = startupMs;
            _totalMs += totalMs;
            _rows += rows;
            _loops += loops;
        }
        for (int count = source.Count(); count > 0; count--)
        {
            string name = source.Text();
            bool isText = source.Flag();
            string text = source.Text();
            double sum = source.Double(), all = source.Double();
            if (isText)
                Tell(name, text);
            else
                Share(name, sum, all);
        }
    }

    private void Change(string name, Func<Fact, Fact> change)
    {
        lock (_gate)
        {
            int place = _facts.FindIndex(fact => fact.Name == name);
            if (place < 0)
                _facts.Add(change(new Fact(name, null, 0, 0)));
            else
                _facts[place] = change(_facts[place]);
        }
    }

    private readonly record struct Fact(string Name, string? Text, double Sum, double All)
    {
        internal NodeFact Read() => Text is not null
            ? new NodeFact(Name, Text, double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            : new NodeFact(Name, (All > 0 ? Math.Round(Sum / All, 4) : Math.Round(Sum, 3)).ToString(CultureInfo.InvariantCulture), IsNumber: true);
    }
}

/// <summary>An operator under observation, for EXPLAIN ANALYZE.</summary>
internal sealed class MeteredOperator : Operator
{
    private readonly Operator _inner;
    private readonly NodeMeter _meter;

    internal MeteredOperator(Operator inner, NodeMeter meter)
    {
        _inner = inner;
        _meter = meter;
        meter.BeginLoop();
    }

    internal Operator Inner => _inner;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        ColumnBatch? batch = await _inner.NextAsync(cancellation).ConfigureAwait(false);
        _meter.Add(Stopwatch.GetElapsedTime(start), batch?.RowCount ?? 0);
        return batch;
    }

    public override ValueTask DisposeAsync() => _inner.DisposeAsync();
}
