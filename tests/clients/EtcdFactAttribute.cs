using VecSQL.Kit;
using VecSQL.Kit.Models;

namespace VecSQL.Clients.Tests;

/// <summary>A test that needs etcd.</summary>
public sealed class EtcdFactAttribute : FactAttribute
{
    /// <param name="needsModels">And ONNX Runtime's library.</param>
    /// <param name="needsDisks">And disks of its own.</param>
    /// <param name="needsClocks">And clocks that are off.</param>
    public EtcdFactAttribute(bool needsModels = false, bool needsDisks = false, bool needsClocks = false)
    {
        string? noModels = NodePackages.OnnxRuntime is null ? "the library of ONNX Runtime is not in build/node; ./test installs it" : null;
        Skip = EtcdServer.WhyMissing ?? (needsModels ? noModels : null) ?? (needsDisks ? DiskLab.WhyMissing : null) ?? (needsClocks ? WrongClock.WhyMissing : null);
    }
}
