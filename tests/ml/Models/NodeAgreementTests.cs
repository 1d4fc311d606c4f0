using System.Runtime.InteropServices;
using System.Text.Json;
using VecSQL.Kit;
using VecSQL.Kit.Models;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Ml.Tests.Tokenizers;

namespace VecSQL.Ml.Tests.Models;

/// <summary>What models give is what ONNX Runtime gives when it is called from Node, one text at a time.</summary>
public sealed class NodeAgreementTests
{
    private const int TextCount = 1_000;
    private const float Tolerance = 1e-5f;

    [OnnxFact]
    public Task A_model_whose_tokens_are_pooled() => AgreeAsync(new SampleModel());

    [OnnxFact]
    public Task A_model_that_pools_by_itself() => AgreeAsync(new SampleModel { IsPooled = true, HasTypes = false });

    private static async Task AgreeAsync(SampleModel model)
    {
        const int TokensMax = 128;
        string folder = Directory.CreateTempSubdirectory("vecsql-vectors-").FullName;
        try
        {
            using Rig rig = new(model);
            string[] texts = [.. SampleText.Lines.Take(TextCount / 2), .. SampleStrings.Make(TextCount / 2, seed: 21)];
            string onnx = Path.Combine(folder, "model.onnx"), tokenizer = Path.Combine(folder, "tokenizer.json"),
                input = Path.Combine(folder, "texts.json"), output = Path.Combine(folder, "vectors.f32");
            await File.WriteAllBytesAsync(onnx, rig.Files["model.onnx"]);
            await File.WriteAllBytesAsync(tokenizer, rig.Files["tokenizer.json"]);
            await File.WriteAllBytesAsync(input, JsonSerializer.SerializeToUtf8Bytes(texts));
            ProgramResult result = await NodePackages.RunAsync(
                Path.Combine(AppContext.BaseDirectory, "Models", "foreign", "embed.js"), onnx, tokenizer, input, output, $"{TokensMax}");
            Assert.True(result.ExitCode == 0, result.Error);

            ITextEmbedder embedder = rig.Library.Get(Rig.Spec with { TokensMax = TokensMax });
            float[] ours = [.. Rig.Embed(embedder, texts).SelectMany(vector => vector)];
            float[] theirs = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(output)).ToArray();
            Assert.Equal(theirs.Length, ours.Length);
            float most = ours.Zip(theirs, (left, right) => Math.Abs(left - right)).Max();
            Assert.True(most <= Tolerance, $"they differ by up to {most}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
