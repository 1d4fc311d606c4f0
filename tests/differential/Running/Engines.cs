using VecSQL.Differential.Tests.Generation;
using VecSQL.Kit;

namespace VecSQL.Differential.Tests.Running;

/// <summary>The reference and VecSQL, asked the same things in a schema of one seed's own.</summary>
internal sealed class Engines : IAsyncDisposable
{
    private readonly SqlConnection _reference;
    private SqlConnection _vecSql;
    private readonly int _port;
    private readonly string _schema;
    private readonly Comparison _comparison;

    private Engines(SqlConnection reference, SqlConnection vecSql, int port, string schema, bool hasVectors, Comparison comparison)
    {
        _reference = reference;
        _vecSql = vecSql;
        _port = port;
        _schema = schema;
        HasVectors = hasVectors;
        _comparison = comparison;
    }

    /// <summary>The reference has pgvector.</summary>
    public bool HasVectors { get; }

    public static async Task<Engines> OpenAsync(int referencePort, int port, int seed)
    {
        SqlConnection reference = await SqlConnection.OpenAsync(referencePort, "postgres", "postgres");
        SqlConnection vecSql = await SqlConnection.OpenAsync(port, "vecsql", "vecsql");
        bool hasVectors = !(await reference.RunAsync("CREATE EXTENSION IF NOT EXISTS vector")).Failed;
        uint[] oids = [0, 0];
        if (hasVectors)
        {
            oids[0] = uint.Parse((await reference.RunAsync("SELECT 'vector'::regtype::oid")).Rows[0][0] ?? "0");
            oids[1] = uint.Parse((await vecSql.RunAsync("SELECT 'vector'::regtype::oid")).Rows[0][0] ?? "0");
        }
        return new Engines(reference, vecSql, port, $"fuzz{seed}", hasVectors, new Comparison(oids[0], oids[1]));
    }

    /// <summary>Makes the schema anew and runs the statements, leaving out those that either refuses.</summary>
    /// <returns>Differences, as when one refuses what the other takes.</returns>
    public async Task<List<Difference>> SetUpAsync(IReadOnlyList<Statement> setup, string timeZone)
    {
        await BothAsync("ROLLBACK");
        await BothAsync($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
        await BothAsync($"CREATE SCHEMA {_schema}");
        await ConfigureAsync(timeZone);
        List<Difference> differences = [];
        foreach (Statement statement in setup)
        {
            await BothAsync("BEGIN");
            Exchange exchange = await AskAsync(statement);
            if (exchange.Difference is not null)
                differences.Add(new Difference(exchange.Difference, [statement], exchange));
            await BothAsync(exchange.Reference.Failed || exchange.VecSql.Failed ? "ROLLBACK" : "COMMIT");
        }
        return differences;
    }

    /// <summary>Runs a statement on both at once.</summary>
    public async Task<Exchange> AskAsync(Statement statement)
    {
        Task<SqlAnswer> reference = RunAsync(_reference, statement);
        SqlAnswer answer;
        try
        {
            answer = await RunAsync(_vecSql, statement);
        }
        catch (IOException error)
        {
            answer = new SqlAnswer([], [], "", "lost connection", error.Message, []);
            await _vecSql.DisposeAsync();
            _vecSql = await SqlConnection.OpenAsync(_port, "vecsql", "vecsql");
            await _vecSql.RunAsync($"SET search_path TO {_schema}, public");
        }
        SqlAnswer expected = await reference;
        return new Exchange(statement, expected, answer, _comparison.Difference(statement, expected, answer));
    }

    public Task BothAsync(string sql) => Task.WhenAll(_reference.RunAsync(sql), _vecSql.RunAsync(sql));

    public async ValueTask DisposeAsync()
    {
        await BothAsync("ROLLBACK");
        await BothAsync($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
        await _reference.DisposeAsync();
        await _vecSql.DisposeAsync();
    }

    private async Task ConfigureAsync(string timeZone)
    {
        await BothAsync($"SET search_path TO {_schema}, public");
        await BothAsync($"SET TimeZone TO '{timeZone}'");
        await BothAsync("SET statement_timeout TO '20s'");
    }

    private static Task<SqlAnswer> RunAsync(SqlConnection connection, Statement statement) => statement.Parameters is null
        ? connection.RunAsync(statement.Text)
        : connection.RunAsync(statement.Text, statement.Parameters, statement.IsBinary);
}

/// <param name="Difference">Of what kind; null where the answers agree.</param>
internal sealed record Exchange(Statement Statement, SqlAnswer Reference, SqlAnswer VecSql, string? Difference);

/// <param name="Statements">What was run, the last of which was answered differently.</param>
internal sealed record Difference(string Kind, IReadOnlyList<Statement> Statements, Exchange Exchange);
