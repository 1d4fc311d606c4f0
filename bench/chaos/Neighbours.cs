using System.Globalization;
using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>Vectors that stay, and questions whose answers are known.</summary>
internal sealed class Neighbours
{
    private const int RowCount = 2000, Dimensions = 16, Nearest = 10, QuestionCount = 20;

    private readonly float[][] _rows, _questions;
    private readonly int[][] _answers;

    public Neighbours(Random random)
    {
        _rows = Vectors(random, RowCount);
        _questions = Vectors(random, QuestionCount);
        _answers = [.. _questions.Select(question => Enumerable.Range(0, RowCount).OrderBy(row => Distance(question, _rows[row])).Take(Nearest).ToArray())];
    }

    /// <param name="with">Storage parameters of tables.</param>
    public static string[] Setup(string with) => [$"CREATE TABLE places (id int PRIMARY KEY, e vector({Dimensions}) NOT NULL) {with}"];

    public int Count => QuestionCount;

    public async Task LoadAsync(NpgsqlConnection connection)
    {
        await using TextWriter copy = await connection.BeginTextImportAsync("COPY places FROM STDIN");
        for (int row = 0; row < RowCount; row++)
            await copy.WriteAsync($"{row}\t{Text(_rows[row])}\n");
    }

    public string Question(int number) => Text(_questions[number]);

    public bool IsRight(int number, int[] found) => found.AsSpan().SequenceEqual(_answers[number]);

    private static float[][] Vectors(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle()).ToArray())];

    private static double Distance(float[] left, float[] right) => left.Zip(right, static (l, r) => ((double)l - r) * ((double)l - r)).Sum();

    private static string Text(float[] vector) => $"[{string.Join(',', vector.Select(static value => value.ToString("R", CultureInfo.InvariantCulture)))}]";
}

internal sealed class NeighbourReader(Neighbours neighbours, ChaosCluster cluster, Findings findings, GapWatch gaps, Random random)
    : Worker("neighbours", cluster, findings, gaps, random)
{
    protected override async Task DoAsync(NpgsqlConnection connection)
    {
        int number = Random.Next(neighbours.Count);
        int[] found = await AskAsync<int[]>(connection, "SELECT array_agg(id) FROM (SELECT id FROM places ORDER BY e <-> $1::vector LIMIT 10) p", neighbours.Question(number));
        if (!neighbours.IsRight(number, found))
            Findings.Violation($"{string.Join(' ', found)} are not the nearest of question {number}");
    }

    protected override void Note(CallOutcome outcome, TimeSpan start, TimeSpan end)
    {
        // What it reads is checked as it is read.
    }
}
