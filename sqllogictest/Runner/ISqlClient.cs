namespace VecSQL.SqlLogicTest.Runner;

/// <summary>A connection that tests run on.</summary>
internal interface ISqlClient : IAsyncDisposable
{
    /// <summary>Runs SQL text; the result is that of its last statement.</summary>
    /// <exception cref="SqlClientException">The server refused it.</exception>
    Task<SqlRows> RunAsync(string sql, CancellationToken cancellation);
}

/// <param name="Rows">Values as PostgreSQL's text form; null is NULL.</param>
/// <param name="RowsChanged">From the command tag; −1 where it has none.</param>
internal sealed record SqlRows(int ColumnCount, IReadOnlyList<string?[]> Rows, long RowsChanged);

internal sealed class SqlClientException(string sqlState, string message) : Exception(message)
{
    public string SqlState { get; } = sqlState;
}

/// <summary>Where tests run: opens connections, all to the same fresh place.</summary>
internal interface ISqlTarget : IAsyncDisposable
{
    /// <summary>The names that skipif, onlyif and require go by.</summary>
    IReadOnlySet<string> EngineNames { get; }

    Task<ISqlClient> ConnectAsync(CancellationToken cancellation);
}
