using System.Globalization;
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
        Comparison comparison = new();
        if (hasVectors)
        {
            const string Vector = "SELECT 'vector'::regtype::oid";
            comparison.Map(Number(await reference.RunAsync(Vector)), Number(await vecSql.RunAsync(Vector)));
        }
        return new Engines(reference, vecSql, port, $"fuzz{seed}", hasVectors, comparison);
    }

    private static uint Number(SqlAnswer answer) => uint.Parse(answer.Rows[0][0] ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Makes the schema anew and runs the statements, leaving out those that either refuses.</summary>
    /// <returns>Differences, as when one refuses what the other takes.</returns>
    public async Task<List<Difference>> SetUpAsync(IReadOnlyList<Statement> setup, string timeZone)
    {
        await BothAsync("ROLLBACK");
        await BothAsync("DEALLOCATE ALL");
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
        const string Enumerated = "SELECT to_regtype('mood')::oid";
        _comparison.Map(Number(await _reference.RunAsync(Enumerated)), Number(await _vecSql.RunAsync(Enumerated)));
        return differences;
    }

    /// <summary>Runs a statement on both at once, as often as it is to be run.</summary>
    /// <returns>The first execution in which they differ; the last where there is none.</returns>
    public async Task<Exchange> AskAsync(Statement statement)
    {
        if (statement.Again.Count == 0)
            return await AskOnceAsync(statement, connection => statement.Parameters is { } values
                ? connection.RunAsync(statement.Text, values, statement.IsBinary)
                : connection.RunAsync(statement.Text));
        Exchange exchange = await AskOnceAsync(statement with { IsBinary = false }, connection => connection.PrepareAsync(statement.Text, statement.Parameters ?? []));
        if (exchange.Difference is null && !exchange.Reference.Failed)
        {
            foreach (IReadOnlyList<Literal> values in statement.Again.Prepend(statement.Parameters ?? []))
            {
                exchange = await AskOnceAsync(statement with { Parameters = values }, connection => connection.ExecuteAsync(values, statement.IsBinary));
                if (exchange.Difference is not null)
                    break;
            }
        }
        await Task.WhenAll(_reference.CloseAsync(), _vecSql.CloseAsync());
        return exchange with { Statement = statement };
    }

    private async Task<Exchange> AskOnceAsync(Statement statement, Func<SqlConnection, Task<SqlAnswer>> ask)
    {
        Task<SqlAnswer> reference = ask(_reference);
        SqlAnswer answer;
        try
        {
            answer = await ask(_vecSql);
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
        await BothAsync("SET statement_timeout TO '5s'");
    }
}

/// <param name="Difference">Of what kind; null where the answers agree.</param>
internal sealed record Exchange(Statement Statement, SqlAnswer Reference, SqlAnswer VecSql, string? Difference);

/// <param name="Statements">What was run, the last of which was answered differently.</param>
internal sealed record Difference(string Kind, IReadOnlyList<Statement> Statements, Exchange Exchange);
