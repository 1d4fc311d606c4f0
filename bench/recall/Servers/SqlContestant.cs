using System.Buffers.Binary;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Recall.Servers;

/// <summary>A server's index, asked by prepared statements with binary vectors.</summary>
/// <param name="keep">Use what an earlier run has left, and leave it.</param>
/// <param name="filters">One for each query; empty for none.</param>
internal sealed class SqlContestant(
    ServerIndex index, SqlTable table, VectorSet queries, int wanted, IReadOnlyList<int> connectionCounts,
    Sweep sweep, bool keep, IReadOnlyList<string> filters) : IContestant
{
    private readonly byte[][] _executions = [.. Enumerable.Range(0, queries.Count).Select(query =>
        WireConnection.ExecutionOf(StatementOf(query, filters), WireConnection.BinaryOf(queries[query])))];

    public string Name => index.Name;

    public string WorkerWord => "connection";

    public IReadOnlyList<int> WorkerCounts => connectionCounts;

    public IReadOnlyList<string> Efforts => [.. sweep.Efforts.Select(effort => effort.Text)];

    public Task<IReadOnlyList<BuildFigure>> BuildAsync(CancellationToken cancellation) => table.PrepareAsync(keep, cancellation);

    public IWorker OpenWorker()
    {
        WireConnection connection = WireConnection.Open(table.Target);
        connection.Execute(index.SessionSql);
        if (filters.Count == 0)
            connection.Prepare("search", table.SearchFor(wanted));
        for (int query = 0; query < filters.Count; query++)
            connection.Prepare(StatementOf(query, filters), table.SearchFor(wanted, filters[query]));
        return new Worker(connection, sweep, _executions, wanted);
    }

    public async ValueTask DisposeAsync()
    {
        if (!keep)
            await table.DropAsync(default);
    }

    private static string StatementOf(int query, IReadOnlyList<string> filters) => filters.Count == 0 ? "search" : $"search{query}";

    private sealed class Worker(WireConnection connection, Sweep sweep, byte[][] executions, int wanted) : IWorker
    {
        private readonly int[] _found = new int[wanted];
        private int _count;

        public void SetEffort(int effort) => connection.Execute(sweep.Efforts[effort].Sql);

        public ReadOnlySpan<int> Ask(int query)
        {
            _count = 0;
            connection.Run(executions[query], row => _found[_count++] = BinaryPrimitives.ReadInt32BigEndian(row));
            return _found.AsSpan(0, _count);
        }

        public void Dispose() => connection.Dispose();
    }
}
