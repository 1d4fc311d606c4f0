namespace VecSQL.Vectors.Quantization;

/// <summary>A sequence of random numbers that is the same in every build and on every machine.</summary>
/// <remarks>Paper: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.</remarks>
public struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to below <paramref name="end"/>.</summary>
    public int Next(int end) => (int)Math.BigMul(Next(), (ulong)end, out _);
}
