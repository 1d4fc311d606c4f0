using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using VecSQL.Ml.Models;
using VecSQL.Ml.Native;

namespace VecSQL.Ml.Onnx;

/// <summary>A sentence-embedding model: tokens of texts in, one vector a text out.</summary>
/// <remarks>
/// Inputs: <c>input_ids</c>, and those of <c>attention_mask</c>, <c>token_type_ids</c> and <c>position_ids</c> that it
/// has, each [texts, tokens] of int64 or int32. A length that the model fixes is filled up.
/// Output: the one that is named; else the first of <c>sentence_embedding</c>, <c>last_hidden_state</c>,
/// <c>token_embeddings</c>; else the first that has a vector a token; else the first that has one a text. A vector a
/// text is taken as it is; vectors of tokens are pooled here. float32 or float16.
/// Threads: any number may run it at once.
/// </remarks>
internal sealed class OnnxTextModel : IDisposable
{
    private const int RunTokensMax = 1 << 20; // padding included
    private const int DimensionsMax = 16_000; // what a vector can have

    private static readonly string[] InputNames = ["input_ids", "attention_mask", "token_type_ids", "position_ids"];
    private static readonly string[] OutputNames = ["sentence_embedding", "last_hidden_state", "token_embeddings"];

    private readonly OrtSession _session;
    private readonly OrtPort[] _inputs;
    private readonly OrtPort _output;
    private readonly ModelSpec _spec;

    private OnnxTextModel(OrtSession session, ModelSpec spec, bool isCuda)
    {
        (_session, _spec, IsCuda) = (session, spec, isCuda);
        _inputs = [.. session.Inputs.Where(Knows)];
        if (!_inputs.Any(input => input.Name == InputNames[0]))
            throw Wrong($"it has no input \"input_ids\", but {List(session.Inputs)}");
        _output = ChooseOutput();
        TextsFixed = Fixed(0);
        TokensFixed = Fixed(1);
        if ((long)Math.Max(TextsFixed, 1) * Math.Max(TokensFixed, 1) > RunTokensMax)
            throw new ModelException(ModelFault.Unsupported,
                $"model \"{spec.Name}\" takes {TextsFixed} texts of {TokensFixed} tokens, no fewer, which is more than is supported",
                spec.OnnxPath);
    }

    internal bool IsCuda { get; }

    internal string OutputName => _output.Name;

    internal ImmutableArray<string> Inputs => [.. _inputs.Select(input => input.Name)];

    /// <summary>Whether it gives one vector a text.</summary>
    internal bool IsPooled => _output.Lengths.Length == 2;

    /// <summary>Whether it can be told which tokens only fill up: else texts beside longer ones have other vectors.</summary>
    internal bool HasMask => _inputs.Any(input => input.Name == InputNames[1]);

    /// <summary>Texts of each run, if the model fixes that; else 0.</summary>
    internal int TextsFixed { get; }

    /// <summary>Tokens of each text, if the model fixes that; else 0.</summary>
    internal int TokensFixed { get; }

