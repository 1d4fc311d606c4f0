using System.Diagnostics;
using System.Text;
using VecSQL.Bench.Kit;
using VecSQL.Kit.Models;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Bench.Models;

/// <summary>Question: how many texts a second go through a generated column, how many through the model library, and how many does a
/// batching caller from Node embed?</summary>
/// <remarks>Each round takes texts of its own through all of them in turn, so that what else the machine does is shared by all.</remarks>
internal sealed class ModelBench(int dimensions, int layers, int threads, bool hasCallers) : IModelFiles
{
    private const int TokensMax = 128, BatchTexts = 64, ChunkTexts = 1024;
    private const float Tolerance = 1e-5f;

    private readonly byte[] _onnx = new SampleModel { Dimensions = dimensions, LayerCount = layers }.Build();
    private readonly byte[] _tokenizer = SampleTokenizer.Bert();
    private readonly Dictionary<string, List<double>> _rates = [];
    private float _farthest;

    public byte[] Read(string path, long bytesMax) => path.EndsWith(".json", StringComparison.Ordinal) ? _tokenizer : _onnx;

    internal async Task<int> RunAsync(int textCount, int rounds)
    {
        if (NodePackages.ReasonWithout("onnxruntime-node", "tokenizers") is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 1;
        }
        string[] texts = [.. Enumerable.Range(0, textCount).Select(i => $"{i} {SampleText.Lines[i * 7 % SampleText.Lines.Count]}")];
        string folder = Directory.CreateTempSubdirectory("vecsql-bench-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), _onnx);
            await File.WriteAllBytesAsync(Path.Combine(folder, "tokenizer.json"), _tokenizer);
            Console.WriteLine($"model          {layers} layers of {dimensions}, {_onnx.Length >> 20} MiB, {threads} threads; {textCount} texts of "
                + $"{texts.Average(text => text.Length):F0} letters in {rounds} rounds");
            await RunAsync(folder, texts, rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return _farthest <= Tolerance ? 0 : 1;
    }

    private async Task RunAsync(string folder, string[] texts, int rounds)
    {
        using ModelLibrary library = new(this, new ModelLibraryOptions
        {
            RuntimePath = NodePackages.OnnxRuntime ?? "", CacheBytes = 0, BatchTextsMax = BatchTexts, Threads = threads,
        });
        ITextEmbedder embedder = library.Get(
            new ModelSpec("bench", 1, "model.onnx", "tokenizer.json") { Dimensions = dimensions, TokensMax = TokensMax });
        Embed(embedder, texts.AsSpan(0, Math.Min(8, texts.Length)));
        using NodePeer node = await NodePeer.StartAsync(folder, texts, BatchTexts, TokensMax, threads);
        await using InsertPeer insert = await InsertPeer.StartAsync(folder, texts, dimensions, TokensMax, threads);
        for (int round = 0; round < rounds; round++)
        {
            int from = (int)((long)texts.Length * round / rounds), to = (int)((long)texts.Length * (round + 1) / rounds);
            (double seconds, float[] fromNode) = await node.EmbedAsync(isTokenised: false, from, to);
            Note("node, sorted batches of 64", to - from, seconds);
            (seconds, float[] inserted) = await insert.InsertAsync(from, to);
            Note("INSERT … SELECT", to - from, seconds);
            (seconds, float[] fromTokens) = await node.EmbedAsync(isTokenised: true, from, to);
            Note("node, tokenised beforehand", to - from, seconds);
            Compare(fromNode, inserted);
            Compare(fromTokens, inserted);
            TimeLibrary(embedder, texts[from..to]);
        }
        Print();
    }

    private void TimeLibrary(ITextEmbedder embedder, string[] texts)
    {
        Time("library, chunks of 1024", 1, some => EmbedAll(embedder, some));
        if (!hasCallers)
            return;
        Time("library, four callers", 4, some => EmbedAll(embedder, some));
        Time("library, sixteen with one text", 16, some => Array.ForEach(some, one => Embed(embedder, [one])));

        void Time(string what, int callers, Action<string[]> work)
        {
            Stopwatch clock = Stopwatch.StartNew();
            Parallel.ForEach(texts.Chunk((texts.Length + callers - 1) / callers), new ParallelOptions { MaxDegreeOfParallelism = callers }, work);
            Note(what, texts.Length, clock.Elapsed.TotalSeconds);
        }
    }

    private void Note(string what, int textCount, double seconds)
    {
        if (!_rates.TryGetValue(what, out List<double>? rates))
            _rates[what] = rates = [];
        rates.Add(textCount / seconds);
    }

    private void Compare(float[] theirs, float[] ours)
    {
        if (theirs.Length != ours.Length)
            throw new InvalidOperationException($"{ours.Length} floats, not {theirs.Length}");
        for (int i = 0; i < ours.Length; i++)
            _farthest = Math.Max(_farthest, Math.Abs(theirs[i] - ours[i]));
    }

    private void Print()
    {
        List<double> plain = _rates["node, sorted batches of 64"], tokenised = _rates["node, tokenised beforehand"];
        foreach ((string what, List<double> rates) in _rates)
        {
            // By round: the machine is not equally fast in each.
            double ratio = Statistics.Median(rates.Select((rate, i) => rate / Math.Max(plain[i], tokenised[i])));
            Console.WriteLine($"{what,-32} {Statistics.Median(rates),9:N0} texts/s  {ratio,5:F2} of the faster node "
                + $"({rates.Select((rate, i) => rate / Math.Max(plain[i], tokenised[i])).Min():F2} at least)");
        }
        Console.WriteLine($"vectors differ by at most {_farthest:G2}");
    }

    private static void EmbedAll(ITextEmbedder embedder, string[] texts)
    {
        for (int start = 0; start < texts.Length; start += ChunkTexts)
            Embed(embedder, texts.AsSpan(start, Math.Min(ChunkTexts, texts.Length - start)));
    }

    private static void Embed(ITextEmbedder embedder, ReadOnlySpan<string> texts)
    {
        int[] starts = new int[texts.Length], lengths = new int[texts.Length];
        using MemoryStream bytes = new();
        for (int i = 0; i < texts.Length; i++)
        {
            starts[i] = (int)bytes.Length;
            bytes.Write(Encoding.UTF8.GetBytes(texts[i]));
            lengths[i] = (int)bytes.Length - starts[i];
        }
        embedder.Embed(bytes.ToArray(), starts, lengths, new float[texts.Length * embedder.Dimensions]);
    }
}
