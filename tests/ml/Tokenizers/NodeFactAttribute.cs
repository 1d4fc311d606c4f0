using VecSQL.Kit.Models;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>A test that needs Hugging Face's library.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = NodePackages.ReasonWithout("tokenizers");
}
