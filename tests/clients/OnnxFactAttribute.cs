using VecSQL.Kit.Models;

namespace VecSQL.Clients.Tests;

/// <summary>A test that needs ONNX Runtime's library.</summary>
public sealed class OnnxFactAttribute : FactAttribute
{
    public OnnxFactAttribute() => Skip = NodePackages.OnnxRuntime is null
        ? "the library of ONNX Runtime is not in build/node; ./test installs it" : null;
}
