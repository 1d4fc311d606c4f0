namespace VecSQL.Simulation.Tests.World;

/// <summary>Numbers that a seed repeats on every machine and version (xoshiro256**, seeded by splitmix64).</summary>
/// <remarks>Paper: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators".</remarks>
internal sealed class SimRandom
{
    private ulong _a, _b, _c, _d;

    public SimRandom(long seed)
    {
        ulong state = (ulong)seed;
        _a = Split(ref state);
        _b = Split(ref state);
        _c = Split(ref state);
        _d = Split(ref state);
    }

    /// <summary>From 0 to less than the limit.</summary>
    public int Next(int limit) => (int)(Next() % (uint)limit);

    public int Between(int first, int last) => first + Next(last - first + 1);

    public bool Chance(double chance) => (Next() >> 11) * (1.0 / (1UL << 53)) < chance;

    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    public ulong Next()
    {
        ulong result = ulong.RotateLeft(_b * 5, 7) * 9, shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    private static ulong Split(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
