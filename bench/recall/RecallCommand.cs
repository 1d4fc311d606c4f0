using System.CommandLine;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Measures;
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
            "FILE.fvecs or FILE.fbin: vectors. Several, with commas between, are measured one after the other",
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
    private static readonly Option<string[]> Peers = new("--peer") { Description = "Native libraries to measure in process, too, such as bench/recall/peers/hnswlib.cpp makes" };
    private static readonly Option<float> Reach = new("--reach") { Description = "Of searches in process, as a server's", DefaultValueFactory = _ => 1 };

    private static readonly Option<int> Candidates = new("--candidates")
    {
        Description = "Rows measured exactly by searches in process, as a server's", DefaultValueFactory = _ => (2 * Wanted) + 10,
    };

    private static readonly Option<bool> Curves = new("--curves") { Description = "Measure curves; done where no other measurement is asked for" };

    private static readonly Option<bool> TargetRecall = new("--target-recall")
    {
        Description = "Measure what vecsql.target_recall gives, and its effort against the least that would do",
    };

    private static readonly Option<bool> Batch = new("--batch") { Description = "Measure 64 queries in one statement against one at a time, exactly and by the index" };

    private static readonly Option<bool> Filters = new("--filters")
    {
        Description = "Measure filters of 50 % to 0.01 %, independent of the vectors, correlated, and against them",
    };

    private static readonly Option<bool> Load = new("--load")
    {
        Description = "Measure COPY into a table with its index until all is indexed, against load and build apart; and INSERTs from 8 connections",
    };

    private static readonly Option<bool> Churn = new("--churn") { Description = "Measure before and after every row is replaced three times, and a fresh table" };

    private static readonly Option<string?> Cold = new("--cold")
    {
        Description = "Measure searches after this shell command, which restarts the server ($1 is its name) with no file in memory",
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
            InProcess, Peers, Threads, Reach, Candidates, Curves, TargetRecall, Batch, Filters, Load, Churn, Cold, Rounds, Seconds, Keep, Svg, Export,
        };
        root.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return await RunAsync(parsed, cancellation);
            }
            catch (Exception error) when (error is ArgumentException or FormatException or IOException)
            {
                await Console.Error.WriteLineAsync(error.Message); // the command line's fault, or a file's
                return 1;
            }
        });
        return root;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        List<ServerIndex> servers = await ServersAsync(parsed, cancellation);
        if (servers.Count == 0 && !parsed.GetValue(InProcess) && parsed.GetValue(Peers) is not { Length: > 0 } && parsed.GetValue(Export) is null)
        {
            await Console.Error.WriteLineAsync("nothing to measure: give --target or --in-process");
            return 1;
        }
        foreach (string name in parsed.GetRequiredValue(DataName).Split(','))
        {
            int threads = Environment.ProcessorCount;
            DataSet data = new DataChoice(name, parsed.GetValue(QueryFile), MetricOf(parsed.GetValue(Metric)),
                parsed.GetValue(Queries), parsed.GetValue(Seed), parsed.GetValue(Clusters)).Make(threads);
            if (parsed.GetValue(Export) is { } directory)
            {
                DataExport.Write(directory, data, GroundTruth.Find(data, 100, threads));
                continue;
            }
            MarkdownReport.WriteData(data, Console.Out);
            await MeasureAsync(parsed, new Bench(data, GroundTruth.Find(data, Wanted, threads), Wanted, servers,
                Numbers(parsed.GetRequiredValue(Connections)), threads, parsed.GetValue(Rounds),
                TimeSpan.FromSeconds(parsed.GetValue(Seconds)), parsed.GetValue(Keep), Console.Error), cancellation);
        }
        return 0;
    }

    private static async Task MeasureAsync(ParseResult parsed, Bench bench, CancellationToken cancellation)
    {
        bool isSpecial = new[] { Filters, Batch, Load, Churn, TargetRecall }.Any(parsed.GetValue)
            || parsed.GetValue(Cold) is not null;
        if (!isSpecial || parsed.GetValue(Curves) || parsed.GetValue(InProcess) || parsed.GetValue(Peers) is { Length: > 0 })
        {
            int[] threadCounts = Numbers(parsed.GetRequiredValue(Threads));
            List<IContestant> others = [];
            if (parsed.GetValue(InProcess))
                others.Add(new CellsContestant(bench.Data, Wanted, threadCounts, parsed.GetValue(Reach), parsed.GetValue(Candidates)));
            others.AddRange((parsed.GetValue(Peers) ?? []).Select(path => new PeerContestant(path, bench.Data, Wanted, threadCounts)));
            await CurveMeasure.RunAsync(bench, others, parsed.GetValue(Svg), Console.Out, cancellation);
        }
        if (parsed.GetValue(TargetRecall))
            await TargetRecallMeasure.RunAsync(bench, Console.Out, cancellation);
        if (parsed.GetValue(Batch))
            await BatchMeasure.RunAsync(bench, Console.Out, cancellation);
        if (parsed.GetValue(Filters))
            await FilterMeasure.RunAsync(bench, Console.Out, cancellation);
        if (parsed.GetValue(Load))
            await LoadMeasure.RunAsync(bench, Console.Out, cancellation);
        if (parsed.GetValue(Churn))
            await ChurnMeasure.RunAsync(bench, Console.Out, cancellation);
        if (parsed.GetValue(Cold) is { } command)
            await ColdMeasure.RunAsync(bench, command, Console.Out, cancellation);
    }

    private static async Task<List<ServerIndex>> ServersAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string[] methods = parsed.GetRequiredValue(Indexes);
        List<ServerIndex> servers = [];
        foreach (Target target in (parsed.GetValue(Targets) ?? []).Select(Target.Parse))
        {
            bool isVecSql = await SqlTable.AskIsVecSqlAsync(target, cancellation);
            string? given = (parsed.GetValue(Sweeps) ?? [])
                .FirstOrDefault(text => text.StartsWith(target.Name + ":", StringComparison.Ordinal));
            servers.AddRange(methods.Where(method => isVecSql || method != "vecsql").Select(method => new ServerIndex(
                methods.Length == 1 ? target.Name : $"{target.Name} {method}", target, isVecSql, method,
                given is null ? null : Sweep.Parse(given[(target.Name.Length + 1)..]))));
        }
        return servers;
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
