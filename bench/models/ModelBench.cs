using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using VecSQL.Bench.Kit;
using VecSQL.Kit;
using VecSQL.Kit.Models;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Bench.Models;

/// <summary>Question: how many texts a second does the model library embed, and how many does a batching caller from
/// Node?</summary>
internal sealed class ModelBench(int dimensions, int layers) : IModelFiles
{
    private const int TokensMax = 128, BatchTexts = 64, ChunkTexts = 1024, CallerCount = 4;

    private readonly byte[] _onnx = new SampleModel { Dimensions = dimensions, LayerCount = layers }.Build();
    private readonly byte[] _tokenizer = SampleTokenizer.Bert();

    public byte[] Read(string path, long bytesMax) => path.EndsWith(".json", StringComparison.Ordinal) ? _tokenizer : _onnx;

    internal async Task<int> RunAsync(int textCount, int rounds)
    {
        string[] texts = [.. Enumerable.Range(0, textCount).Select(i =>
            $"{i} {SampleText.Lines[i * 7 % SampleText.Lines.Count]}")];
        using ModelLibrary library = new(this, new ModelLibraryOptions
        {
            RuntimePath = NodePackages.OnnxRuntime ?? "", CacheBytes = 0, BatchTextsMax = BatchTexts,
        });
        ModelSpec spec = new("bench", 1, "model.onnx", "tokenizer.json") { Dimensions = dimensions, TokensMax = TokensMax };
        ITextEmbedder embedder = library.Get(spec);
        Embed(embedder, texts.AsSpan(0, Math.Min(8, textCount)));
        List<double> alone = [], together = [], singles = [], node = [];
        string folder = Directory.CreateTempSubdirectory("vecsql-bench-").FullName;
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                alone.Add(Time(() => EmbedAll(embedder, texts)));
                together.Add(Time(() => Parallel.ForEach(texts.Chunk((textCount / CallerCount) + 1),
                    new ParallelOptions { MaxDegreeOfParallelism = CallerCount }, some => EmbedAll(embedder, some))));
                singles.Add(Time(() => Parallel.ForEach(texts.Chunk((textCount / 16) + 1),
                    new ParallelOptions { MaxDegreeOfParallelism = 16 }, some => Array.ForEach(some, one => Embed(embedder, [one])))));
                if (NodePackages.ReasonWithout("onnxruntime-node", "tokenizers") is null)
                    node.Add(await TimeNodeAsync(folder, texts));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        double reference = node.Count > 0 ? textCount / Statistics.Median(node) : double.NaN;
        Console.WriteLine($"model          {layers} layers of {dimensions}, {_onnx.Length >> 20} MiB; {textCount} texts");
        Print("one caller, chunks of 1024", textCount / Statistics.Median(alone), reference);
        Print("four callers, chunks of 1024", textCount / Statistics.Median(together), reference);
        Print("sixteen callers, one text each", textCount / Statistics.Median(singles), reference);
        Print("node, sorted batches of 64", reference, reference);
        return 0;
    }

    private static void Print(string what, double textsPerSecond, double reference) =>
        Console.WriteLine($"{what,-32} {textsPerSecond,9:N0} texts/s  {textsPerSecond / reference,5:F2} of node");

    private static double Time(Action work)
    {
        Stopwatch clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
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

    private async Task<double> TimeNodeAsync(string folder, string[] texts)
    {
        string onnx = Path.Combine(folder, "model.onnx"), tokenizer = Path.Combine(folder, "tokenizer.json"),
            input = Path.Combine(folder, "texts.json");
        if (!File.Exists(onnx))
        {
            await File.WriteAllBytesAsync(onnx, _onnx);
            await File.WriteAllBytesAsync(tokenizer, _tokenizer);
            await File.WriteAllBytesAsync(input, JsonSerializer.SerializeToUtf8Bytes(texts));
        }
        ProgramResult result = await NodePackages.RunAsync(Path.Combine(AppContext.BaseDirectory, "peers", "embed.js"),
            onnx, tokenizer, input, $"{BatchTexts}", "1", $"{TokensMax}");
        return result.ExitCode == 0 ? double.Parse(result.Output.Trim(), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException(result.Error);
    }
}
