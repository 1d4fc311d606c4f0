using System.Buffers.Binary;
using System.Diagnostics;
using Npgsql;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Recall.Servers;

/// <summary>A table with a data set's rows on a server, and a vector index on it.</summary>
/// <param name="Method">hnsw, ivfflat or vecsql.</param>
/// <param name="Keys">Integer columns beside the vectors: name, and a value for each row.</param>
internal sealed record SqlTable(
    Target Target, bool IsVecSql, DataSet Data, string Name, string Method, IReadOnlyList<(string Name, int[] Values)> Keys)
{
    /// <summary>So much memory PostgreSQL may take to build an index: enough for the graph of a few million vectors, without which it
    /// takes many times as long.</summary>
    private const string MaintenanceMemory = "4GB";

    public string Operator => Data.Metric switch
    {
        DistanceMetric.L2 => "<->",
        DistanceMetric.Cosine => "<=>",
        _ => "<#>",
    };

    /// <summary>The statement that finds the nearest rows to $1.</summary>
    /// <param name="filter">With WHERE and a blank behind it, or empty.</param>
    public string SearchFor(int wanted, string filter = "") =>
        $"SELECT id FROM {Name} {filter}ORDER BY v {Operator} $1 LIMIT {wanted}";

    private string OperatorClass => Data.Metric switch
    {
        DistanceMetric.L2 => "vector_l2_ops",
        DistanceMetric.Cosine => "vector_cosine_ops",
        _ => "vector_ip_ops",
    };

    private string IndexName => $"{Name}_v";

    private string Options => Method switch
    {
        "hnsw" => "WITH (m = 16, ef_construction = 64)",
        "ivfflat" => $"WITH (lists = {(Data.Rows.Count <= 1_000_000 ? Math.Max(10, Data.Rows.Count / 1000) : (int)Math.Sqrt(Data.Rows.Count))})",
        _ => "",
    };

    public static async Task<bool> AskIsVecSqlAsync(Target target, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await target.OpenAsync(cancellation);
        await using NpgsqlCommand command = new("SELECT version()", connection);
        return await command.ExecuteScalarAsync(cancellation) is string version
            && version.Contains("VecSQL", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether an earlier run has left the table with its index.</summary>
    public async Task<bool> ExistsAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await Target.OpenAsync(cancellation);
        await using NpgsqlCommand command = new($"SELECT count(*) FROM pg_class WHERE relname = '{IndexName}'", connection);
        return await command.ExecuteScalarAsync(cancellation) is > 0L;
    }

    public Task CreateAsync(CancellationToken cancellation) => Target.ExecuteAsync(
        $"CREATE EXTENSION IF NOT EXISTS vector; DROP TABLE IF EXISTS {Name}; CREATE TABLE {Name} (id integer PRIMARY KEY" +
        string.Concat(Keys.Select(key => $", {key.Name} integer")) + $", v vector({Data.Dimensions}))", cancellation);

    /// <summary>Loads rows by binary COPY.</summary>
    public async Task CopyAsync(int first, int count, CancellationToken cancellation)
    {
        const int RowsPerPiece = 500;
        await using NpgsqlConnection connection = await Target.OpenAsync(cancellation);
        await using NpgsqlRawCopyStream copy = await connection.BeginRawBinaryCopyAsync($"COPY {Name} FROM STDIN (FORMAT binary)", cancellation);
        await copy.WriteAsync((byte[])[.. "PGCOPY\n"u8, 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0], cancellation);
        int vectorBytes = 4 + (4 * Data.Dimensions), rowBytes = 2 + (8 * (1 + Keys.Count)) + 4 + vectorBytes;
        byte[] piece = new byte[RowsPerPiece * rowBytes];
        for (int start = first; start < first + count; start += RowsPerPiece)
        {
            int rows = Math.Min(RowsPerPiece, first + count - start);
            for (int i = 0; i < rows; i++)
                WriteRow(start + i, piece.AsSpan(i * rowBytes, rowBytes));
            await copy.WriteAsync(piece.AsMemory(0, rows * rowBytes), cancellation);
        }
        await copy.WriteAsync((byte[])[0xff, 0xff], cancellation);
    }

    public async Task CreateIndexAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await Target.OpenAsync(cancellation);
        if (!IsVecSql)
            await Target.ExecuteAsync(connection, $"SET maintenance_work_mem = '{MaintenanceMemory}'", cancellation);
        await Target.ExecuteAsync(connection, $"CREATE INDEX {IndexName} ON {Name} USING {Method} (v {OperatorClass}) {Options}", cancellation);
    }

    /// <summary>Loads all rows and builds the indexes, unless they are there.</summary>
    /// <param name="keep">An earlier run may have left them.</param>
    public async Task<IReadOnlyList<BuildFigure>> PrepareAsync(bool keep, CancellationToken cancellation)
    {
        List<BuildFigure> figures = [];
        if (keep && await ExistsAsync(cancellation))
        {
            figures.Add(new BuildFigure("load and build", "left by an earlier run"));
        }
        else
        {
            await CreateAsync(cancellation);
            Stopwatch clock = Stopwatch.StartNew();
            await CopyAsync(0, Data.Rows.Count, cancellation);
            double seconds = clock.Elapsed.TotalSeconds;
            figures.Add(new BuildFigure("load", $"{seconds:F2} s, {Data.Rows.Count / seconds:N0} rows/s"));
            clock.Restart();
            await CreateIndexAsync(cancellation);
            await WaitIndexedAsync(cancellation);
            figures.Add(new BuildFigure("build", $"{clock.Elapsed.TotalSeconds:F2} s"));
            foreach ((string key, _) in Keys)
                await Target.ExecuteAsync($"CREATE INDEX {Name}_{key} ON {Name} ({key})", cancellation);
            await AnalyzeAsync(cancellation);
        }
        if (await WaitIndexedAsync(cancellation) is > 0 and long left)
            figures.Add(new BuildFigure("not indexed", $"{left:N0} rows"));
        (long tableBytes, long indexBytes) = await SizesAsync(cancellation);
        double raw = 4.0 * Data.Rows.Values.Length;
        figures.Add(new BuildFigure("table", $"{tableBytes / 1e6:N0} MB, {tableBytes / raw:P0} of the vectors"));
        figures.Add(new BuildFigure("index", $"{indexBytes / 1e6:N0} MB, {indexBytes / raw:P0} of the vectors"));
        return figures;
    }

    /// <summary>What makes plans good: statistics, and PostgreSQL's visibility map.</summary>
    public Task AnalyzeAsync(CancellationToken cancellation) =>
        Target.ExecuteAsync(IsVecSql ? $"ANALYZE {Name}" : $"VACUUM ANALYZE {Name}", cancellation);

    /// <summary>Waits until the background has nothing left to index, and says how many rows searches look at outside of the index:
    /// those that are in memory yet.</summary>
    /// <remarks>PostgreSQL has none: its CREATE INDEX returns when all is indexed, and inserts index their rows themselves.</remarks>
    public async Task<long> WaitIndexedAsync(CancellationToken cancellation)
    {
        if (!IsVecSql)
            return 0;
        await using NpgsqlConnection connection = await Target.OpenAsync(cancellation);
        await using NpgsqlCommand command = new(
            $"SELECT state, rows_not_indexed FROM vecsql.vector_indexes WHERE index_name = '{IndexName}'", connection);
        while (true)
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            if (!await reader.ReadAsync(cancellation))
                throw new InvalidOperationException($"there is no index {IndexName}");
            if (reader.GetString(0) == "ready")
                return reader.GetInt64(1);
            await reader.CloseAsync();
            await Task.Delay(10, cancellation);
        }
    }

    /// <summary>Waits until the background has nothing left to do for searches: one segment, as far as there is one at all.</summary>
    /// <param name="patience">When to wait no longer: a large table may stay in several.</param>
    public async Task<TimeSpan> WaitSettledAsync(TimeSpan patience, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        if (!IsVecSql)
            return TimeSpan.Zero;
        await using NpgsqlConnection connection = await Target.OpenAsync(cancellation);
        await using NpgsqlCommand command = new("SELECT count(*) FROM vecsql.vector_indexes " +
            $"WHERE index_name = '{IndexName}' AND state = 'ready' AND segments <= 1 AND rows_not_indexed = 0", connection);
        while (clock.Elapsed < patience && await command.ExecuteScalarAsync(cancellation) is not > 0L)
            await Task.Delay(50, cancellation);
        return clock.Elapsed;
    }

    /// <summary>Bytes of the table without its indexes, and of the vector index.</summary>
    public async Task<(long Table, long Index)> SizesAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await Target.OpenAsync(cancellation);
        await using NpgsqlCommand command = new($"SELECT pg_table_size('{Name}'), " + (IsVecSql
            ? $"(SELECT disk_bytes FROM vecsql.vector_indexes WHERE index_name = '{IndexName}')"
            : $"pg_relation_size('{IndexName}')"), connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    public Task DropAsync(CancellationToken cancellation) => Target.ExecuteAsync($"DROP TABLE IF EXISTS {Name}", cancellation);

    private void WriteRow(int row, Span<byte> at)
    {
        BinaryPrimitives.WriteInt16BigEndian(at, (short)(2 + Keys.Count));
        at = at[2..];
        WriteInteger(ref at, row);
        foreach ((_, int[] values) in Keys)
            WriteInteger(ref at, values[row]);
        byte[] vector = WireConnection.BinaryOf(Data.Rows[row]);
        BinaryPrimitives.WriteInt32BigEndian(at, vector.Length);
        vector.CopyTo(at[4..]);
    }

    private static void WriteInteger(ref Span<byte> at, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(at, 4);
        BinaryPrimitives.WriteInt32BigEndian(at[4..], value);
        at = at[8..];
    }
}
