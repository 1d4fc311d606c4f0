using System.CommandLine;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Servers;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Recall;

/// <summary>The command line.</summary>
internal static class RecallCommand
{
    private const int Wanted = 10;

    private static readonly Option<string> DataName = new("--data")
    {
        Description = "100k or 1m (rows of 128 dimensions, L2), 768 (100k rows, cosine), ROWSxDIMENSIONS: generated, clustered; " +
            "text: the .NET SDK's API documentation by the built-in embedder; FILE.txt: a text a line, likewise; " +
            "FILE.fvecs or FILE.fbin: vectors",
        DefaultValueFactory = _ => "100k",
    };

    private static readonly Option<string?> QueryFile = new("--query-file") { Description = "Queries for --data FILE; else its last rows are held out" };
    private static readonly Option<string?> Metric = new("--metric") { Description = "l2, cosine or ip, in place of what fits the data" };
    private static readonly Option<int> Queries = new("--queries") { Description = "Held-out queries", DefaultValueFactory = _ => 1000 };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Of the generator", DefaultValueFactory = _ => 1UL };

    private static readonly Option<int> Clusters = new("--clusters")
    {
        Description = "Clusters of generated rows", DefaultValueFactory = _ => ClusteredGenerator.ClusterCountDefault,
    };

    private static readonly Option<string[]> Targets = new("--target")
    {
        Description = "NAME=CONNECTION STRING of a server with pgvector's dialect; it must let this client in without a password. " +
            "The last is the reference of ratios",
    };

    private static readonly Option<string[]> Indexes = new("--index")
    {
        Description = "Kinds of index to measure on servers: hnsw (m 16, ef_construction 64), ivfflat, vecsql (where there is it)",
        DefaultValueFactory = _ => ["hnsw"],
    };

    private static readonly Option<string[]> Sweeps = new("--sweep")
    {
        Description = "NAME:SETTING=VALUE,VALUE: what to vary on a target, in place of hnsw.ef_search, ivfflat.probes or vecsql.target_recall",
    };

    private static readonly Option<string> Connections = new("--connections")
    {
        Description = "How many connections to measure with", DefaultValueFactory = _ => "1,8",
    };

    private static readonly Option<bool> InProcess = new("--in-process") { Description = "Measure VecSQL's index without a server, too" };
    private static readonly Option<string> Threads = new("--threads") { Description = "How many threads, in process", DefaultValueFactory = _ => "1,2" };
    private static readonly Option<float> Reach = new("--reach") { Description = "Of searches in process, as a server's", DefaultValueFactory = _ => 1 };

    private static readonly Option<int> Candidates = new("--candidates")
    {
        Description = "Rows measured exactly by searches in process, as a server's", DefaultValueFactory = _ => (2 * Wanted) + 10,
    };

    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds whose median counts", DefaultValueFactory = _ => 3 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "For one effort in a round", DefaultValueFactory = _ => 0.5 };
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave tables on servers, and use those that an earlier run has left" };
    private static readonly Option<string?> Svg = new("--svg") { Description = "Draw the curves into this file" };

    private static readonly Option<string?> Export = new("--export")
    {
        Description = "Write rows, queries (fvecs and fbin) and exact answers (ivecs and ibin) into this directory, for other programs, and end",
    };

