using System.Globalization;

namespace VecSQL.Engine.Tests.Queries;

/// <summary>
/// Nearest rows of random tables, with deletions, updates, null and equal vectors, filters, limits and offsets, against a sort that no index
/// answers.
/// </summary>
public sealed class NearestPropertyTests : EngineTest
{
    private const double RecallMin = 0.85;

    private static readonly string[] Strategies = ["auto", "in_walk", "prefilter", "postfilter"];

    [Theory]
    [InlineData(1, "vector", "<->", "vector_l2_ops")]
    [InlineData(2, "vector", "<=>", "vector_cosine_ops")]
    [InlineData(3, "vector", "<#>", "vector_ip_ops")]
    [InlineData(4, "halfvec", "<->", "halfvec_l2_ops")]
    public async Task Every_answer_has_the_right_rows(int seed, string type, string op, string operators)
    {
        var random = new Random(seed);
        int dimensions = random.Next(3, 12), count = random.Next(11_000, 14_000);
        await FillAsync(random, type, dimensions, count, operators);
        await ChangeAsync(random, type, dimensions, count);
        Assert.Contains("  Strategy: cells", await Session.RowsAsync(
            $"EXPLAIN (ANALYZE) SELECT id FROM items ORDER BY v {op} '{Vector(random, dimensions)}'::{type} LIMIT 5"));
        double found = 0, wanted = 0;
        for (int query = 0; query < 60; query++)
        {
            if (query == 30)
                await ChangeAsync(random, type, dimensions, count); // not indexed yet: the newest rows
            Question question = Ask(random, type, dimensions, op);
            await Session.RunAsync("SET vecsql.exact = on");
            string[] exact = await Session.RowsAsync(question.ByDistance);
            Assert.Equal(await Session.RowsAsync(question.ByOtherSort), exact);
            await Session.RunAsync("RESET vecsql.exact");
            await Session.RunAsync($"SET vecsql.filter_strategy = {Strategies[query % Strategies.Length]}");
            string[] nearest = await Session.RowsAsync(question.ByDistance);
            Check(nearest, exact.Length);
            Assert.Equal(nearest.Length.ToString(CultureInfo.InvariantCulture), await Session.ValueAsync(
                $"SELECT count(*) FROM items WHERE {question.Filter} AND id IN ({string.Join(",", nearest.Select(row => row.Split('|')[0]).DefaultIfEmpty("-1"))})"));
            found += nearest.Intersect(exact).Count();
            wanted += exact.Length;
        }
        Assert.True(found >= RecallMin * wanted, $"{found} of {wanted} rows found");
    }

    /// <param name="ByOtherSort">The same by a key that is not known to rise with the distance.</param>
    private sealed record Question(string Filter, string ByDistance, string ByOtherSort);

    private static Question Ask(Random random, string type, int dimensions, string op)
    {
        string distance = $"v {op} '{Vector(random, dimensions)}'::{type}";
        string filter = random.Next(10) switch
        {
            0 => "kind = 3",
            5 => $"kind IN (1, {random.Next(2, 20)}, NULL)",
            6 => $"kind = ANY (ARRAY[{random.Next(20)}, {random.Next(20)}]) AND id < {random.Next(100, 14_000)}",
            7 => $"note = 'cell {random.Next(4)}'",
            8 => $"note = 'cell {random.Next(4)}' AND id % 3 = 1 AND kind BETWEEN 2 AND 11",
            9 => $"note > 'cell {random.Next(4)}' AND share <= {random.Next(30)} / 10.0",
            1 => $"kind < {random.Next(1, 20)}",
            2 => $"id % {random.Next(2, 500)} = 0",
            3 => "kind IS NULL",
            _ => "true",
        };
        string range = random.Next(3) == 0 ? $"LIMIT {random.Next(1, 30)} OFFSET {random.Next(0, 60)}" : $"LIMIT {random.Next(1, 400)}";
        string select = $"SELECT id, ({distance})::real FROM items WHERE {filter}";
        return new Question(filter, $"{select} ORDER BY {distance} NULLS LAST, id {range}",
            $"{select} ORDER BY coalesce({distance}, 'Infinity') + CASE WHEN id < 0 THEN 1 ELSE 0 END, id {range}");
    }

    private static void Check(string[] rows, int count)
    {
        Assert.Equal(count, rows.Length);
        Assert.Equal(rows.Length, rows.Select(row => row.Split('|')[0]).Distinct().Count());
        double last = double.NegativeInfinity;
        foreach (string row in rows)
        {
            string text = row.Split('|')[1];
            double distance = text == "NULL" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);
            Assert.True(!(distance < last), $"{distance} after {last}");
            last = distance;
        }
    }

    private async Task FillAsync(Random random, string type, int dimensions, int count, string operators)
    {
        await Session.RunAsync($"CREATE TABLE items (id int PRIMARY KEY, kind int, note text, share numeric, v {type}({dimensions}))");
        int[] ids = [.. Enumerable.Range(0, count)];
        random.Shuffle(ids);
        foreach (int[] some in ids.Chunk(2000))
            await Session.RunAsync("INSERT INTO items VALUES " + string.Join(",", some.Select(id => Row(random, dimensions, id))));
        await Session.RunAsync($"CREATE INDEX ON items USING hnsw (v {operators})");
    }

    private async Task ChangeAsync(Random random, string type, int dimensions, int count)
    {
        await Session.RunAsync($"DELETE FROM items WHERE id % {random.Next(2, 9)} = 1");
        await Session.RunAsync($"UPDATE items SET v = '{Vector(random, dimensions)}'::{type} WHERE id % {random.Next(50, 90)} = 2");
        await Session.RunAsync("INSERT INTO items VALUES "
            + string.Join(",", Enumerable.Range(0, 200).Select(i => Row(random, dimensions, count + i)))
            + " ON CONFLICT (id) DO UPDATE SET v = excluded.v");
    }

    private static string Row(Random random, int dimensions, int id)
    {
        string kind = random.Next(10) == 0 ? "NULL" : $"{random.Next(20)}";
        int centre = random.Next(12); // of which notes tell something
        string vector = random.Next(100) == 0 ? "NULL" : $"'{Vector(random, dimensions, centre)}'";
        return $"({id}, {kind}, 'cell {centre / 3}', {id % 29}.{id % 10}, {vector})";
    }

    private static string Vector(Random random, int dimensions) => Vector(random, dimensions, random.Next(12));

    // Around a few centres, on a coarse grid, so that some are equal; never zero, which has no angle.
    private static string Vector(Random random, int dimensions, int centre)
    {
        return "[" + string.Join(",", Enumerable.Range(0, dimensions).Select(i =>
            (((centre * (i + 3) % 7) + (random.Next(8) / 8.0) + 0.125) / 8).ToString(CultureInfo.InvariantCulture))) + "]";
    }
}
