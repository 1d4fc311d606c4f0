using System.Data;
using System.Globalization;
using Dapper;
using Npgsql;
using VecSQL.Clients.Tests.Matrix;

namespace VecSQL.Clients.Tests.Dotnet;

/// <summary>What an application does through Dapper, over Npgsql.</summary>
[Lacks("prepared", "Dapper prepares nothing itself; Npgsql below does when told to")]
[Lacks("listen", "Dapper has no notifications; Npgsql below has")]
[Lacks("arrays", "Dapper spreads a list into the statement's text; arrays go through Npgsql's parameters")]
internal sealed class DapperClient(MatrixServer server) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(server.ConnectionString);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    public sealed record Goods(int Id, string Name, decimal? Price);

    [Step("connect")]
    public async Task Connects()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        Assert.Equal("yx", await db.ExecuteScalarAsync<string>("SELECT @a || 'x'", new { a = "y" }));
    }

    [Step("secure")]
    public async Task Connects_securely()
    {
        await using NpgsqlConnection db = new(server.SecureConnectionString(MatrixServer.SecurePassword));
        Assert.True(await db.QuerySingleAsync<bool>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"));
    }

    [Step("types")]
    public async Task Types_come_back()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        var row = new
        {
            i = int.MaxValue, l = long.MinValue, s = "naïve ☃", m = 12.50m, d = 0.1, b = true, u = Guid.Parse("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
            y = new byte[] { 0, 255 }, t = new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc),
        };
        IDictionary<string, object> found = (IDictionary<string, object>)await db.QuerySingleAsync(
            "SELECT @i AS i, @l AS l, @s AS s, @m AS m, @d AS d, @b AS b, @u AS u, @y AS y, @t AS t", row);
        foreach (System.Reflection.PropertyInfo property in row.GetType().GetProperties())
            Assert.Equal(property.GetValue(row), found[property.Name]);
    }

    [Step("nulls")]
    public async Task Nulls_come_back()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        IDictionary<string, object?> row = (IDictionary<string, object?>)await db.QuerySingleAsync("SELECT * FROM sample WHERE id = 2");
        Assert.Equal(26, row.Values.Count(value => value is null));
        Assert.True(await db.ExecuteScalarAsync<bool>("SELECT @a::int IS NULL", new { a = (int?)null }));
    }

    [Step("vectors")]
    public async Task Vectors_are_found()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        await db.ExecuteAsync("CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3))");
        await db.ExecuteAsync("INSERT INTO items VALUES (@id, @e::text::vector)",
            Enumerable.Range(0, 10).Select(id => new { id, e = string.Create(CultureInfo.InvariantCulture, $"[{id},0.5,-1]") }));
        (int id, string e) = await db.QueryFirstAsync<(int, string)>(
            "SELECT id, e::text FROM items ORDER BY e <-> @to::text::vector LIMIT 1", new { to = "[3.25,0.5,-1]" });
        Assert.Equal((3, "[3,0.5,-1]"), (id, e));
    }

    [Step("transactions")]
    public async Task Transactions_hold()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        await db.ExecuteAsync("CREATE TEMP TABLE kept (n int PRIMARY KEY)");
        await using (NpgsqlTransaction transaction = await db.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            await db.ExecuteAsync("INSERT INTO kept VALUES (@n)", new { n = 1 }, transaction);
            await transaction.SaveAsync("s");
            Assert.Equal("23505", (await Assert.ThrowsAsync<PostgresException>(
                () => db.ExecuteAsync("INSERT INTO kept VALUES (1)", transaction: transaction))).SqlState);
            Assert.Equal("25P02", (await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync("SELECT 1"))).SqlState);
            await transaction.RollbackAsync("s");
            await transaction.CommitAsync();
        }
        Assert.Equal([1], await db.QueryAsync<int>("SELECT n FROM kept"));
    }

    [Step("errors")]
    public async Task Errors_have_their_fields()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        PostgresException error = await Assert.ThrowsAsync<PostgresException>(
            () => db.ExecuteAsync("INSERT INTO shop.goods (name) VALUES (@name)", new { name = "pen" }));
        Assert.Equal(("23505", "goods_name_key", "shop"), (error.SqlState, error.ConstraintName, error.SchemaName));
        Assert.Equal(1, await db.ExecuteScalarAsync<int>("SELECT 1"));
    }

    [Step("bulk")]
    public async Task Many_rows_are_written()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        await db.ExecuteAsync("CREATE TEMP TABLE bulk (n int)");
        Assert.Equal(500, await db.ExecuteAsync("INSERT INTO bulk VALUES (@n)", Enumerable.Range(0, 500).Select(n => new { n })));
        Assert.Equal(124750, await db.ExecuteScalarAsync<int>("SELECT sum(n) FROM bulk"));
    }

    [Step("stream")]
    public async Task Rows_come_by_and_by()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        List<int> seen = [];
        await foreach (int n in db.QueryUnbufferedAsync<int>("SELECT n FROM numbered ORDER BY n"))
            seen.Add(n);
        Assert.Equal(Enumerable.Range(1, 5000), seen);
    }

    [Step("cancel")]
    public async Task Statements_end_when_cancelled()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => db.ExecuteAsync(new CommandDefinition(EfCoreClient.Endless, cancellationToken: soon.Token)));
        await Assert.ThrowsAsync<NpgsqlException>(() => db.ExecuteAsync(EfCoreClient.Endless, commandTimeout: 1));
        Assert.Equal(1, await db.ExecuteScalarAsync<int>("SELECT 1"));
    }

    [Step("metadata")]
    public async Task Rows_become_objects()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        Assert.Equal([new(1, "pen", 1.5m), new(2, "desk", 150)],
            await db.QueryAsync<Goods>("SELECT id, name, price FROM shop.goods WHERE id IN (1, 2) ORDER BY id"));
        IEnumerable<string> joined = await db.QueryAsync<Goods, string, string>(
            "SELECT g.id, g.name, g.price, n.body FROM shop.goods g JOIN numbered n ON n.n = g.id WHERE g.id = 1",
            (goods, body) => $"{goods.Name} {body}", splitOn: "body");
        Assert.Equal(["pen row 1"], joined);
    }

    [Step("migrate")]
    public async Task Definitions_are_rolled_back()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        await using (NpgsqlTransaction transaction = await db.BeginTransactionAsync())
        {
            await db.ExecuteAsync("CREATE TABLE dapper_migrated (id int PRIMARY KEY); ALTER TABLE dapper_migrated ADD COLUMN name text DEFAULT 'x'");
            Assert.Equal("x", await db.ExecuteScalarAsync<string>("INSERT INTO dapper_migrated (id) VALUES (1) RETURNING name"));
        }
        Assert.Null(await db.ExecuteScalarAsync<string>("SELECT to_regclass('dapper_migrated')::text"));
    }

    [Step("pool")]
    public async Task Pooled_sessions_are_reset()
    {
        for (int round = 0; round < 3; round++)
        {
            await using NpgsqlConnection db = await _source.OpenConnectionAsync();
            Assert.Equal("\"$user\", public", await db.ExecuteScalarAsync<string>("SHOW search_path"));
            await db.ExecuteAsync("SET search_path TO shop");
        }
    }

    [Step("pipeline")]
    public async Task Several_results_come_at_once()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        await using SqlMapper.GridReader results = await db.QueryMultipleAsync("SELECT 1; SELECT n FROM numbered WHERE n <= @n ORDER BY n", new { n = 3 });
        Assert.Equal(1, await results.ReadSingleAsync<int>());
        Assert.Equal([1, 2, 3], await results.ReadAsync<int>());
    }

    [Step("unicode")]
    public async Task Texts_of_all_kinds_come_back()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        foreach (string value in new[] { "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "" })
            Assert.Equal(value, await db.ExecuteScalarAsync<string>("SELECT @value AS \"größe ☃\"", new { value }));
    }

    [Step("large")]
    public async Task Large_values_come_back()
    {
        await using NpgsqlConnection db = await _source.OpenConnectionAsync();
        string text = new('ü', 2_000_000);
        Assert.Equal(text, await db.ExecuteScalarAsync<string>("SELECT @text", new { text }));
        Assert.Equal(5000, await db.ExecuteScalarAsync<int>(
            "SELECT count(*) FROM numbered WHERE n = ANY(@many)", new { many = Enumerable.Range(0, 20_000).ToArray() }));
    }
}
