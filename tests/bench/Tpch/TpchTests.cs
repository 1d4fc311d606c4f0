using System.Security.Cryptography;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Tpch.Contestants;
using VecSQL.Bench.Tpch.Data;
using VecSQL.Bench.Tpch.Queries;
using VecSQL.Kit;

namespace VecSQL.Bench.Tests.Tpch;

public sealed class TpchTests
{
    private const double Scale = 0.01;

    /// <summary>PostgreSQL is not on every machine.</summary>
    private sealed class PostgresFactAttribute : FactAttribute
    {
        public PostgresFactAttribute() => Skip = PostgresServer.ProgramFolder is null ? "PostgreSQL is not on this machine" : null;
    }

    [Fact]
    public void The_same_seed_gives_the_same_tables_on_every_machine()
    {
        using MemoryStream all = new();
        Generator generator = new(0.001, seed: 1);
        foreach (TableDefinition table in Schema.Tables)
            generator.Write(table.Name, new CopyWriter(all));
        Assert.Equal("a292a660e8a48023", Convert.ToHexStringLower(SHA256.HashData(all.ToArray()).AsSpan(0, 8)));
    }

    [Fact]
    public void Orders_use_an_eighth_of_the_keys_and_a_third_of_the_customers_never_orders()
    {
        using MemoryStream lines = new();
        using (BarWriter rows = new(lines))
            new Generator(0.001, seed: 1).Write("orders", rows);
        string[][] orders = [.. System.Text.Encoding.ASCII.GetString(lines.ToArray()).TrimEnd('\n').Split('\n').Select(line => line.Split('|'))];
        Assert.Equal(1500, orders.Length);
        Assert.Equal(1500, orders.DistinctBy(order => order[0]).Count());
        Assert.All(orders, order => Assert.InRange((int.Parse(order[0]) - 1) % 32, 0, 7));
        Assert.All(orders, order => Assert.NotEqual(0, int.Parse(order[1]) % 3));
    }

    [PostgresFact]
    public async Task All_queries_give_the_answers_that_PostgreSQL_gives()
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync();
        await using ServerProcess server = await ServerProcess.StartAsync();
        Generator generator = new(Scale, seed: 1);
        await using SqlContestant reference = new(
            new Target("postgres", postgres.ConnectionString), generator, "tpch", keep: false, TimeSpan.FromMinutes(1));
        await using SqlContestant own = new(
            new Target("vecsql", server.ConnectionString), generator, "tpch", keep: false, TimeSpan.FromMinutes(1));
        await reference.PrepareAsync(default);
        await own.PrepareAsync(default);
        List<string> different = [];
        foreach (Query query in QueryTexts.For(Scale))
        {
            Answer expected = await reference.AskAsync(query, default), given = await own.AskAsync(query, default);
            if (Bench.Tpch.Answers.Difference(given, expected) is { } difference)
                different.Add($"{query.Name}: {difference}");
        }
        Assert.Empty(different);
    }
}
