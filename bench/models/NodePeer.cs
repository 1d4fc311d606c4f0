using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using VecSQL.Kit;
using VecSQL.Kit.Models;

namespace VecSQL.Bench.Models;

/// <summary>ONNX Runtime called from Node, in a process of its own that has the model loaded.</summary>
internal sealed class NodePeer : IDisposable
{
    private readonly Process _process;
    private readonly string _vectors;

    private NodePeer(Process process, string vectors) => (_process, _vectors) = (process, vectors);

    /// <param name="folder">Has model.onnx and tokenizer.json.</param>
    public static async Task<NodePeer> StartAsync(string folder, string[] texts, int batchTexts, int tokensMax, int threads)
    {
        string input = Path.Combine(folder, "texts.json"), vectors = Path.Combine(folder, "vectors.f32");
        await File.WriteAllBytesAsync(input, JsonSerializer.SerializeToUtf8Bytes(texts));
        Process process = Programs.Start("node",
            [Path.Combine(AppContext.BaseDirectory, "peers", "embed.js"), Path.Combine(folder, "model.onnx"),
                Path.Combine(folder, "tokenizer.json"), input, vectors, $"{batchTexts}", $"{tokensMax}", $"{threads}"],
            new Dictionary<string, string> { ["NODE_PATH"] = NodePackages.Folder });
        NodePeer peer = new(process, vectors);
        return await peer.ReadAsync() == "ready" ? peer : throw new InvalidOperationException("node is not ready");
    }

    /// <summary>Embeds texts in sorted batches.</summary>
    /// <param name="isTokenised">Whether their tokens are there already.</param>
    public async Task<(double Seconds, float[] Vectors)> EmbedAsync(bool isTokenised, int from, int to)
    {
        await _process.StandardInput.WriteLineAsync($"{(isTokenised ? "tokens" : "texts")} {from} {to}");
        await _process.StandardInput.FlushAsync();
        double seconds = double.Parse(await ReadAsync(), CultureInfo.InvariantCulture);
        return (seconds, MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(_vectors)).ToArray());
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task<string> ReadAsync() => await _process.StandardOutput.ReadLineAsync()
        ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync());
}
