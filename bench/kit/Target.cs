using Npgsql;

namespace VecSQL.Bench.Kit;

/// <summary>A server to measure.</summary>
public sealed record Target(string Name, string ConnectionString)
{
    /// <param name="text">NAME=CONNECTION STRING.</param>
    /// <exception cref="FormatException">It is not that.</exception>
    public static Target Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new FormatException($"\"{text}\" is not NAME=CONNECTION STRING");
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
        await ExecuteAsync(connection, sql, cancellation);
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
