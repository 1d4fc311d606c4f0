using System.Collections.Concurrent;
using VecSQL.Kit.Models;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tests.Models;

public sealed class ModelLibraryTests
{
    private const float Rounding = 2e-6f; // what filling up and summing in another order may change

    private static readonly string[] Texts =
        [.. SampleText.Lines.Where(line => line.Length > 3).Distinct().Take(200)];

    [OnnxFact]
    public void A_model_says_what_it_is()
    {
        using Rig rig = new();
        ModelFacts facts = rig.Library.Inspect(Rig.Spec with { Dimensions = 0 });
        Assert.Equal(32, facts.Dimensions);
        Assert.Equal(512, facts.TokensMax);
        Assert.Equal("input_ids attention_mask token_type_ids", string.Join(" ", facts.Inputs));
        Assert.Equal(("last_hidden_state", false, ModelDevice.Cpu), (facts.Output, facts.IsPooled, facts.Device));
        Assert.Equal(rig.Files["model.onnx"].Length, facts.OnnxBytes);
        Assert.Equal((64, 64), (facts.OnnxSha256.Length, facts.TokenizerSha256.Length));
        Assert.Empty(rig.Library.Models);
    }

    [OnnxFact]
    public void Vectors_have_length_one_and_tell_texts_apart()
    {
        using Rig rig = new();
        float[][] vectors = rig.Embed("a vector index", "a vector index", "nothing of the kind", "");
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(value => value * value), 5));
        Assert.Equal(vectors[0], vectors[1]);
        Assert.NotEqual(vectors[0], vectors[2]);
    }

    [OnnxFact]
    public void A_text_has_the_same_vector_alone_and_in_a_batch_up_to_rounding()
    {
        using Rig rig = new(options: new ModelLibraryOptions { CacheBytes = 0 });
        float[][] together = rig.Embed(Texts);
        for (int i = 0; i < 50; i++)
            Assert.InRange(Distance(together[i], rig.Embed(Texts[i])[0]), 0, Rounding);
    }

    [OnnxFact]
    public void A_text_has_the_same_vector_beside_longer_ones_also_where_the_model_has_no_mask()
    {
        OnnxBuilder onnx = new();
        onnx.Port(isInput: true, "input_ids", OnnxBuilder.Int64, -1, -1);
        float[] rows = [.. Enumerable.Range(0, 4000 * 4).Select(static value => MathF.Sin(value))];
        string values = onnx.Apply("Gather", [onnx.Constant(rows, 4000, 4), "input_ids"]);
        onnx.ApplyAs("result", "ReduceMean", [values], ("axes", new long[] { 1 }), ("keepdims", 0));
        onnx.Port(isInput: false, "result", OnnxBuilder.Float32, -1, 4);
        using Rig rig = new(options: new ModelLibraryOptions { CacheBytes = 0 });
        rig.Files["model.onnx"] = onnx.ToArray();
        ITextEmbedder embedder = rig.Library.Get(Rig.Spec with { Dimensions = 4 });
        string[] texts = ["one", "one two", "one two three four five", "a", "b c"];
        float[][] together = Rig.Embed(embedder, texts);
        for (int i = 0; i < texts.Length; i++)
            Assert.InRange(Distance(together[i], Rig.Embed(embedder, texts[i])[0]), 0, Rounding);
        Assert.Equal(1 + texts.Length + 3, rig.Library.Models[0].RunCount + 1);
    }

    [OnnxFact]
    public void Models_in_all_their_forms_give_the_same_vectors()
    {
        using Rig plain = new();
        float[][] expected = plain.Embed(Texts[..20]);
        foreach (SampleModel form in (SampleModel[])
        [
            new() { InputElement = OnnxBuilder.Int32 },
            new() { TextsFixed = 8 },
            new() { TextsFixed = 1 },
            new() { TokensFixed = 256 },
            new() { IsPooled = true },
            new() { OutputName = "embeddings_of_some_kind" },
        ])
        {
            using Rig rig = new(form);
            float[][] vectors = rig.Embed(Texts[..20]);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Distance(expected[i], vectors[i]) < Rounding, $"{form}");
        }
        using Rig halves = new(new SampleModel { OutputElement = OnnxBuilder.Float16 });
        Assert.InRange(Distance(expected[0], halves.Embed(Texts[0])[0]), 0, 1e-3f);
    }

    [OnnxFact]
    public void Pooling_normalisation_and_prefixes_are_as_the_spec_says()
    {
        using Rig rig = new();
        float[] mean = rig.Embed("query: text")[0];
        ModelSpec spec = Rig.Spec with { QueryPrefix = "query: ", DocumentPrefix = "passage: " };
        Assert.Equal(mean, Rig.Embed(rig.Library.Get(spec, TextRole.Query), "text")[0]);
        Assert.NotEqual(mean, Rig.Embed(rig.Library.Get(spec, TextRole.Document), "text")[0]);
        Assert.Equal(mean, Rig.Embed(rig.Library.Get(spec), "query: text")[0]);
        foreach (ModelPooling pooling in (ModelPooling[])[ModelPooling.Cls, ModelPooling.Last])
            Assert.NotEqual(mean, Rig.Embed(rig.Library.Get(Rig.Spec with { Pooling = pooling }), "query: text")[0]);
        float[] asItIs = Rig.Embed(rig.Library.Get(Rig.Spec with { IsNormalized = false }), "query: text")[0];
        double length = Math.Sqrt(asItIs.Sum(value => value * value));
        Assert.NotEqual(1, length, 3);
        Assert.InRange(Distance(mean, [.. asItIs.Select(value => (float)(value / length))]), 0, Rounding);
    }

    [OnnxFact]
    public void Texts_are_cut_to_as_many_tokens_as_the_model_takes()
    {
        using Rig rig = new();
        string words = string.Join(' ', Enumerable.Repeat("the", 2000));
        ITextEmbedder embedder = rig.Library.Get(Rig.Spec with { TokensMax = 16 });
        Assert.Equal(Rig.Embed(embedder, string.Join(' ', Enumerable.Repeat("the", 14)))[0], Rig.Embed(embedder, words)[0]);
        using Rig cutting = new(tokenizer: SampleTokenizer.Bert(tokensMax: 16));
        Assert.Equal(16, cutting.Library.Inspect(Rig.Spec).TokensMax);
        Assert.InRange(Distance(Rig.Embed(embedder, words)[0], cutting.Embed(words)[0]), 0, Rounding);
    }

    [OnnxFact]
    public void Texts_that_came_before_are_not_run_again_while_there_is_room()
    {
        using Rig rig = new(options: new ModelLibraryOptions { CacheBytes = 100 * (32 * 4 + 160) });
        float[][] first = rig.Embed(Texts[..50]);
        long runs = rig.Library.Models[0].RunCount;
        Assert.Equal(first, rig.Embed(Texts[..50]));
        Assert.Equal((runs, 50, 50), (rig.Library.Models[0].RunCount, rig.Library.Cache.HitCount, rig.Library.Cache.EntryCount));
        rig.Embed(Texts);
        Assert.Equal(100, rig.Library.Cache.EntryCount);
        Assert.InRange(rig.Library.Cache.Bytes, 1, 100 * (32 * 4 + 160));
        rig.Library.Evict("sample", 1);
        Assert.Equal((0, 0), (rig.Library.Cache.EntryCount, rig.Library.Cache.Bytes));
    }

    [OnnxFact]
    public void Callers_at_once_get_each_their_own_vectors()
    {
        using Rig rig = new(options: new ModelLibraryOptions { CacheBytes = 0 });
        float[][] expected = rig.Embed(Texts);
        ITextEmbedder embedder = rig.Library.Get(Rig.Spec);
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, turn =>
        {
            int start = turn * 3 % 150, count = 1 + (turn % 40);
            float[][] vectors = Rig.Embed(embedder, Texts[start..(start + count)]);
            for (int i = 0; i < count; i++)
                Assert.InRange(Distance(expected[start + i], vectors[i]), 0, Rounding);
        });
    }

    [OnnxFact]
    public void Callers_at_once_do_not_fail_by_each_others_texts()
    {
        using Rig rig = new(options: new ModelLibraryOptions { CacheBytes = 0 });
        OnnxBuilder onnx = new(); // of the unknown token it makes what is no number
        onnx.Port(isInput: true, "input_ids", OnnxBuilder.Int64, -1, -1);
        string values = onnx.Apply("Unsqueeze", [onnx.Apply("Cast", ["input_ids"], ("to", 1)), onnx.Constant([2L], 1)]);
        onnx.ApplyAs("result", "Log", [onnx.Apply("Abs", [onnx.Apply("Sub", [values, onnx.Constant([1f], 1)])])]);
        onnx.Port(isInput: false, "result", OnnxBuilder.Float32, -1, -1, 1);
        rig.Files["model.onnx"] = onnx.ToArray();
        ITextEmbedder embedder = rig.Library.Get(Rig.Spec with { Dimensions = 1, IsNormalized = false });
        float[] expected = [.. Rig.Embed(embedder, "a", "b").Select(static vector => vector[0])];
        ConcurrentBag<Exception> failed = [];
        Thread[] callers = [.. Enumerable.Range(0, 8).Select(caller => new Thread(() => Call(caller)))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.Empty(failed);

        void Call(int caller)
        {
            try
            {
                for (int turn = 0; turn < 100; turn++)
                {
                    if (caller % 2 == 0)
                        Assert.Throws<ModelException>(() => Rig.Embed(embedder, "\u2603"));
                    else
                        Assert.Equal(expected, Rig.Embed(embedder, "a", "b").Select(static vector => vector[0]));
                }
            }
            catch (Exception wrong)
            {
                failed.Add(wrong);
            }
        }
    }

    [OnnxFact]
    public void A_model_can_be_evicted_and_dropped_while_others_use_it()
    {
        using Rig rig = new();
        float[] expected = rig.Embed("text")[0];
        using CancellationTokenSource end = new();
        Thread evicting = new(() =>
        {
            while (!end.IsCancellationRequested)
                rig.Library.Evict("sample", 1);
        });
        evicting.Start();
        ITextEmbedder kept = rig.Library.Get(Rig.Spec);
        Parallel.For(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 4 }, turn =>
        {
            ITextEmbedder embedder = turn % 2 == 0 ? kept : rig.Library.Get(Rig.Spec);
            Assert.InRange(Distance(expected, Rig.Embed(embedder, "text")[0]), 0, Rounding);
        });
        end.Cancel();
        evicting.Join();
        rig.Library.Evict("sample", 1);
        Assert.Empty(rig.Library.Models);
        Assert.InRange(Distance(expected, Rig.Embed(kept, "text")[0]), 0, Rounding);
    }

    [OnnxFact]
    public void Embedding_can_be_cancelled()
    {
        using Rig rig = new();
        ITextEmbedder embedder = rig.Library.Get(Rig.Spec);
        Assert.Throws<OperationCanceledException>(() =>
            embedder.Embed("a"u8, [0], [1], new float[32], new CancellationToken(canceled: true)));
        Rig.Embed(embedder, "b");
    }

    private static float Distance(float[] left, float[] right) => left.Zip(right, (x, y) => Math.Abs(x - y)).Max();
}
