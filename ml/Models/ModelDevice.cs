namespace VecSQL.Ml.Models;

/// <summary>What a model runs on.</summary>
public enum ModelDevice
{
    /// <summary>CUDA where the native library has it and a device answers, else the processor.</summary>
    Auto,

    Cpu,
    Cuda,
}
