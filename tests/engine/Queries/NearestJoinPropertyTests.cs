using System.Globalization;

namespace VecSQL.Engine.Tests.Queries;

/// <summary>
/// Nearest rows of random tables that joins and subqueries choose, by an index that looks into all cells, against sorting all rows.
/// </summary>
public sealed class NearestJoinPropertyTests : EngineTest
{
    private const int Items = 6000, Others = 400, Links = 12_000, Queries = 45;

    private static readonly string[] KeyTypes = ["int", "bigint", "smallint", "text", "varchar(10)", "numeric", "date"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_answer_is_that_of_sorting_all_rows(int seed)
    {
        var random = new Random(seed);
        string type = KeyTypes[random.Next(KeyTypes.Length)], include = random.Next(2) == 0 ? "INCLUDE (k, n)" : "";
        await FillAsync(random, type);
        await Session.RunAsync($"CREATE INDEX ON items USING hnsw (v vector_l2_ops) {include}");
        await Session.RunAsync("SET vecsql.target_recall = 1");
        int bySets = 0;
        for (int query = 0; query < Queries; query++)
        {
            if (query == Queries / 3)
                await Session.RunAsync("ANALYZE");
            if (query == Queries / 2)
                await ChangeAsync(random);
            string rows = Ask(random), vector = $"'{Vector(random)}'::vector";
            string range = random.Next(4) == 0 ? $"LIMIT {random.Next(1, 20)} OFFSET {random.Next(30)}" : $"LIMIT {random.Next(1, 300)}";
            string nearest = $"SELECT i.id, {rows} ORDER BY i.v <-> {vector}, i.id, 2 {range}";
            string[] expected = await Session.RowsAsync($"SELECT i.id, {rows} ORDER BY coalesce(i.v <-> {vector}, 'Infinity'), i.id, 2 {range}");
            string[] actual = await Session.RowsAsync(nearest);
            Assert.True(expected.SequenceEqual(actual), $"query {query}, with keys of {type} {include}: {nearest}\n{expected.Length} rows, "
                + $"found {actual.Length}, {expected.Intersect(actual).Count()} of them right:\n{string.Join("\n", await Session.RowsAsync($"EXPLAIN (ANALYZE) {nearest}"))}");
            bySets += (await Session.RowsAsync($"EXPLAIN {nearest}")).Any(static line => line.Contains("Filter:") && line.Contains("ANY (")) ? 1 : 0;
        }
        Assert.True(bySets > Queries / 4, $"{bySets} of {Queries} by sets");
    }

    /// <returns>The second output, and what follows it.</returns>
    private static string Ask(Random random)
    {
        string other = Other(random), link = $"l.tag {(random.Next(2) == 0 ? "=" : "<")} {random.Next(30)}";
        return random.Next(16) switch
        {
            0 => $"i.n FROM items i WHERE i.k IN (SELECT o.k FROM others o WHERE {other})",
            1 => $"i.n FROM items i WHERE i.k NOT IN (SELECT o.k FROM others o WHERE {other} AND o.k IS NOT NULL)",
            2 => $"i.n FROM items i WHERE i.k NOT IN (SELECT o.k FROM others o WHERE {other})",
            3 => $"i.n FROM items i WHERE EXISTS (SELECT FROM others o WHERE o.k = i.k AND {other})",
            4 => $"i.n FROM items i WHERE NOT EXISTS (SELECT FROM others o WHERE o.k = i.k AND {other})",
            5 => $"i.n FROM items i WHERE EXISTS (SELECT FROM links l WHERE l.item = i.id AND {link}) AND i.n < {random.Next(50)}",
            6 => $"i.n FROM items i WHERE NOT EXISTS (SELECT FROM links l WHERE l.item = i.id AND {link})",
            7 => $"i.n FROM items i WHERE EXISTS (SELECT FROM links l WHERE l.item = i.id AND l.tag = i.n)",
            8 => $"o.id FROM items i JOIN others o ON o.k = i.k WHERE {other}",
            9 => $"o.id FROM items i JOIN others o ON o.id = i.n WHERE {other}",
            10 => $"l.tag FROM items i JOIN links l ON l.item = i.id WHERE {link}",
            11 => $"o.id FROM items i JOIN links l ON l.item = i.id JOIN others o ON o.id = l.other WHERE {other} AND {link}",
            12 => $"o.id FROM items i LEFT JOIN others o ON o.k = i.k AND {other} WHERE i.n IN (SELECT id FROM others o WHERE {Other(random)})",
            13 => $"i.n FROM items i WHERE i.n = ANY (ARRAY(SELECT id FROM others o WHERE {other})) AND i.k IN (SELECT k FROM others)",
            14 => $"i.n FROM items i WHERE i.n = (SELECT max(o.id) FROM others o WHERE o.id < 50 AND {other})",
            _ => $"i.n FROM items i WHERE i.n <> ALL (ARRAY[{random.Next(50)}, {random.Next(50)}]) AND (i.k IN (SELECT o.k FROM others o WHERE {other}) OR i.n = 3)",
        };
    }

    private static string Other(Random random) => random.Next(5) switch
    {
        0 => "true",
        1 => $"o.id % {random.Next(2, 40)} = 0",
        2 => $"o.id = {random.Next(Others)}",
        3 => $"o.id < {random.Next(Others)}",
        _ => $"o.name LIKE 'n{random.Next(10)}%'",
    };

    private async Task FillAsync(Random random, string type)
    {
        await Session.RunAsync($"CREATE TABLE items (id int PRIMARY KEY, k {type}, n int{(random.Next(2) == 0 ? " NOT NULL" : "")}, v vector(5))");
        await Session.RunAsync($"CREATE TABLE others (id int PRIMARY KEY, k {type}, name text)");
        await Session.RunAsync("CREATE TABLE links (item int, other bigint, tag smallint)");
        int keys = random.Next(5, 2000);
        string Key() => random.Next(15) == 0 ? "NULL" : random.Next(keys) is var key && type == "date" ? $"DATE '2020-01-01' + {key}" : $"{key}";
        for (int first = 0; first < Items; first += 2000)
        {
            await Session.RunAsync("INSERT INTO items VALUES " + string.Join(",", Enumerable.Range(first, 2000).Select(id =>
                $"({id}, {Key()}, {random.Next(50)}, {(random.Next(100) == 0 ? "NULL" : $"'{Vector(random)}'")})")));
        }
        await Session.RunAsync("INSERT INTO others VALUES "
            + string.Join(",", Enumerable.Range(0, Others).Select(id => $"({id}, {Key()}, 'n{random.Next(100)}')")));
        await Session.RunAsync("INSERT INTO links VALUES " + string.Join(",", Enumerable.Range(0, Links).Select(_ =>
            $"({random.Next(Items)}, {random.Next(Others)}, {random.Next(30)})")));
    }

    private async Task ChangeAsync(Random random)
    {
        await Session.RunAsync($"DELETE FROM items WHERE id % {random.Next(3, 9)} = 1");
        await Session.RunAsync($"UPDATE items SET k = NULL WHERE id % {random.Next(50, 90)} = 2");
        await Session.RunAsync($"DELETE FROM others WHERE id % {random.Next(3, 9)} = 1");
        await Session.RunAsync($"INSERT INTO items SELECT {Items} + id, k, id % 50, '{Vector(random)}' FROM others");
    }

    // On a coarse grid, so that some are equal.
    private static string Vector(Random random) =>
        "[" + string.Join(",", Enumerable.Range(0, 5).Select(_ => (random.Next(12) / 8.0).ToString(CultureInfo.InvariantCulture))) + "]";
}
