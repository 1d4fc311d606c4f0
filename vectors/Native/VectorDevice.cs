namespace VecSQL.Vectors.Native;

/// <summary>The device that builds and batches of queries use.</summary>
public static class VectorDevice
{
    /// <summary>Chosen once, when the process starts.</summary>
    public static IVectorDevice Current { get; } = new ProcessorDevice();
}
