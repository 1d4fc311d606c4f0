using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Adds up products by row while lists of an inverted index are read, and finds the rows whose sums are large.</summary>
/// <remarks>
/// Result: every product is rounded before it is added, so that a sum over lists in the order of their dimensions is bit for bit the inner
///         product of <see cref="SparseDistances"/>.
/// </remarks>
internal static class PostingSums
{
    /// <summary>sums[rows[i]] += factor × weights[i].</summary>
    /// <param name="rows">Ascending, each below the length of the sums, which has been checked when the index was opened.</param>
    internal static void Add(Span<float> sums, ReadOnlySpan<ushort> rows, ReadOnlySpan<float> weights, float factor)
    {
        if (rows.Length > weights.Length || (!rows.IsEmpty && rows[^1] >= sums.Length))
            throw new ArgumentException("a list of postings does not fit its sums", nameof(rows));
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref ushort row = ref MemoryMarshal.GetReference(rows);
        ref float weight = ref MemoryMarshal.GetReference(weights);
        nuint i = 0, count = (nuint)rows.Length;
        for (; i + 4 <= count; i += 4)
        {
            // Rows differ, so that the four additions do not wait for each other.
            ref float first = ref Unsafe.Add(ref sum, (nuint)Unsafe.Add(ref row, i));
            ref float second = ref Unsafe.Add(ref sum, (nuint)Unsafe.Add(ref row, i + 1));
            ref float third = ref Unsafe.Add(ref sum, (nuint)Unsafe.Add(ref row, i + 2));
            ref float fourth = ref Unsafe.Add(ref sum, (nuint)Unsafe.Add(ref row, i + 3));
            Vector128<float> products = Vector128.LoadUnsafe(ref weight, i) * Vector128.Create(factor);
            first += products[0];
            second += products[1];
            third += products[2];
            fourth += products[3];
        }
        for (; i < count; i++)
            Unsafe.Add(ref sum, (nuint)Unsafe.Add(ref row, i)) += factor * Unsafe.Add(ref weight, i);
    }

    /// <summary>sums[i] += factor × weights[i]: for a list that has most rows, with zeros for the others.</summary>
    internal static void AddAll(Span<float> sums, ReadOnlySpan<float> weights, float factor)
    {
        if (weights.Length != sums.Length)
            throw new ArgumentException("a list of postings does not fit its sums", nameof(weights));
        int i = 0;
        for (; i + Vector<float>.Count <= sums.Length; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + (new Vector<float>(weights[i..]) * factor)).CopyTo(sums[i..]);
        for (; i < sums.Length; i++)
            sums[i] += factor * weights[i];
    }

    /// <summary>Sets bit i where sums[i] + terms[i], or where asked sums[i] × terms[i], is at least a limit; a term that is not a number
    /// keeps its row out.</summary>
    /// <returns>How many bits are set.</returns>
    internal static int FindLarge(ReadOnlySpan<float> sums, ReadOnlySpan<float> terms, bool multiplies, float limit, Span<ulong> bits)
    {
        int count = 0;
        for (int word = 0, first = 0; first < sums.Length; word++, first += 64)
        {
            ReadOnlySpan<float> some = sums.Slice(first, Math.Min(64, sums.Length - first)), their = terms.Slice(first, some.Length);
            bits[word] = multiplies ? FindWord<Products>(some, their, limit) : FindWord<Sums>(some, their, limit);
            count += BitOperations.PopCount(bits[word]);
        }
        return count;
    }

    private static ulong FindWord<TScore>(ReadOnlySpan<float> sums, ReadOnlySpan<float> terms, float limit) where TScore : struct, IScore
    {
        ulong bits = 0;
        int i = 0;
        Vector256<float> limits = Vector256.Create(limit);
        for (; i + 8 <= sums.Length; i += 8)
        {
            Vector256<float> scores = TScore.Of(Vector256.Create(sums[i..]), Vector256.Create(terms[i..]));
            bits |= (ulong)Vector256.GreaterThanOrEqual(scores, limits).ExtractMostSignificantBits() << i;
        }
        for (; i < sums.Length; i++)
            bits |= (TScore.Of(sums[i], terms[i]) >= limit ? 1UL : 0) << i;
        return bits;
    }

    private interface IScore
    {
        static abstract float Of(float sum, float term);

        static abstract Vector256<float> Of(Vector256<float> sums, Vector256<float> terms);
    }

    private readonly struct Sums : IScore
    {
        public static float Of(float sum, float term) => sum + term;

        public static Vector256<float> Of(Vector256<float> sums, Vector256<float> terms) => sums + terms;
    }

    private readonly struct Products : IScore
    {
        public static float Of(float sum, float term) => sum * term;

        public static Vector256<float> Of(Vector256<float> sums, Vector256<float> terms) => sums * terms;
    }
}
