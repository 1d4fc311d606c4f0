using Npgsql;

namespace VecSQL.SqlLogicTest.Runner;

/// <summary>A server on the network; each file works in a schema of its own, which goes at the end.</summary>
internal sealed class ServerTarget : ISqlTarget
{
    private readonly NpgsqlDataSource _source;
    private readonly string _schema;

    private ServerTarget(NpgsqlDataSource source, string schema, IReadOnlySet<string> engineNames)
    {
        _source = source;
        _schema = schema;
        EngineNames = engineNames;
    }

    public IReadOnlySet<string> EngineNames { get; }

    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="schema">The schema to make.</param>
    public static async Task<ServerTarget> OpenAsync(string connectionString, string schema, TableDivision division, CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString)
        {
            Pooling = false,
            SearchPath = $"{schema},public",
        };
        foreach ((string name, string value) in division.Settings)
            settings.Options = $"{settings.Options} -c {name}={value}";
        NpgsqlDataSourceBuilder builder = new(settings.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false)); // values are read as text
        NpgsqlDataSource source = builder.Build();
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation);
        HashSet<string> names = ["postgresql"];
        if (connection.PostgresParameters.ContainsKey("vecsql_version"))
            names.Add("vecsql");
        names.UnionWith(division.Names);
        if (names.Contains("vecsql") && await IsInClusterAsync(connection, cancellation))
            names.UnionWith(["cluster", "distributed"]);
        foreach (string sql in new[] { $"DROP SCHEMA IF EXISTS {schema} CASCADE", $"CREATE SCHEMA {schema}" }) // each its own transaction, which sessions repeat
        {
            await using NpgsqlCommand command = new(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        return new ServerTarget(source, schema, names);
    }

    public async Task<ISqlClient> ConnectAsync(CancellationToken cancellation) =>
        new Client(await _source.OpenConnectionAsync(cancellation));

    private static async Task<bool> IsInClusterAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand show = new("SHOW CLUSTER", connection) { AllResultTypesAreUnknown = true };
        await using NpgsqlDataReader reader = await show.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) && !await reader.IsDBNullAsync(1, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await using (NpgsqlCommand drop = _source.CreateCommand($"DROP SCHEMA IF EXISTS {_schema} CASCADE"))
            await drop.ExecuteNonQueryAsync();
        await _source.DisposeAsync();
    }

    private sealed class Client(NpgsqlConnection connection) : ISqlClient
    {
        public async Task<SqlRows> RunAsync(string sql, CancellationToken cancellation)
        {
            try
            {
                await using NpgsqlCommand command = new(sql, connection) { AllResultTypesAreUnknown = true, CommandTimeout = 600 };
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
                List<string?[]> rows = [];
                int columnCount = reader.FieldCount;
                while (await reader.ReadAsync(cancellation))
                {
                    var row = new string?[columnCount];
                    for (int i = 0; i < columnCount; i++)
                        row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
                    rows.Add(row);
                }
                while (await reader.NextResultAsync(cancellation))
                {
                }
                return new SqlRows(columnCount, rows, reader.RecordsAffected);
            }
            catch (PostgresException error)
            {
                throw new SqlClientException(error.SqlState, error.MessageText);
            }
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
