namespace VecSQL.Bench.Mining;

/// <summary>Question: is a file of one seed the same at any parallelism, after a restart, and wherever the rows lie?</summary>
internal sealed class FileCheck(MiningNode node, TextWriter output)
{
    private static readonly string[] Formats = ["arrow", "jsonl", "tfrecord"];
    private static readonly int[] Workers = [0, 1, 3]; // beside the thread that asks

    private static readonly string[] Queries =
    [
        "SELECT * FROM hard_negatives('docs', 'queries', embedding => 'v', query_embedding => 'v', positive => 'doc', k => 1, seed => 7, noise => 0.1)",
        "SELECT * FROM triplets('docs', label => 'label', embedding => 'v', seed => 7, validation => 0.1, dropout => 0.1)",
        "SELECT anchor_id, other_id, is_similar, distance, split FROM pairs('docs', label => 'label', embedding => 'v', seed => 7, validation => 0.1)",
    ];

    private readonly Dictionary<(string Query, string Format), string> _first = [];
    private bool _isRight = true;

    internal async Task<bool> RunAsync()
    {
        foreach (int workers in Workers)
        {
            await node.RunAsync($"SET max_parallel_workers_per_gather = {workers}");
            await WriteAllAsync($"{workers + 1} threads");
        }
        await node.RestartAsync();
        await WriteAllAsync("restarted");
        // The last come first now, some in segments of their own and some in none.
        await node.RunAsync("CREATE TABLE moved AS SELECT * FROM docs ORDER BY id DESC");
        await node.RunAsync("TRUNCATE docs");
        await node.RunAsync("INSERT INTO docs SELECT * FROM moved WHERE id % 3 > 0");
        await node.RunAsync("CHECKPOINT");
        await node.RunAsync("INSERT INTO docs SELECT * FROM moved WHERE id % 3 = 0");
        await node.RunAsync("UPDATE queries SET doc = doc WHERE id % 2 = 1");
        await WriteAllAsync("rows elsewhere");
        return _isRight;
    }

    private async Task WriteAllAsync(string what)
    {
        foreach (string query in Queries)
        {
            foreach (string format in Formats)
            {
                (string sha256, long bytes) = await node.WriteAsync(query, format);
                bool isSame = !_first.TryGetValue((query, format), out string? first) || first == sha256;
                _first.TryAdd((query, format), sha256);
                _isRight &= isSame;
                string name = query.Split("FROM ")[1].Split('(')[0];
                output.WriteLine($"{what,-14} {name,-14} {format,-8} {bytes,12} bytes  {sha256[..16]}  {(isSame ? "same" : "DIFFERS")}");
            }
        }
    }
}