    /// <exception cref="ModelException">The bytes are no such model, or the device is not there.</exception>
    internal static OnnxTextModel Open(OrtRuntime runtime, ReadOnlySpan<byte> bytes, ModelSpec spec, int threads)
    {
        if (spec.Device == ModelDevice.Cuda && !runtime.HasCuda)
            throw new ModelException(ModelFault.DeviceMissing,
                $"model \"{spec.Name}\" is to run on cuda, but the library of ONNX Runtime {runtime.Version} has no CUDA",
                spec.OnnxPath, $"The library runs models on: {string.Join(", ", runtime.Providers)}.");
        if (ExternalWeights.Has(bytes))
            throw new ModelException(ModelFault.Unsupported,
                $"the model \"{spec.OnnxPath}\" keeps its weights in files of their own, which is not supported", spec.OnnxPath,
                "Export the model as one file, which can have up to 2 GiB.");
        bool isCuda = spec.Device != ModelDevice.Cpu && runtime.HasCuda;
        OrtSession? session = null;
        try
        {
            try
            {
                session = runtime.OpenSession(bytes, new OrtSessionOptions(threads, isCuda));
            }
            catch (OrtException) when (isCuda && spec.Device == ModelDevice.Auto)
            {
                isCuda = false; // the library has CUDA, the machine has not
                session = runtime.OpenSession(bytes, new OrtSessionOptions(threads, isCuda));
            }
            OnnxTextModel model = new(session, spec, isCuda);
            session = null;
            return model;
        }
        catch (OrtException problem) when (IsOfRuntimesOwnFormat(bytes))
        {
            throw new ModelException(ModelFault.Unsupported,
                $"the model \"{spec.OnnxPath}\" is in ONNX Runtime's own format (ORT), which is not supported", spec.OnnxPath,
                "Give the ONNX file that it was made of.", problem);
        }
        catch (OrtException problem)
        {
            throw isCuda
                ? new ModelException(ModelFault.DeviceMissing,
                    $"model \"{spec.Name}\" cannot be run on cuda: {problem.Message}", spec.OnnxPath, inner: problem)
                : new ModelException(ModelFault.FileInvalid,
                    $"\"{spec.OnnxPath}\" is no ONNX model that can be run: {problem.Message}", spec.OnnxPath, inner: problem);
        }
        finally
        {
            session?.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>Embeds texts in one run.</summary>
    /// <param name="texts">Each text's tokens; none empty, none longer than <see cref="TokensFixed"/>, if that is
    /// not 0.</param>
    /// <param name="vectors">texts × dimensions floats, row by row.</param>
    /// <exception cref="ModelException">The model fails, or gives something else than the spec says.</exception>
    /// <exception cref="OperationCanceledException">Asked for before the run's end.</exception>
    internal void Run(
        ReadOnlySpan<ReadOnlyMemory<int>> texts, TokenTypes types, int dimensions, Span<float> vectors, CancellationToken cancellation)
    {
        using OrtTensor result = Execute(texts, types, out int width, cancellation);
        if (result.Lengths[^1] != dimensions)
            throw Wrong($"its vectors have {result.Lengths[^1]} dimensions, not {dimensions}");
        float[]? widened = result.Element == OrtElement.Float16 ? Widen(result.Elements<Half>()) : null;
        ReadOnlySpan<float> values = widened ?? result.Elements<float>();
        for (int row = 0; row < texts.Length; row++)
        {
            Span<float> vector = vectors.Slice(row * dimensions, dimensions);
            if (IsPooled)
                values.Slice(row * dimensions, dimensions).CopyTo(vector);
            else
                Pooling.Pool(values.Slice(row * width * dimensions, texts[row].Length * dimensions), _spec.Pooling, vector);
            if (_spec.IsNormalized)
                Pooling.Normalize(vector);
            foreach (float value in vector)
            {
                if (!float.IsFinite(value))
                    throw new ModelException(ModelFault.RunFailed,
                        $"model \"{_spec.Name}\" gives a vector that has NaN or an infinite value", _spec.OnnxPath);
            }
        }
    }

    /// <summary>Runs it with one text; the dimensions of what it gives.</summary>
    /// <exception cref="ModelException">The model fails on it.</exception>
    internal int Probe(ReadOnlyMemory<int> text, TokenTypes types, CancellationToken cancellation)
    {
        using OrtTensor result = Execute([text], types, out _, cancellation);
        if (result.Lengths[^1] > DimensionsMax)
            throw new ModelException(ModelFault.Unsupported,
                $"the vectors of model \"{_spec.Name}\" have {result.Lengths[^1]} dimensions; a vector can have {DimensionsMax}", _spec.OnnxPath);
        return result.Lengths[^1] is > 0 and long dimensions ? (int)dimensions
            : throw Wrong($"its output {_output} has no dimensions");
    }

    private OrtTensor Execute(
        ReadOnlySpan<ReadOnlyMemory<int>> texts, TokenTypes types, out int width, CancellationToken cancellation)
    {
        int height = TextsFixed > 0 ? TextsFixed : texts.Length;
        width = TokensFixed;
        foreach (ReadOnlyMemory<int> text in texts)
            width = Math.Max(width, text.Length);
        if ((long)height * width > RunTokensMax)
            throw new ModelException(ModelFault.RunFailed,
                $"model \"{_spec.Name}\" would run on {height} texts of {width} tokens, which is more than is supported", _spec.OnnxPath);
        var inputs = new ReadOnlyMemory<byte>[_inputs.Length];
        var rented = new byte[_inputs.Length][];
        try
        {
            for (int i = 0; i < _inputs.Length; i++)
            {
                bool isLong = _inputs[i].Element == OrtElement.Int64;
                int bytes = height * width * (isLong ? sizeof(long) : sizeof(int));
                rented[i] = ArrayPool<byte>.Shared.Rent(bytes);
                inputs[i] = rented[i].AsMemory(0, bytes);
                Span<byte> target = rented[i].AsSpan(0, bytes);
                if (isLong)
                    Fill(_inputs[i].Name, texts, types, MemoryMarshal.Cast<byte, long>(target), height, width);
                else
                    Fill(_inputs[i].Name, texts, types, MemoryMarshal.Cast<byte, int>(target), height, width);
            }
            OrtTensor result = _session.Run(_inputs, inputs, [height, width], _output, cancellation);
            return IsShaped(result, height, width) ? result : throw Refuse(result, height, width);
        }
        catch (OrtException problem)
        {
            throw new ModelException(ModelFault.RunFailed,
                $"model \"{_spec.Name}\" failed: {problem.Message}", _spec.OnnxPath, inner: problem);
        }
        finally
        {
            foreach (byte[] one in rented)
            {
                if (one is not null)
                    ArrayPool<byte>.Shared.Return(one);
            }
        }
    }

    private static void Fill<T>(
        string name, ReadOnlySpan<ReadOnlyMemory<int>> texts, TokenTypes types, Span<T> values, int height, int width)
        where T : struct, IBinaryInteger<T>
    {
        T filler = name == "input_ids" ? T.CreateTruncating(types.PaddingId) : T.Zero;
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<int> text = texts[Math.Min(row, texts.Length - 1)].Span; // rows too many repeat the last
            Span<T> target = values.Slice(row * width, width);
            target[text.Length..].Fill(filler);
            if (name == "attention_mask")
                target[..text.Length].Fill(T.One);
            for (int i = 0; i < text.Length && name != "attention_mask"; i++)
            {
                int value = name == "input_ids" ? text[i] : name == "position_ids" ? i : types.At(i, text.Length);
                target[i] = T.CreateTruncating(value);
            }
        }
    }

    private bool IsShaped(OrtTensor result, int height, int width)
    {
        ImmutableArray<long> lengths = result.Lengths;
        return result.Element == _output.Element && lengths.Length == (IsPooled ? 2 : 3) && lengths[0] == height
            && (IsPooled || lengths[1] == width) && lengths.Aggregate(1.0, static (count, length) => count * length) <= int.MaxValue;
    }

    private ModelException Refuse(OrtTensor result, int height, int width)
    {
        using (result)
        {
            return Wrong($"for {height} texts of {width} tokens its output \"{_output.Name}\" is "
                + $"[{string.Join(", ", result.Lengths)}] of {result.Element}");
        }
    }

    private static float[] Widen(ReadOnlySpan<Half> halves)
    {
        var floats = new float[halves.Length];
        for (int i = 0; i < halves.Length; i++)
            floats[i] = (float)halves[i];
        return floats;
    }

    /// <summary>Whether the bytes are no ONNX file, but what ONNX Runtime makes of one: a flatbuffer, which says so behind its first offset.</summary>
    private static bool IsOfRuntimesOwnFormat(ReadOnlySpan<byte> bytes) => bytes.Length >= 8 && bytes[4..8].SequenceEqual("ORTM"u8);

    private bool Knows(OrtPort input)
    {
        if (!InputNames.Contains(input.Name))
            throw new ModelException(ModelFault.Unsupported,
                $"model \"{_spec.Name}\" has the input {input}; inputs that are known are {string.Join(", ", InputNames)}",
                _spec.OnnxPath);
        if (input.Element is not (OrtElement.Int64 or OrtElement.Int32) || input.Lengths.Length != 2)
            throw new ModelException(ModelFault.Unsupported,
                $"model \"{_spec.Name}\" has the input {input}, which should be [texts, tokens] of int64 or int32",
                _spec.OnnxPath);
        return true;
    }

    private OrtPort ChooseOutput()
    {
        ImmutableArray<OrtPort> outputs = _session.Outputs;
        OrtPort? chosen = _spec.OutputName.Length > 0
            ? outputs.FirstOrDefault(output => output.Name == _spec.OutputName)
                ?? throw Wrong($"it has no output \"{_spec.OutputName}\", but {List(outputs)}")
            : OutputNames.Select(name => outputs.FirstOrDefault(output => output.Name == name))
                .FirstOrDefault(output => output is not null && IsUsable(output))
                ?? outputs.FirstOrDefault(output => output.Lengths.Length == 3 && IsUsable(output))
                ?? outputs.FirstOrDefault(IsUsable);
        if (chosen is null || !IsUsable(chosen))
            throw new ModelException(ModelFault.Unsupported,
                $"model \"{_spec.Name}\" has no output of float32 or float16 with a vector a text or a token, but "
                + List(outputs), _spec.OnnxPath);
        return chosen;
    }

    private static bool IsUsable(OrtPort output) =>
        output.Element is OrtElement.Float32 or OrtElement.Float16 && output.Lengths.Length is 2 or 3;

    /// <summary>The length that an input fixes; those that do must agree.</summary>
    private int Fixed(int dimension)
    {
        long[] lengths = [.. _inputs.Select(input => input.Lengths[dimension]).Where(length => length > 0).Distinct()];
        return lengths.Length <= 1 ? (int)Math.Min(lengths.FirstOrDefault(), int.MaxValue)
            : throw Wrong($"its inputs do not agree in length: {List(_session.Inputs)}");
    }

    private static string List(ImmutableArray<OrtPort> ports) => string.Join(", ", ports);

    private ModelException Wrong(string what) =>
        new(ModelFault.Mismatch, $"model \"{_spec.Name}\" does not fit: {what}", _spec.OnnxPath);
}
