using System.Text;
using VecSQL.Kit.Models;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tests.Models;

/// <summary>A library with a sample model in it.</summary>
internal sealed class Rig : IDisposable
{
    internal Rig(SampleModel? model = null, ModelLibraryOptions? options = null, byte[]? tokenizer = null)
    {
        Files["model.onnx"] = (model ?? new SampleModel()).Build();
        Files["tokenizer.json"] = tokenizer ?? SampleTokenizer.Bert();
        Library = new ModelLibrary(Files, (options ?? new ModelLibraryOptions()) with
        {
            RuntimePath = NodePackages.OnnxRuntime ?? "",
        });
    }

    internal MemoryFiles Files { get; } = new();

    internal ModelLibrary Library { get; }

    internal static ModelSpec Spec => new("sample", 1, "model.onnx", "tokenizer.json") { Dimensions = 32 };

    public void Dispose() => Library.Dispose();

    internal float[][] Embed(params string[] texts) => Embed(Library.Get(Spec), texts);

    internal static float[][] Embed(ITextEmbedder embedder, params string[] texts)
    {
        byte[][] bytes = [.. texts.Select(Encoding.UTF8.GetBytes)];
        int[] lengths = [.. bytes.Select(one => one.Length)], starts = new int[texts.Length];
        for (int i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + lengths[i - 1];
        float[] vectors = new float[texts.Length * embedder.Dimensions];
        embedder.Embed(bytes.SelectMany(one => one).ToArray(), starts, lengths, vectors);
        return [.. vectors.Chunk(embedder.Dimensions)];
    }
}
