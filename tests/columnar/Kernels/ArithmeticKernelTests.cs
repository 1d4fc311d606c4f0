using System.Numerics;
using VecSQL.Columnar.Kernels;

namespace VecSQL.Columnar.Tests.Kernels;

public sealed class ArithmeticKernelTests
{
    public static TheoryData<int> Lengths => [0, 1, 3, 7, 8, 9, 31, 33, 1000];

    [Theory, MemberData(nameof(Lengths))]
    public void Agrees_with_checked_arithmetic(int length)
    {
        var random = new Random(length);
        for (int round = 0; round < 20; round++)
        {
            bool isWide = round % 2 == 0; // wide values overflow now and then
            Check(length, () => (short)random.Next(isWide ? 300 : 20));
            Check(length, () => isWide ? (int)random.NextInt64(int.MinValue, int.MaxValue) : random.Next(1000));
            Check(length, () => isWide ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(1000));
        }
    }

    [Fact]
    public void Floats_that_leave_their_range_are_suspect()
    {
        double[] big = [.. Enumerable.Repeat(1.0, 9), double.MaxValue], result = new double[10];
        Assert.True(ArithmeticKernel.Add<double>(big, big, result));
        Assert.False(ArithmeticKernel.Subtract<double>(big, big, result));
        Assert.True(ArithmeticKernel.Multiply<double>(big, big, result));
        Assert.Equal(double.PositiveInfinity, result[9]);
        double[] tiny = [.. Enumerable.Repeat(double.Epsilon, 5)], small = new double[5];
        Assert.True(ArithmeticKernel.Multiply<double>(tiny, tiny, small));
    }

    private static void Check<T>(int length, Func<T> next) where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        T[] x = [.. Enumerable.Range(0, length).Select(_ =>
            next())], y = [.. Enumerable.Range(0, length).Select(_ => next())];
        T[] result = new T[length];
        Compare(x, y, ArithmeticKernel.Add<T>(x, y, result), result, static (a, b) => a + b);
        Compare(x, y, ArithmeticKernel.Subtract<T>(x, y, result), result, static (a, b) => a - b);
        Compare(x, y, ArithmeticKernel.Multiply<T>(x, y, result), result, static (a, b) => a * b);
        if (length > 1)
            Compare(x, [y[0]], ArithmeticKernel.Multiply<T>(x, [y[0]], result), result, static (a, b) => a * b);
    }

    private static void Compare<T>(T[] x, T[] y, bool isSuspect, T[] result, Func<Int128, Int128, Int128> exact)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        bool overflows = false;
        for (int row = 0; row < x.Length; row++)
        {
            Int128 expected = exact(Int128.CreateChecked(x[row]), Int128.CreateChecked(y.Length == 1 ? y[0] : y[row]));
            overflows |= expected < Int128.CreateChecked(T.MinValue) || expected > Int128.CreateChecked(T.MaxValue);
            Assert.Equal(T.CreateTruncating(expected), result[row]);
        }
        Assert.Equal(overflows, isSuspect);
    }
}
