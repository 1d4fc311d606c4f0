using VecSQL.Bench.Kit;
using VecSQL.Bench.Tpch.Contestants;
using VecSQL.Bench.Tpch.Queries;

namespace VecSQL.Bench.Tpch;

/// <summary>A query's times for each contestant, or why there is none.</summary>
internal sealed record QueryFigures(string Query, IReadOnlyList<double?> Milliseconds, IReadOnlyList<string?> Remarks);

/// <summary>Asks all contestants the same queries, round by round in turn.</summary>
/// <param name="compared">How many of the contestants, from the first, must give the reference's answers to the letter.</param>
internal sealed class Bench(IReadOnlyList<IContestant> contestants, int reference, int compared, int rounds, TextWriter progress)
{
    internal async Task<QueryFigures> RunAsync(Query query, CancellationToken cancellation)
    {
        List<double>[] times = [.. contestants.Select(_ => new List<double>())];
        var remarks = new string?[contestants.Count];
        var first = new Answer?[contestants.Count];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contestants.Count; i++)
            {
                if (remarks[i] is not null && times[i].Count == 0)
                    continue; // it failed, and would again
                try
                {
                    Answer answer = await contestants[i].AskAsync(query, cancellation);
                    first[i] ??= answer;
                    times[i].Add(answer.Milliseconds);
                }
                catch (ContestantException error)
                {
                    remarks[i] = error.Message;
                }
            }
        }
        for (int i = 0; i < compared; i++)
        {
            if (first[i] is { } answer && first[reference] is { } expected && Answers.Difference(answer, expected) is { } difference)
                remarks[i] = difference;
        }
        QueryFigures figures = new(query.Name, [.. times.Select(list => list.Count == 0 ? (double?)null : Statistics.Median(list))], remarks);
        await progress.WriteLineAsync($"{query.Name} " + string.Join(", ", contestants.Select((contestant, i) =>
            $"{contestant.Name} {figures.Milliseconds[i]:F0} ms {remarks[i]}")));
        return figures;
    }
}