    public static RootCommand Build()
    {
        RootCommand root = new("Measures vector indexes: queries per second at equal recall of the ten nearest, build times and sizes. " +
            "Prints Markdown; progress goes to standard error.")
        {
            DataName, QueryFile, Metric, Queries, Seed, Clusters, Targets, Indexes, Sweeps, Connections,
            InProcess, Threads, Reach, Candidates, Rounds, Seconds, Keep, Svg, Export,
        };
        root.SetAction(RunAsync);
        return root;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int threads = Environment.ProcessorCount;
        DataSet data = new DataChoice(parsed.GetRequiredValue(DataName), parsed.GetValue(QueryFile), MetricOf(parsed.GetValue(Metric)),
            parsed.GetValue(Queries), parsed.GetValue(Seed), parsed.GetValue(Clusters)).Make(threads);
        GroundTruth truth = GroundTruth.Find(data, Wanted, threads);
        if (parsed.GetValue(Export) is { } directory)
        {
            DataExport.Write(directory, data, GroundTruth.Find(data, 100, threads));
            return 0;
        }
        MarkdownReport.WriteData(data, Console.Out);
        List<IContestant> contestants = [];
        try
        {
            if (parsed.GetValue(InProcess))
            {
                contestants.Add(new CellsContestant(
                    data, Wanted, Numbers(parsed.GetRequiredValue(Threads)), parsed.GetValue(Reach), parsed.GetValue(Candidates)));
            }
            contestants.AddRange(await ServerContestantsAsync(parsed, data, cancellation));
            if (contestants.Count == 0)
            {
                await Console.Error.WriteLineAsync("nothing to measure: give --in-process or --target");
                return 1;
            }
            await MeasureAsync(parsed, contestants, new CurveRun(data, truth, parsed.GetValue(Rounds),
                TimeSpan.FromSeconds(parsed.GetValue(Seconds)), Console.Error), cancellation);
        }
        finally
        {
            foreach (IContestant contestant in contestants)
                await contestant.DisposeAsync();
        }
        return 0;
    }

    private static async Task MeasureAsync(
        ParseResult parsed, List<IContestant> contestants, CurveRun run, CancellationToken cancellation)
    {
        List<(string, IReadOnlyList<BuildFigure>)> builds = [];
        foreach (IContestant contestant in contestants)
        {
            await Console.Error.WriteLineAsync($"building {contestant.Name}");
            builds.Add((contestant.Name, await contestant.BuildAsync(cancellation)));
        }
        MarkdownReport.WriteBuild(builds, Console.Out);
        IReadOnlyList<Curve> curves = run.Measure(contestants);
        MarkdownReport.WriteCurves(curves, Console.Out);
        MarkdownReport.WriteRatios(curves, contestants[^1].Name, Console.Out);
        if (parsed.GetValue(Svg) is { } path)
            await File.WriteAllTextAsync(path, SvgPlot.Draw(run.Data.Name, curves), cancellation);
    }

    private static async Task<List<IContestant>> ServerContestantsAsync(
        ParseResult parsed, DataSet data, CancellationToken cancellation)
    {
        string[] methods = parsed.GetRequiredValue(Indexes);
        List<IContestant> contestants = [];
        foreach (Target target in (parsed.GetValue(Targets) ?? []).Select(Target.Parse))
        {
            bool isVecSql = await SqlTable.AskIsVecSqlAsync(target, cancellation);
            foreach (string method in methods.Where(method => isVecSql || method != "vecsql"))
            {
                string? given = (parsed.GetValue(Sweeps) ?? [])
                    .FirstOrDefault(text => text.StartsWith(target.Name + ":", StringComparison.Ordinal));
                Sweep sweep = given is null ? Sweep.DefaultFor(isVecSql, method) : Sweep.Parse(given[(target.Name.Length + 1)..]);
                SqlTable table = new(target, isVecSql, data, $"recall_{data.Fingerprint}_{method}", method, []);
                string name = methods.Length == 1 ? target.Name : $"{target.Name} {method}";
                contestants.Add(new SqlContestant(
                    table, name, Wanted, Numbers(parsed.GetRequiredValue(Connections)), sweep, parsed.GetValue(Keep)));
            }
        }
        return contestants;
    }

    private static DistanceMetric? MetricOf(string? name) => name switch
    {
        null => null,
        "l2" => DistanceMetric.L2,
        "cosine" => DistanceMetric.Cosine,
        "ip" => DistanceMetric.NegativeInnerProduct,
        _ => throw new ArgumentException($"there is no metric \"{name}\""),
    };

    private static int[] Numbers(string text) => [.. text.Split(',').Select(int.Parse)];
}
