using VecSQL.Kit;
using VecSQL.Kit.Models;

namespace VecSQL.Clients.Tests;

/// <summary>A test that needs etcd.</summary>
public sealed class EtcdFactAttribute : FactAttribute
{
    /// <param name="needsModels">And ONNX Runtime's library.</param>
    public EtcdFactAttribute(bool needsModels = false) =>
        Skip = EtcdServer.WhyMissing ?? (needsModels && NodePackages.OnnxRuntime is null ? "the library of ONNX Runtime is not in build/node; ./test installs it" : null);
}
