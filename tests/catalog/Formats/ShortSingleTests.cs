using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;

namespace VecSQL.Catalog.Tests.Formats;

/// <summary>The quick text of floats of common size against the slow text of floats of any size.</summary>
public sealed class ShortSingleTests
{
    [Theory]
    [InlineData(0.0001f, "0.0001")]
    [InlineData(0.1f, "0.1")]
    [InlineData(-0.5f, "-0.5")]
    [InlineData(1.1f, "1.1")]
    [InlineData(3.1415927f, "3.1415927")]
    [InlineData(999999.94f, "999999.94")]
    [InlineData(0.00012207031f, "0.00012207031")]
    [InlineData(9.5f, "9.5")]
    public void Writes_the_shortest_text(float value, string expected) => Assert.Equal(expected, Quick(value));

    [Fact]
    public void Agrees_with_the_slow_text_for_random_numbers()
    {
        Random random = new(11);
        for (int i = 0; i < 300_000; i++)
        {
            uint low = BitConverter.SingleToUInt32Bits(1e-4f), high = BitConverter.SingleToUInt32Bits(1e6f);
            Check(BitConverter.UInt32BitsToSingle((uint)random.NextInt64(low, high)));
            Check((float)((random.NextDouble() * 2) - 1));
        }
    }

    [Fact]
    public void Agrees_with_the_slow_text_about_powers_and_short_decimals()
    {
        for (int power = -13; power < 20; power++)
            CheckAround(MathF.ScaleB(1, power));
        for (int digits = 1; digits < 10_000; digits++)
        {
            for (int scale = 0; scale <= 8; scale++)
                CheckAround((float)(digits / Math.Pow(10, scale)));
        }
    }

    private static void CheckAround(float value)
    {
        Check(MathF.BitDecrement(value));
        Check(value);
        Check(MathF.BitIncrement(value));
    }

    private static void Check(float value)
    {
        if (!(Math.Abs(value) is >= 1e-4f and < 1e6f))
            return;
        Span<byte> slow = stackalloc byte[FloatText.LengthMax];
        string expected = Encoding.ASCII.GetString(slow[..FloatText.WriteAny(value, slow)]);
        string text = Quick(value);
        Assert.Equal(expected, text);
        Assert.Equal(value, float.Parse(text, CultureInfo.InvariantCulture));
    }

    private static string Quick(float value)
    {
        Span<byte> text = stackalloc byte[FloatText.LengthMax];
        return Encoding.ASCII.GetString(text[..FloatText.Write(value, text)]);
    }
}
