using Npgsql;

namespace VecSQL.Kit;

/// <summary>SQL for nodes whose cluster may be busy with a failover.</summary>
public static class NodeQueries
{
    /// <summary>For other processes' work, on a machine that does other things too.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);

    public static async Task<NpgsqlConnection> OpenAsync(this ServerProcess node)
    {
        NpgsqlConnection connection = new(node.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>The first value of the first row that the last query gives, as text; by a connection of its own.</summary>
    public static async Task<string?> AskAsync(this ServerProcess node, string query)
    {
        await using NpgsqlConnection connection = await node.OpenAsync();
        return await connection.AskAsync(query);
    }

    /// <summary>The first value of the first row that the last query gives, as text.</summary>
    public static async Task<string?> AskAsync(this NpgsqlConnection connection, string query)
    {
        await using NpgsqlCommand command = new(query, connection) { CommandTimeout = 600 };
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    /// <summary>Does it in one transaction, again while a client's own retry would.</summary>
    /// <exception cref="TimeoutException">It could still not be done after <see cref="Patience"/>.</exception>
    public static Task DoAsync(this ServerProcess node, string script) => node.RepeatAsync(script, async () =>
    {
        await node.AskAsync($"BEGIN; {script}; COMMIT");
        return null;
    });

    /// <summary>Asks until the answer is this: what is waited for is other processes' work.</summary>
    /// <param name="patience">Null for <see cref="Patience"/>.</param>
    /// <exception cref="TimeoutException">It still was another after that.</exception>
    public static Task UntilAsync(this ServerProcess node, string query, string answer, TimeSpan? patience = null) => node.RepeatAsync(query, async () =>
    {
        string? said = await node.AskAsync(query);
        return said == answer ? null : $"{said}, not {answer}";
    }, patience);

    /// <summary>Whether a client is to do again what ended so: nothing was committed.</summary>
    public static bool IsToBeRepeated(PostgresException failed) => failed.SqlState is "40001" or "57P03";

    /// <summary>Does it until it is done, also after errors that a client's own retry would repeat.</summary>
    /// <param name="what">For the error.</param>
    /// <param name="act">Gives what is not yet as it is to be; null once it is.</param>
    /// <param name="patience">Null for <see cref="Patience"/>.</param>
    /// <exception cref="TimeoutException">It was not done after that.</exception>
    public static async Task RepeatAsync(this ServerProcess node, string what, Func<Task<string?>> act, TimeSpan? patience = null)
    {
        using CancellationTokenSource late = new(patience ?? Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            string? wrong;
            try
            {
                wrong = await act();
            }
            catch (PostgresException passing) when (IsToBeRepeated(passing))
            {
                wrong = passing.Message;
            }
            if (wrong is null)
                return;
            if (late.IsCancellationRequested)
                throw new TimeoutException($"{what}: {wrong} {node.Errors}");
            await timer.WaitForNextTickAsync();
        }
    }
}
