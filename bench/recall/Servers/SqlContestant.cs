using System.Buffers.Binary;
using System.Diagnostics;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Recall.Servers;

/// <summary>A vector index of a server, asked by prepared statements with binary vectors.</summary>
/// <param name="sweep">The setting that says how hard to look, and its values by rising recall.</param>
/// <param name="keep">Use what an earlier run has left, and leave it.</param>
internal sealed class SqlContestant(
    SqlTable table, string name, int wanted, IReadOnlyList<int> connectionCounts, Sweep sweep, bool keep) : IContestant
{
    private readonly byte[][] _executions = [.. Enumerable.Range(0, table.Data.Queries.Count).Select(query =>
        WireConnection.ExecutionOf("search", WireConnection.BinaryOf(table.Data.Queries[query])))];

    public string Name => name;

    public string WorkerWord => "connection";

    public IReadOnlyList<int> WorkerCounts => connectionCounts;

    public IReadOnlyList<string> Efforts => [.. sweep.Values.Select(value => $"{sweep.Setting} = {value}")];

    public async Task<IReadOnlyList<BuildFigure>> BuildAsync(CancellationToken cancellation)
    {
        List<BuildFigure> figures = [];
        if (keep && await table.ExistsAsync(cancellation))
        {
            figures.Add(new BuildFigure("load and build", "left by an earlier run"));
        }
        else
        {
            await table.CreateAsync(cancellation);
            Stopwatch clock = Stopwatch.StartNew();
            await table.CopyAsync(0, table.Data.Rows.Count, cancellation);
            double seconds = clock.Elapsed.TotalSeconds;
            figures.Add(new BuildFigure("load", $"{seconds:F2} s, {table.Data.Rows.Count / seconds:N0} rows/s"));
            clock.Restart();
            await table.CreateIndexAsync(cancellation);
            await table.WaitIndexedAsync(cancellation);
            figures.Add(new BuildFigure("build", $"{clock.Elapsed.TotalSeconds:F2} s"));
            await table.AnalyzeAsync(cancellation);
        }
        if (await table.WaitIndexedAsync(cancellation) is > 0 and long left)
            figures.Add(new BuildFigure("not indexed", $"{left:N0} rows"));
        (long tableBytes, long indexBytes) = await table.SizesAsync(cancellation);
        double raw = 4.0 * table.Data.Rows.Values.Length;
        figures.Add(new BuildFigure("table", $"{tableBytes / 1e6:N0} MB, {tableBytes / raw:P0} of the vectors"));
        figures.Add(new BuildFigure("index", $"{indexBytes / 1e6:N0} MB, {indexBytes / raw:P0} of the vectors"));
        return figures;
    }

    public IWorker OpenWorker()
    {
        WireConnection connection = WireConnection.Open(table.Target);
        connection.Prepare("search", $"SELECT id FROM {table.Name} ORDER BY v {table.Operator} $1 LIMIT {wanted}");
        return new Worker(connection, sweep, _executions, wanted);
    }

    public async ValueTask DisposeAsync()
    {
        if (!keep)
            await table.DropAsync(default);
    }

    private sealed class Worker(WireConnection connection, Sweep sweep, byte[][] executions, int wanted) : IWorker
    {
        private readonly int[] _found = new int[wanted];
        private int _count;

        public void SetEffort(int effort) => connection.Execute($"SET {sweep.Setting} = {sweep.Values[effort]}");

        public ReadOnlySpan<int> Ask(int query)
        {
            _count = 0;
            connection.Run(executions[query], row => _found[_count++] = BinaryPrimitives.ReadInt32BigEndian(row));
            return _found.AsSpan(0, _count);
        }

        public void Dispose() => connection.Dispose();
    }
}
