using VecSQL.Kit.Models;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tests.Models;

public sealed class ModelLibraryTests
{
    [OnnxFact]
    public void A_model_says_what_it_is()
    {
        using Rig rig = new();
        ModelFacts facts = rig.Library.Inspect(Rig.Spec with { Dimensions = 0 });
        Assert.Equal(32, facts.Dimensions);
        Assert.Equal(512, facts.TokensMax);
        Assert.Equal("input_ids attention_mask token_type_ids", string.Join(" ", facts.Inputs));
        Assert.Equal(("last_hidden_state", false, ModelDevice.Cpu), (facts.Output, facts.IsPooled, facts.Device));
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
}
