using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;

namespace VecSQL.Columnar.Tests.Kernels;

public sealed class CompareKernelTests
{
    // Around one lane, one word of bits and the tail.
    public static TheoryData<int> Lengths => [0, 1, 3, 7, 8, 9, 15, 17, 63, 64, 65, 127, 128, 200, 4096];

    [Theory, MemberData(nameof(Lengths))]
    public void Agrees_with_its_scalar_twin(int length)
    {
        var random = new Random(length);
        Check(length, () => (short)random.Next(-3, 4));
        Check(length, () => random.Next(-3, 4));
        Check(length, () => (long)random.Next(-3, 4) << 40);
        Check(length, () => Oddity(random));
        Check(length, () => (float)Oddity(random));
    }

    private static void Check<T>(int length, Func<T> next) where T : unmanaged, INumber<T>
    {
        T[] x = [.. Enumerable.Range(0, length).Select(_ =>
            next())], y = [.. Enumerable.Range(0, length).Select(_ => next())];
        T[] one = [next()];
        foreach (ComparisonKind kind in Enum.GetValues<ComparisonKind>())
        {
            CheckOne(kind, x, y, length);
            if (length < 2)
                continue;
            CheckOne(kind, one, y, length);
            CheckOne(kind, x, one, length);
        }
    }

    private static void CheckOne<T>(ComparisonKind kind, T[] x, T[] y, int length) where T : unmanaged, INumber<T>
    {
        ulong[] bits = Bitmap.Allocate(length);
        CompareKernel.Run<T>(kind, x, y, length, bits);
        var result = new Bitmap(bits.Length == 0 ? new ulong[1] : bits, length);
        for (int row = 0; row < length; row++)
        {
            T left = x.Length == 1 ? x[0] : x[row], right = y.Length == 1 ? y[0] : y[row];
            Assert.Equal(kind.Holds(Order(left, right)), result[row]);
        }
    }

    private static int Order<T>(T x, T y) where T : INumber<T> =>
        T.IsNaN(x) || T.IsNaN(y) ? T.IsNaN(x).CompareTo(T.IsNaN(y)) : x < y ? -1 : x > y ? 1 : 0;

    private static double Oddity(Random random) =>
        new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, 1.5, -1.5 }[random.Next(7)];
}
