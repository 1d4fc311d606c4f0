using Npgsql;

namespace VecSQL.Server.Tests;

/// <summary>Runs SQL on a node as any client does.</summary>
internal static class Sql
{
    internal static async Task RunAsync(int port, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(port);
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    internal static async Task<string?> ValueAsync(int port, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(port);
        await using NpgsqlCommand command = new(sql, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private static async Task<NpgsqlConnection> OpenAsync(int port)
    {
        NpgsqlConnection connection = new($"Host=127.0.0.1;Port={port};Username=vecsql;Database=vecsql;Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
