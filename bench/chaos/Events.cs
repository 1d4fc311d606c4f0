using System.Collections.Concurrent;
using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>Batches of rows of several shards that are inserted whole or not at all.</summary>
/// <param name="rowsMax">Of a batch.</param>
internal sealed class Events(int rowsMax)
{
    internal int RowsMax => rowsMax;

    private readonly ConcurrentDictionary<long, (int Rows, CallOutcome Outcome)> _batches = [];
    private long _last;

    /// <param name="with">Storage parameters of tables.</param>
    public static string[] Setup(string with) => [$"CREATE TABLE events (id bigint PRIMARY KEY, batch bigint NOT NULL, body text) {with}"];

    public long Next() => Interlocked.Increment(ref _last);

    public void Note(long batch, int rows, CallOutcome outcome) => _batches[batch] = (rows, outcome);

    /// <summary>How many batches were acknowledged and are not there.</summary>
    public int CountLost(IReadOnlyDictionary<long, long> found) =>
        _batches.Count(batch => batch.Value.Outcome == CallOutcome.Done && !found.ContainsKey(batch.Key));

    /// <param name="found">Rows of each batch that are there.</param>
    public IEnumerable<string> Check(IReadOnlyDictionary<long, long> found)
    {
        foreach ((long batch, (int rows, CallOutcome outcome)) in _batches)
        {
            long there = found.GetValueOrDefault(batch);
            if (outcome == CallOutcome.Done && there != rows)
                yield return $"of the {rows} rows of batch {batch}, which was acknowledged, {there} are there";
            else if (outcome == CallOutcome.Refused && there != 0)
                yield return $"of batch {batch}, which was refused, {there} rows are there";
            else if (there != 0 && there != rows)
                yield return $"of the {rows} rows of batch {batch} {there} are there";
        }
        foreach ((long batch, long rows) in found)
        {
            if (!_batches.ContainsKey(batch))
                yield return $"{rows} rows of batch {batch} are there, which nobody inserted";
        }
    }
}

internal sealed class EventWriter(Events events, ChaosCluster cluster, Findings findings, GapWatch gaps, Random random)
    : Worker("event batches", cluster, findings, gaps, random)
{
    private long _batch;
    private int _rows;

    protected override async Task DoAsync(NpgsqlConnection connection)
    {
        (_batch, _rows) = (events.Next(), Random.Next(1, events.RowsMax + 1));
        if (await ExecuteAsync(connection, "INSERT INTO events SELECT $1 * 100 + g, $1, repeat('x', 40) FROM generate_series(1, $2) g", _batch, _rows) != _rows)
            Findings.Violation($"another number of rows than {_rows} was inserted");
    }

    protected override void Note(CallOutcome outcome, TimeSpan start, TimeSpan end) => events.Note(_batch, _rows, outcome);
}
