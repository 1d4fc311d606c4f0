using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>How wide the kernels' arithmetic is on this machine: chosen when they are compiled to machine
/// code.</summary>
public static class KernelWidth
{
    /// <summary>512, 256 or 128; 0 for plain loops.</summary>
    public static int Bits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;
}
