namespace VecSQL.Ml.Native;

/// <summary>How a model is run.</summary>
/// <param name="Threads">Threads that share the work of one run.</param>
/// <param name="IsCuda">Whether on the first CUDA device, else on the processor.</param>
internal sealed record OrtSessionOptions(int Threads, bool IsCuda);
