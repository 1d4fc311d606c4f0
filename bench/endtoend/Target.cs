using Npgsql;

namespace VecSQL.Bench.EndToEnd;

/// <summary>A server to measure.</summary>
internal sealed record Target(string Name, string ConnectionString)
{
    public static Target Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return new Target(text[..equals], text[(equals + 1)..]);
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder settings = new(ConnectionString) { Pooling = false, CommandTimeout = 0 };
        NpgsqlDataSourceBuilder builder = new(settings.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        NpgsqlDataSource source = builder.Build();
        return await source.OpenConnectionAsync(cancellation);
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await OpenAsync(cancellation);
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
