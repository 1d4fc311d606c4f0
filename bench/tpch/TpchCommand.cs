using System.CommandLine;
using System.Globalization;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Tpch.Contestants;
using VecSQL.Bench.Tpch.Data;
using VecSQL.Bench.Tpch.Queries;

namespace VecSQL.Bench.Tpch;

/// <summary>The command line.</summary>
internal static class TpchCommand
{
    private static readonly Option<double> Scale = new("--scale") { Description = "Scale factor", DefaultValueFactory = _ => 0.1 };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Of the generator", DefaultValueFactory = _ => 1UL };

    private static readonly Option<string[]> Targets = new("--target")
    {
        Description = "NAME=CONNECTION STRING of a server with PostgreSQL's protocol. The last is the reference of answers and ratios",
    };

    private static readonly Option<string[]> Peers = new("--peer")
    {
        Description = "NAME=COMMAND of a program that loads files, such as \"duckdb=node bench/tpch/peers/duckdb.mjs\"",
    };

    private static readonly Option<string?> Files = new("--files")
    {
        Description = "Folder for the tables as files, which peers load; those that are there are used. Without targets they are all that is made",
    };

    private static readonly Option<string?> Only = new("--only") { Description = "Queries, with commas between: q01,q17" };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds whose median counts", DefaultValueFactory = _ => 3 };
    private static readonly Option<double> Limit = new("--limit") { Description = "Seconds for a query on a server", DefaultValueFactory = _ => 300 };
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave tables on servers, and use those that an earlier run has left" };

    public static RootCommand Build()
    {
        RootCommand root = new("Measures the 22 queries of TPC-H, and compares their answers. Prints Markdown; progress goes to standard error.")
        {
            Scale, Seed, Targets, Peers, Files, Only, Rounds, Limit, Keep,
        };
        root.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return await RunAsync(parsed, cancellation);
            }
            catch (Exception error) when (error is ArgumentException or FormatException or IOException or ContestantException)
            {
                await Console.Error.WriteLineAsync(error.Message); // the command line's fault, a file's or a peer's
                return 1;
            }
        });
        return root;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        double scale = parsed.GetValue(Scale);
        ulong seed = parsed.GetValue(Seed);
        Generator generator = new(scale, seed);
        string schema = FormattableString.Invariant($"tpch_{scale}_{seed}").Replace('.', '_');
        string folder = parsed.GetValue(Files) ?? Path.Combine(Path.GetTempPath(), schema);
        Target[] targets = [.. (parsed.GetValue(Targets) ?? []).Select(Target.Parse)];
        Target[] peers = [.. (parsed.GetValue(Peers) ?? []).Select(Target.Parse)];
        if (targets.Length == 0)
        {
            BarFiles.Write(generator, folder);
            return 0;
        }
        List<IContestant> contestants =
        [
            .. targets.Select(target => new SqlContestant(
                target, generator, schema, parsed.GetValue(Keep), TimeSpan.FromSeconds(parsed.GetValue(Limit)))),
            .. peers.Select(peer => new ProcessContestant(peer.Name, peer.ConnectionString, generator, folder)),
        ];
        try
        {
            foreach (IContestant contestant in contestants)
                await Console.Error.WriteLineAsync($"{contestant.Name} is loaded: {await contestant.PrepareAsync(cancellation):g}");
            Bench bench = new(contestants, targets.Length - 1, targets.Length, parsed.GetValue(Rounds), Console.Error);
            List<QueryFigures> figures = [];
            foreach (Query query in Chosen(QueryTexts.For(scale), parsed.GetValue(Only)))
                figures.Add(await bench.RunAsync(query, cancellation));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"TPC-H, scale factor {scale}, medians of {parsed.GetValue(Rounds)}\n"));
            Report.Write([.. contestants.Select(contestant => contestant.Name)], targets.Length - 1, figures, Console.Out);
            return figures.TrueForAll(query => query.Remarks.Take(targets.Length).All(remark => remark is null)) ? 0 : 2;
        }
        finally
        {
            foreach (IContestant contestant in contestants)
                await contestant.DisposeAsync();
        }
    }

    private static IEnumerable<Query> Chosen(IReadOnlyList<Query> queries, string? only)
    {
        if (only is null)
            return queries;
        return only.Split(',').Select(name => queries.FirstOrDefault(query => query.Name == name)
            ?? throw new ArgumentException($"there is no query \"{name}\""));
    }
}
