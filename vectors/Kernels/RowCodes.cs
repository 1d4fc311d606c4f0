using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSQL.Vectors.Kernels;

/// <summary>Dot product of a query in int16 with one row of int8 codes that lie one after the other.</summary>
/// <remarks>Shapes: query[d], row[d], d a multiple of 32. Error: none, as long as no sum leaves int32.</remarks>
internal static class RowCodes
{
    internal const int Multiple = 32;

    internal static int Dot(ReadOnlySpan<short> query, ReadOnlySpan<sbyte> row)
    {
        if (query.Length != row.Length || query.Length % Multiple != 0)
            throw new ArgumentException($"{query.Length} and {row.Length} codes");
        ref short q = ref MemoryMarshal.GetReference(query);
        ref sbyte codes = ref MemoryMarshal.GetReference(row);
        nuint length = (nuint)query.Length;
        if (Avx512BW.IsSupported)
        {
            Vector512<int> sum = default;
            for (nuint i = 0; i < length; i += 32)
            {
                sum += Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref codes, i)), Vector512.LoadUnsafe(ref q, i));
            }
            return Vector512.Sum(sum);
        }
        if (Avx2.IsSupported)
        {
            Vector256<int> sum = default;
            for (nuint i = 0; i < length; i += 16)
            {
                sum += Avx2.MultiplyAddAdjacent(
                    Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref codes, i)), Vector256.LoadUnsafe(ref q, i));
            }
            return Vector256.Sum(sum);
        }
        return DotPlain(query, row);
    }

    internal static int DotPlain(ReadOnlySpan<short> query, ReadOnlySpan<sbyte> row)
    {
        int sum = 0;
        for (int i = 0; i < query.Length; i++)
            sum += query[i] * row[i];
        return sum;
    }
}
