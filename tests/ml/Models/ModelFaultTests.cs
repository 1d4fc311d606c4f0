using System.Text;
using System.Text.Json.Nodes;
using VecSQL.Kit.Models;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tests.Models;

/// <summary>Whatever is wrong with a model is found when it is loaded, and said.</summary>
public sealed class ModelFaultTests
{
    /// <summary>A field of a kind that has gone out of use, which readers pass over: its beginning, a number in it, its end.</summary>
    private static readonly byte[] Group = [0xA3, 0x06, 0x08, 0x01, 0xA4, 0x06];

    [OnnxFact]
    public void Files_that_are_no_models_are_refused()
    {
        using Rig rig = new();
        byte[] good = rig.Files["model.onnx"];
        byte[] random = new byte[5000];
        new Random(1).NextBytes(random);
        foreach (byte[] bad in (byte[][])[[], good[..(good.Length / 2)], good[..100], random, Encoding.UTF8.GetBytes("no model")])
        {
            rig.Files["model.onnx"] = bad;
            Refused(rig, Rig.Spec, ModelFault.FileInvalid, "\"model.onnx\" is no ONNX model that can be run");
        }
    }

    [OnnxFact]
    public void Files_of_the_runtimes_own_format_are_refused()
    {
        using Rig rig = new();
        rig.Files["model.onnx"] = [0x18, 0, 0, 0, .. "ORTM"u8, .. new byte[400]];
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "\"model.onnx\" is in ONNX Runtime's own format (ORT)");
    }

    [OnnxFact]
    public void A_model_that_only_looks_like_the_runtimes_own_format_is_taken()
    {
        using Rig rig = new();
        rig.Files["model.onnx"] = [0x08, 0x08, 0x12, 0x04, .. "ORTM"u8, .. rig.Files["model.onnx"]]; // its producer's name
        Assert.Equal(32, rig.Library.Inspect(Rig.Spec).Dimensions);
    }

    [OnnxFact]
    public void Files_that_are_no_tokenizers_are_refused()
    {
        using Rig rig = new();
        rig.Files["tokenizer.json"] = "{"u8.ToArray();
        Refused(rig, Rig.Spec, ModelFault.FileInvalid, "\"tokenizer.json\" is no JSON");
        rig.Files["tokenizer.json"] = "{}"u8.ToArray();
        Refused(rig, Rig.Spec, ModelFault.FileInvalid, "\"tokenizer.json\" is no tokenizer: the file has no model");
        JsonObject file = JsonNode.Parse(SampleTokenizer.Bert())!.AsObject();
        file["pre_tokenizer"] = JsonNode.Parse("""{"type":"UnicodeScripts"}""");
        rig.Files["tokenizer.json"] = Encoding.UTF8.GetBytes(file.ToJsonString());
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "the pre-tokenizer UnicodeScripts");
    }

    [OnnxFact]
    public void Missing_files_are_named()
    {
        using Rig rig = new();
        Refused(rig, Rig.Spec with { OnnxPath = "other.onnx" }, ModelFault.FileMissing, "other.onnx");
        Refused(rig, Rig.Spec with { TokenizerPath = "other.json" }, ModelFault.FileMissing, "other.json");
    }

    [OnnxFact]
    public void Files_that_changed_since_are_refused()
    {
        using Rig rig = new();
        ModelFacts facts = rig.Library.Inspect(Rig.Spec);
        ModelSpec spec = Rig.Spec with { OnnxSha256 = facts.OnnxSha256, TokenizerSha256 = facts.TokenizerSha256 };
        rig.Library.Inspect(spec);
        rig.Files["model.onnx"] = new SampleModel { Seed = 2 }.Build();
        Refused(rig, spec, ModelFault.FileChanged, "is not the file that the model was created from");
    }

    [OnnxFact]
    public void Shapes_that_no_run_should_have_are_refused()
    {
        using Rig rig = new(new SampleModel { TextsFixed = 1 << 20, TokensFixed = 512 });
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "takes 1048576 texts of 512 tokens");
    }

    [OnnxFact]
    public void Runs_without_measure_are_refused()
    {
        using Rig rig = new(new SampleModel { TextsFixed = 1 << 20 });
        Refused(rig, Rig.Spec, ModelFault.RunFailed, "would run on 1048576 texts of");
        OnnxBuilder onnx = new();
        onnx.Port(isInput: true, "input_ids", OnnxBuilder.Int64, -1, -1);
        string values = onnx.Apply("Unsqueeze", [onnx.Apply("Cast", ["input_ids"], ("to", 1)), onnx.Constant([2L], 1)]);
        onnx.ApplyAs("result", "Expand", [values, onnx.Constant([1L, 1L, 20_000L], 3)]);
        onnx.Port(isInput: false, "result", OnnxBuilder.Float32, -1, -1, -1);
        rig.Files["model.onnx"] = onnx.ToArray();
        Refused(rig, Rig.Spec with { Dimensions = 0 }, ModelFault.Unsupported, "20000 dimensions");
    }

    [OnnxFact]
    public void A_token_that_fills_up_and_that_the_model_does_not_know_is_refused()
    {
        JsonObject file = JsonNode.Parse(SampleTokenizer.Bert())!.AsObject();
        file["padding"] = JsonNode.Parse("""{"pad_id":4000}""");
        using Rig rig = new(tokenizer: Encoding.UTF8.GetBytes(file.ToJsonString()));
        Refused(rig, Rig.Spec, ModelFault.Mismatch, "does not know the token 4000");
    }

    [OnnxFact]
    public void A_model_that_never_ends_is_given_up_when_that_is_asked_for()
    {
        using Rig rig = new();
        rig.Files["model.onnx"] = Endless();
        using CancellationTokenSource source = new();
        Task<ModelFacts> inspecting = Task.Run(() => rig.Library.Inspect(Rig.Spec with { Dimensions = 0 }, source.Token));
        Assert.False(inspecting.Wait(300, CancellationToken.None));
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => inspecting.GetAwaiter().GetResult());
    }

    [OnnxFact]
    public void Vectors_that_are_no_numbers_are_refused()
    {
        using Rig rig = new(new SampleModel { Gain = float.NaN });
        ModelException refused = Assert.Throws<ModelException>(() => Rig.Embed(rig.Library.Get(Rig.Spec), ["a", "b"]));
        Assert.Equal(ModelFault.RunFailed, refused.Fault);
        Assert.Contains("NaN or an infinite value", refused.Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public void A_tokenizer_of_another_model_is_refused()
    {
        using Rig rig = new(new SampleModel { TokenCount = 1000 });
        Refused(rig, Rig.Spec, ModelFault.Mismatch, "does not know the token 3999");
    }

    [OnnxFact]
    public void What_was_said_of_the_model_must_be_true()
    {
        using Rig rig = new();
        Refused(rig, Rig.Spec with { Dimensions = 384 }, ModelFault.Mismatch, "has 32 dimensions, not 384");
        Refused(rig, Rig.Spec with { TokensMax = 600 }, ModelFault.Mismatch, "does not take texts of 600 tokens");
        Refused(rig, Rig.Spec with { TokensMax = 2 }, ModelFault.Mismatch, "cannot cut texts to 2 tokens, since 2 are special");
        Refused(rig, Rig.Spec with { OutputName = "pooled" }, ModelFault.Mismatch, "it has no output \"pooled\", but \"last_hidden_state\"");
    }

    [OnnxFact]
    public void Models_with_other_inputs_or_outputs_are_refused()
    {
        using Rig rig = new();
        rig.Files["model.onnx"] = WithPorts("input_ids", OnnxBuilder.Float32, [-1, -1], [-1, 4]);
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "\"input_ids\" Float32 [?, ?], which should be [texts, tokens] of int64");
        rig.Files["model.onnx"] = WithPorts("pixels", OnnxBuilder.Int64, [-1, -1], [-1, 4]);
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "has the input \"pixels\"");
        rig.Files["model.onnx"] = WithPorts("input_ids", OnnxBuilder.Int64, [-1], [-1]);
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "\"input_ids\" Int64 [?]");
        rig.Files["model.onnx"] = WithPorts("input_ids", OnnxBuilder.Int64, [-1, -1], [-1, -1, -1, -1]);
        Refused(rig, Rig.Spec, ModelFault.Unsupported, "no output of float32 or float16");
    }

    [OnnxFact]
    public void Models_that_name_other_files_are_refused_and_the_files_left_unread()
    {
        string file = Path.Combine(Environment.CurrentDirectory, $"weights-{Guid.NewGuid():N}.bin");
        File.WriteAllBytes(file, new byte[16]);
        try
        {
            string name = Path.GetFileName(file);
            foreach (string location in (string[])[file, name, Path.Combine("..", Path.GetFileName(Environment.CurrentDirectory), name)])
            {
                foreach (bool isAttribute in (bool[])[false, true])
                {
                    using Rig rig = new();
                    OnnxBuilder onnx = new();
                    onnx.Port(isInput: true, "input_ids", OnnxBuilder.Int64, -1, -1);
                    string values = onnx.Apply("Unsqueeze", [onnx.Apply("Cast", ["input_ids"], ("to", 1)), onnx.Constant([2L], 1)]);
                    string weights = isAttribute ? onnx.Apply("Constant", [], ("value", OnnxBuilder.TensorIn(location, 4))) : onnx.ConstantIn(location, 4);
                    onnx.ApplyAs("result", "Mul", [values, weights]);
                    onnx.Port(isInput: false, "result", OnnxBuilder.Float32, -1, -1, 4);
                    foreach (byte[] before in (byte[][])[[], Group])
                    {
                        rig.Files["model.onnx"] = [.. before, .. onnx.ToArray()];
                        Refused(rig, Rig.Spec with { Dimensions = 4 }, ModelFault.Unsupported, "keeps its weights in files of their own");
                    }
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [OnnxFact]
    public void A_device_that_is_not_there_is_named()
    {
        using Rig rig = new();
        ModelException problem = Assert.Throws<ModelException>(() => rig.Library.Inspect(Rig.Spec with { Device = ModelDevice.Cuda }));
        Assert.Equal(ModelFault.DeviceMissing, problem.Fault);
        Assert.Contains("cuda", problem.Message, StringComparison.Ordinal);
    }

    private static void Refused(Rig rig, ModelSpec spec, ModelFault fault, string message)
    {
        ModelException problem = Assert.Throws<ModelException>(() => rig.Library.Inspect(spec));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(fault, problem.Fault);
    }

    /// <summary>A model that adds to its input for ever.</summary>
    private static byte[] Endless()
    {
        OnnxBuilder body = new();
        body.Port(isInput: true, "round", OnnxBuilder.Int64);
        body.Port(isInput: true, "goes", 9);
        body.Port(isInput: true, "old", OnnxBuilder.Float32, -1, -1, 1);
        body.ApplyAs("still", "Identity", ["goes"]);
        body.ApplyAs("new", "Add", ["old", "old"]);
        body.Port(isInput: false, "still", 9);
        body.Port(isInput: false, "new", OnnxBuilder.Float32, -1, -1, 1);
        OnnxBuilder onnx = new();
        onnx.Port(isInput: true, "input_ids", OnnxBuilder.Int64, -1, -1);
        string values = onnx.Apply("Unsqueeze", [onnx.Apply("Cast", ["input_ids"], ("to", 1)), onnx.Constant([2L], 1)]);
        onnx.ApplyAs("result", "Loop", ["", "", values], ("body", body));
        onnx.Port(isInput: false, "result", OnnxBuilder.Float32, -1, -1, 1);
        return onnx.ToArray();
    }

    /// <summary>A model that hands on its input.</summary>
    private static byte[] WithPorts(string input, int element, long[] inputLengths, long[] outputLengths)
    {
        OnnxBuilder onnx = new();
        onnx.Port(isInput: true, input, element, inputLengths);
        string values = onnx.Apply("Cast", [input], ("to", 1));
        if (outputLengths.Length == 4)
            values = onnx.Apply("Unsqueeze", [values, onnx.Constant([2L, 3L], 2)]);
        onnx.ApplyAs("result", "Identity", [values]);
        onnx.Port(isInput: false, "result", OnnxBuilder.Float32, outputLengths);
        return onnx.ToArray();
    }
}
