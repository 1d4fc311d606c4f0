using System.Diagnostics;
using Npgsql;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Tpch.Data;
using VecSQL.Bench.Tpch.Queries;

namespace VecSQL.Bench.Tpch.Contestants;

/// <summary>A server that speaks PostgreSQL's protocol.</summary>
/// <param name="schema">Where its tables are; another for each scale factor, so that loaded ones are used again.</param>
/// <param name="limit">For one query.</param>
internal sealed class SqlContestant(Target target, Generator generator, string schema, bool keep, TimeSpan limit) : IContestant
{
    private NpgsqlConnection? _connection;

    public string Name => target.Name;

    public async Task<TimeSpan> PrepareAsync(CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        NpgsqlConnection connection = _connection = await target.OpenAsync(cancellation);
        if (!keep || !await IsLoadedAsync(connection, cancellation))
            await LoadAsync(connection, cancellation);
        TimeSpan taken = clock.Elapsed;
        await Target.ExecuteAsync(connection, $"SET search_path = {schema}; SET statement_timeout = {(long)limit.TotalMilliseconds}", cancellation);
        return taken;
    }

    public async Task<Answer> AskAsync(Query query, CancellationToken cancellation)
    {
        NpgsqlConnection connection = _connection ?? throw new InvalidOperationException("nothing is loaded yet");
        try
        {
            Stopwatch clock = Stopwatch.StartNew();
            await using NpgsqlCommand command = new(query.Sql, connection) { AllResultTypesAreUnknown = true };
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            List<string> rows = [];
            object[] row = new object[reader.FieldCount];
            while (await reader.ReadAsync(cancellation))
            {
                reader.GetValues(row);
                rows.Add(string.Join('|', row));
            }
            return new Answer(clock.Elapsed.TotalMilliseconds, rows);
        }
        catch (PostgresException error)
        {
            throw new ContestantException($"{error.SqlState} {error.MessageText}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is null)
            return;
        if (!keep)
            await Target.ExecuteAsync(_connection, $"DROP SCHEMA IF EXISTS {schema} CASCADE", default);
        await _connection.DisposeAsync();
    }

    /// <summary>The last thing that is made is the last table's last index.</summary>
    private async Task<bool> IsLoadedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        TableDefinition last = Schema.Tables[^1];
        await using NpgsqlCommand command = new("SELECT count(*) FROM pg_indexes WHERE schemaname = $1 AND indexname = $2", connection)
        {
            Parameters = { new() { Value = schema }, new() { Value = IndexName(last, last.Indexes.Length - 1) } },
        };
        return await command.ExecuteScalarAsync(cancellation) is > 0L;
    }

    private async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await Target.ExecuteAsync(connection, $"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}", cancellation);
        foreach (TableDefinition table in Schema.Tables)
        {
            string name = $"{schema}.{table.Name}";
            await Target.ExecuteAsync(connection, $"CREATE TABLE {name} ({table.Columns})", cancellation);
            await using (NpgsqlRawCopyStream copy = await connection.BeginRawBinaryCopyAsync($"COPY {name} FROM STDIN (FORMAT binary)", cancellation))
            {
                CopyWriter rows = new(copy);
                rows.Begin();
                generator.Write(table.Name, rows);
                rows.End();
            }
            await Target.ExecuteAsync(connection, $"ALTER TABLE {name} ADD PRIMARY KEY ({table.PrimaryKey})", cancellation);
            for (int i = 0; i < table.Indexes.Length; i++)
                await Target.ExecuteAsync(connection, $"CREATE INDEX {IndexName(table, i)} ON {name} ({table.Indexes[i]})", cancellation);
            // Sets PostgreSQL's visibility map too; a server without VACUUM needs it as little.
            await Target.ExecuteAsync(connection, $"VACUUM ANALYZE {name}", cancellation);
        }
    }

    private static string IndexName(TableDefinition table, int index) => $"{table.Name}_reference{index}";
}
