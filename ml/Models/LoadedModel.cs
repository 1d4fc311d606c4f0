using System.Security.Cryptography;
using VecSQL.Ml.Native;
using VecSQL.Ml.Onnx;
using VecSQL.Ml.Tokenizers;
using VecSQL.Ml.Tokenizers.Files;

namespace VecSQL.Ml.Models;

/// <summary>A model with its tokenizer, tried and ready.</summary>
internal sealed class LoadedModel : IDisposable
{
    private const int TokensMaxOtherwise = 512;
    private const int LongProbeMax = 1024; // a text of more tokens takes long to try

    private readonly OnnxTextModel _model;

    private LoadedModel(OnnxTextModel model, Tokenizer tokenizer, ModelFacts facts, TokenTypes types, ModelLibraryOptions options)
    {
        (_model, Tokenizer, Facts) = (model, tokenizer, facts);
        Queue = new RunQueue(model, types, facts.Dimensions, options);
    }

    internal Tokenizer Tokenizer { get; }

    internal ModelFacts Facts { get; }

    internal RunQueue Queue { get; }

    /// <exception cref="ModelException">A file is missing or none, or they do not fit together.</exception>
    /// <exception cref="OperationCanceledException">Asked for before it had been tried.</exception>
    internal static LoadedModel Load(ModelSpec spec, IModelFiles files, ModelLibraryOptions options, CancellationToken cancellation)
    {
        OrtRuntime runtime = OrtRuntime.Load(options.RuntimePath);
        byte[] json = Read(files, spec.TokenizerPath, ModelSpec.TokenizerBytesMax, spec.TokenizerSha256, out string jsonSha);
        Tokenizer tokenizer = TokenizerFile.Read(json, spec.TokenizerPath);
        byte[] onnx = Read(files, spec.OnnxPath, ModelSpec.OnnxBytesMax, spec.OnnxSha256, out string onnxSha);
        int threads = spec.Threads > 0 ? spec.Threads : options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        OnnxTextModel model = OnnxTextModel.Open(runtime, onnx, spec, threads);
        try
        {
            TokenTypes types = new(tokenizer.Frame, tokenizer.PaddingId);
            int tokensMax = TokensMaxOf(spec, tokenizer, model);
            int dimensions = Try(spec, tokenizer, model, types, tokensMax, cancellation);
            ModelFacts facts = new(dimensions, tokensMax, model.Inputs, model.OutputName, model.IsPooled,
                model.IsCuda ? ModelDevice.Cuda : ModelDevice.Cpu, onnx.Length, onnxSha, jsonSha);
            return new LoadedModel(model, tokenizer, facts, types, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose() => _model.Dispose();

    private static byte[] Read(IModelFiles files, string path, long bytesMax, string expected, out string sha256)
    {
        byte[] bytes = files.Read(path, bytesMax);
        sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (expected.Length > 0 && expected != sha256)
            throw new ModelException(ModelFault.FileChanged,
                $"\"{path}\" is not the file that the model was created from: its SHA-256 is {sha256}, not {expected}", path,
                "Add a version of the model for a file that has changed.");
        return bytes;
    }

    private static int TokensMaxOf(ModelSpec spec, Tokenizer tokenizer, OnnxTextModel model)
    {
        int tokensMax = spec.TokensMax > 0 ? spec.TokensMax : tokenizer.TokensMax > 0 ? tokenizer.TokensMax : TokensMaxOtherwise;
        if (model.TokensFixed > 0)
            tokensMax = Math.Min(tokensMax, model.TokensFixed);
        return tokensMax > tokenizer.Frame.Count ? tokensMax
            : throw new ModelException(ModelFault.Mismatch,
                $"model \"{spec.Name}\" cannot cut texts to {tokensMax} tokens, since {tokenizer.Frame.Count} are special ones",
                spec.TokenizerPath);
    }

    /// <summary>Runs the model on what it must be able to take; says how many dimensions its vectors have.</summary>
    private static int Try(ModelSpec spec, Tokenizer tokenizer, OnnxTextModel model, TokenTypes types, int tokensMax, CancellationToken cancellation)
    {
        TokenList tokens = new();
        tokenizer.Encode("a"u8, tokensMax, tokens);
        if (tokens.Count == 0)
            tokens.Add(0);
        int dimensions = model.Probe(tokens.Span.ToArray(), types, cancellation);
        if (spec.Dimensions > 0 && spec.Dimensions != dimensions)
            throw new ModelException(ModelFault.Mismatch,
                $"model \"{spec.Name}\" has {dimensions} dimensions, not {spec.Dimensions}", spec.OnnxPath);
        foreach (int id in (int[])[tokenizer.IdMax, tokenizer.PaddingId])
        {
            Demand(model, types, [id], () => new ModelException(ModelFault.Mismatch,
                $"the tokenizer \"{spec.TokenizerPath}\" does not belong to the model \"{spec.OnnxPath}\", which does not know "
                + $"the token {id}", spec.TokenizerPath), cancellation);
        }
        int[] many = new int[Math.Min(tokensMax, LongProbeMax)];
        Array.Fill(many, tokens.Span[0]);
        Demand(model, types, many, () => new ModelException(ModelFault.Mismatch,
            $"model \"{spec.Name}\" does not take texts of {many.Length} tokens", spec.OnnxPath,
            "Give max_tokens as the model's card says."), cancellation);
        return dimensions;
    }

    private static void Demand(
        OnnxTextModel model, TokenTypes types, int[] tokens, Func<ModelException> otherwise, CancellationToken cancellation)
    {
        try
        {
            model.Probe(tokens, types, cancellation);
        }
        catch (ModelException problem) when (problem.Fault == ModelFault.RunFailed)
        {
            ModelException worded = otherwise();
            throw new ModelException(worded.Fault, worded.Message, worded.File, worded.Hint, problem);
        }
    }
}
