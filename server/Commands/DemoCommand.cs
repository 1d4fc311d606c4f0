using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Server.Configuration;
using VecSQL.Server.Demo;
using VecSQL.Server.Hosting;

namespace VecSQL.Server.Commands;

/// <summary><c>vecsql demo</c>: a node with real text in it, one question asked, and the command to go on with.</summary>
internal static class DemoCommand
{
    private const string Question =
        "SELECT member, summary, embedding <=> embed('compress a stream of bytes') AS distance\n" +
        "FROM api_docs WHERE kind = 'method' ORDER BY distance LIMIT 10";

    public static Command Build()
    {
        Command command = new("demo", "Starts a node, loads real text on first use, asks a question and says how to connect.");
        NodeOptions options = new();
        options.AddTo(command);
        Option<bool> exit = new("--exit") { Description = "Stop after the answer." };
        command.Options.Add(exit);
        Option<string[]> docs = new("--docs")
        {
            Description = "XML documentation files to load in place of those of the .NET SDK",
            HelpName = "FILE",
            AllowMultipleArgumentsPerToken = true,
        };
        command.Options.Add(docs);
        command.SetAction((parsed, cancellation) => NodeRunner.RunAsync(
            () => options.Read(parsed),
            (settings, node, stop) => RunAsync(settings, node, parsed.GetValue(docs) ?? [], parsed.GetValue(exit), stop), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        NodeSettings settings, Node node, string[] docs, bool exits, CancellationToken stop)
    {
        await using (ISqlSession session = node.Database.OpenSession(new SessionOptions("vecsql", "vecsql", [])))
        {
            long rows = await LoadedRowsAsync(session, stop);
            if (rows == 0)
                await LoadAsync(session, docs, stop);
            else
                Console.WriteLine($"Found {rows:N0} entries of API documentation in {settings.DataDirectory}.");
            await AskAsync(session, stop);
        }
        Console.WriteLine();
        Console.WriteLine("Go on with:  psql -h {0} -p {1} -U vecsql vecsql", settings.PgListen.Address, settings.PgListen.Port);
        if (exits)
            return 0;
        Console.WriteLine("Running; Ctrl+C stops.");
        await node.WaitForShutdownAsync(stop);
        return 0;
    }

    /// <summary>Makes the table where it is missing, and counts its rows.</summary>
    private static async Task<long> LoadedRowsAsync(ISqlSession session, CancellationToken stop)
    {
        IReadOnlyList<TextResult> asked = await session.RunTextAsync("SELECT vector_dims(embed('x'))", stop);
        IReadOnlyList<TextResult> results = await session.RunTextAsync(
            $"""
             CREATE TABLE IF NOT EXISTS api_docs (
                 id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                 assembly  text NOT NULL,
                 kind      text NOT NULL,
                 member    text NOT NULL,
                 summary   text NOT NULL,
                 embedding vector({asked[0].Rows[0][0]}) GENERATED ALWAYS AS (embed(summary)) STORED);
             SELECT count(*) FROM api_docs
             """, stop);
        return long.Parse(results[^1].Rows[0][0] ?? "0");
    }

    private static async Task LoadAsync(ISqlSession session, string[] given, CancellationToken stop)
    {
        IReadOnlyList<string> files = given.Length > 0 ? given : ApiDocs.FindFiles();
        if (files.Count == 0)
        {
            Console.WriteLine("The .NET SDK's documentation files are not on this machine (no packs/*.Ref beside the runtime); " +
                "loading the small sample that comes with VecSQL.");
        }
        else
            Console.WriteLine($"Loading the API documentation of {files.Count} assemblies ...");
        Progress progress = new();
        IEnumerable<ApiDoc> docs = (files.Count == 0 ? ApiDocs.ReadSample() : files.SelectMany(ApiDocs.Read))
            .DistinctBy(doc => (doc.Kind, doc.Member)); // some assemblies come in two packs
        await session.CopyInAsync(
            "COPY api_docs (assembly, kind, member, summary) FROM STDIN", CopyTextAsync(docs, progress, stop), stop);
        progress.Finish();
    }

    /// <summary>The entries in COPY's text format, some hundred rows a piece.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> CopyTextAsync(
        IEnumerable<ApiDoc> docs, Progress progress, [EnumeratorCancellation] CancellationToken stop)
    {
        StringBuilder rows = new();
        int pending = 0;
        foreach (ApiDoc doc in docs)
        {
            rows.Append(ApiDoc.Escape(doc.Assembly)).Append('\t').Append(doc.Kind).Append('\t')
                .Append(ApiDoc.Escape(doc.Member)).Append('\t').Append(ApiDoc.Escape(doc.Summary)).Append('\n');
            if (++pending < 512)
                continue;
            stop.ThrowIfCancellationRequested();
            yield return Encoding.UTF8.GetBytes(rows.ToString());
            progress.Add(pending);
            rows.Clear();
            pending = 0;
        }
        yield return Encoding.UTF8.GetBytes(rows.ToString());
        progress.Add(pending);
        await Task.CompletedTask;
    }

    private static async Task AskAsync(ISqlSession session, CancellationToken stop)
    {
        Console.WriteLine();
        Console.WriteLine(Question + ";");
        Console.WriteLine();
        Stopwatch clock = Stopwatch.StartNew();
        IReadOnlyList<TextResult> answers = await session.RunTextAsync(Question, stop);
        TimeSpan elapsed = clock.Elapsed;
        TablePrinter.Print(answers[0], Console.Out, widthMax: 64);
        Console.WriteLine($"({answers[0].Rows.Count} rows, {elapsed.TotalMilliseconds:F1} ms)");
    }

    /// <summary>Shows rows loaded and the rate, in place on a terminal and every ten thousand rows elsewhere.</summary>
    private sealed class Progress
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private long _rows, _shown;

        public void Add(int rows)
        {
            _rows += rows;
            if (_rows - _shown < (Console.IsOutputRedirected ? 10_000 : 1_000))
                return;
            _shown = _rows;
            string line = $"  {_rows:N0} rows, {_rows / _clock.Elapsed.TotalSeconds:N0} rows/s";
            if (Console.IsOutputRedirected)
                Console.WriteLine(line);
            else
                Console.Write($"\r{line}   ");
        }

        public void Finish()
        {
            if (!Console.IsOutputRedirected)
                Console.Write('\r');
            Console.WriteLine($"Loaded {_rows:N0} rows in {_clock.Elapsed.TotalSeconds:F1} s " +
                $"({_rows / _clock.Elapsed.TotalSeconds:N0} rows/s).");
        }
    }
}
