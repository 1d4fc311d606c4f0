using System.Buffers.Binary;
using System.Numerics;

namespace VecSQL.Executor.Functions.Text;

/// <summary>SHA-224: SHA-256 with other starting values, cut to 28 bytes. The platform has all of the family but this
/// one.</summary>
/// <remarks>Source: FIPS 180-4. The constants are the fraction bits of roots of primes, so they are computed.</remarks>
internal static class Sha224
{
    private const int BlockBytes = 64, RoundCount = 64, DigestBytes = 28;

    private static readonly uint[] RoundConstants = [.. Primes().Take(RoundCount).Select(static p =>
        FractionOfCubeRoot(p))];

    private static readonly uint[] Start =
    [
        0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
    ];

    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        uint[] state = [.. Start];
        int whole = data.Length / BlockBytes * BlockBytes;
        for (int at = 0; at < whole; at += BlockBytes)
            Compress(state, data.Slice(at, BlockBytes));
        Span<byte> last = stackalloc byte[2 * BlockBytes];
        last.Clear();
        ReadOnlySpan<byte> rest = data[whole..];
        rest.CopyTo(last);
        last[rest.Length] = 0x80;
        last = last[..(rest.Length < BlockBytes - 8 ? BlockBytes : 2 * BlockBytes)];
        BinaryPrimitives.WriteUInt64BigEndian(last[^8..], (ulong)data.Length * 8);
        for (int at = 0; at < last.Length; at += BlockBytes)
            Compress(state, last.Slice(at, BlockBytes));
        byte[] digest = new byte[DigestBytes];
        for (int i = 0; i < DigestBytes / 4; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    private static void Compress(uint[] state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[RoundCount];
        for (int i = 0; i < 16; i++)
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        for (int i = 16; i < RoundCount; i++)
            words[i] = words[i - 16] + Small(words[i - 15], 7, 18, 3) + words[i - 7] + Small(words[i - 2], 17, 19, 10);
        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        (uint e, uint f, uint g, uint h) = (state[4], state[5], state[6], state[7]);
        for (int i = 0; i < RoundCount; i++)
        {
            uint first = h + Big(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + RoundConstants[i] + words[i];
            uint second = Big(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        uint[] added = [a, b, c, d, e, f, g, h];
        for (int i = 0; i < state.Length; i++)
            state[i] += added[i];
    }

    private static uint Big(uint x, int i, int j, int k) =>
        BitOperations.RotateRight(x, i) ^ BitOperations.RotateRight(x, j) ^ BitOperations.RotateRight(x, k);

    private static uint Small(uint x, int i, int j, int k) =>
        BitOperations.RotateRight(x, i) ^ BitOperations.RotateRight(x, j) ^ (x >> k);

    private static IEnumerable<int> Primes()
    {
        for (int n = 2; ; n++)
        {
            if (!Enumerable.Range(2, n - 2).Any(divisor => n % divisor == 0))
                yield return n;
        }
    }

    /// <summary>The first 32 bits after the point: the integer cube root of p · 2⁹⁶, less its whole part.</summary>
    private static uint FractionOfCubeRoot(int prime)
    {
        BigInteger scaled = (BigInteger)prime << 96, low = 0, high = (BigInteger)prime << 32;
        while (high - low > 1)
        {
            BigInteger middle = (low + high) >> 1;
            if (middle * middle * middle <= scaled)
                low = middle;
            else
                high = middle;
        }
        return (uint)(low & uint.MaxValue);
    }
}
