using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Tests.Formats;

public sealed class VectorFormatTests
{
    [Theory]
    [InlineData("vector", -1, "[1,2,3]", "[1,2,3]")]
    [InlineData("vector", 3, " [ 1 , 2.5\t,\n-3e2 ] ", "[1,2.5,-300]")]
    [InlineData("vector", -1, "[1.,.5,+2,0x10]", "[1,0.5,2,16]")]
    [InlineData("vector", -1, "[1e-50,-0,1e7,0.0001]", "[0,-0,1e+07,0.0001]")]
    [InlineData("vector", -1, "1,2", "!22P02 invalid input syntax for type vector: \"1,2\" | Vector contents must start with \"[\".")]
    [InlineData("vector", -1, "", "!22P02 invalid input syntax for type vector: \"\" | Vector contents must start with \"[\".")]
    [InlineData("vector", -1, "[", "!22P02 invalid input syntax for type vector: \"[\"")]
    [InlineData("vector", -1, "[]", "!22000 vector must have at least 1 dimension")]
    [InlineData("vector", -1, "[1,]", "!22P02 invalid input syntax for type vector: \"[1,]\"")]
    [InlineData("vector", -1, "[,1]", "!22P02 invalid input syntax for type vector: \"[,1]\"")]
    [InlineData("vector", -1, "[1 2]", "!22P02 invalid input syntax for type vector: \"[1 2]\"")]
    [InlineData("vector", -1, "[1,2", "!22P02 invalid input syntax for type vector: \"[1,2\"")]
    [InlineData("vector", -1, "[a]", "!22P02 invalid input syntax for type vector: \"[a]\"")]
    [InlineData("vector", -1, "[1]x", "!22P02 invalid input syntax for type vector: \"[1]x\" | Junk after closing right brace.")]
    [InlineData("vector", -1, "[NaN]", "!22000 NaN not allowed in vector")]
    [InlineData("vector", -1, "[-inf]", "!22000 infinite value not allowed in vector")]
    [InlineData("vector", -1, "[1e39,2]", "!22003 \"1e39\" is out of range for type vector")]
    [InlineData("vector", 2, "[1,2,3]", "!22000 expected 2 dimensions, not 3")]
    [InlineData("vector", 4, "[1,2,3]", "!22000 expected 4 dimensions, not 3")]
    [InlineData("halfvec", -1, "[1,2.5,65504]", "[1,2.5,65504]")]
    [InlineData("halfvec", -1, "[0.1]", "[0.099975586]")]
    [InlineData("halfvec", -1, "[65520]", "!22003 \"65520\" is out of range for type halfvec")]
    [InlineData("halfvec", -1, "[nan]", "!22000 NaN not allowed in halfvec")]
    [InlineData("halfvec", -1, "[]", "!22000 halfvec must have at least 1 dimension")]
    [InlineData("sparsevec", -1, "{1:1.5,3:2}/5", "{1:1.5,3:2}/5")]
    [InlineData("sparsevec", -1, " { 3 : 2 , 1 : 1.5 , 2:0 } / 5 ", "{1:1.5,3:2}/5")]
    [InlineData("sparsevec", -1, "{}/5", "{}/5")]
    [InlineData("sparsevec", 5, "{}/4", "!22000 expected 5 dimensions, not 4")]
    [InlineData("sparsevec", -1, "{1:1,1:2}/5", "!22000 sparsevec indices must not contain duplicates")]
    [InlineData("sparsevec", -1, "{0:1}/5", "!22000 sparsevec index out of bounds")]
    [InlineData("sparsevec", -1, "{6:1}/5", "!22000 sparsevec index out of bounds")]
    [InlineData("sparsevec", -1, "{}/0", "!22000 sparsevec must have at least 1 dimension")]
    [InlineData("sparsevec", -1, "{}/1000000001", "!54000 sparsevec cannot have more than 1000000000 dimensions")]
    [InlineData("sparsevec", -1, "{1:nan}/5", "!22000 NaN not allowed in sparsevec")]
    [InlineData("sparsevec", -1, "{1:1e-50}/5", "!22003 \"1e-50\" is out of range for type sparsevec")]
    [InlineData("sparsevec", -1, "{1:1}", "!22P02 invalid input syntax for type sparsevec: \"{1:1}\" | Unexpected end of input.")]
    [InlineData("sparsevec", -1, "{1}/5", "!22P02 invalid input syntax for type sparsevec: \"{1}/5\"")]
    [InlineData("sparsevec", -1, "{1:1}/5x", "!22P02 invalid input syntax for type sparsevec: \"{1:1}/5x\" | Junk after closing.")]
    public void Vectors_read_and_print_as_pgvectors_do(string name, int modifier, string text, string expected) =>
        Assert.Equal(expected, Text(name, modifier, text));

    [Theory]
    [InlineData("vector", -1, "0002 0000 3F800000 C0000000", "[1,-2]")]
    [InlineData("vector", -1, "0002 0001 3F800000 C0000000", "!22000 expected unused to be 0, not 1")]
    [InlineData("vector", 3, "0002 0000 3F800000 C0000000", "!22000 expected 3 dimensions, not 2")]
    [InlineData("vector", -1, "0000 0000", "!22000 vector must have at least 1 dimension")]
    [InlineData("vector", -1, "FFFF 0000", "!54000 vector cannot have more than 16000 dimensions")]
    [InlineData("vector", -1, "0001 0000 7FC00000", "!22000 NaN not allowed in vector")]
    [InlineData("vector", -1, "0002 0000 3F800000", "!08P01 insufficient data left in message")]
    [InlineData("vector", -1, "0001 0000 3F800000 00", "!22P03 incorrect binary data format")]
    [InlineData("halfvec", -1, "0002 0000 3C00 C000", "[1,-2]")]
    [InlineData("halfvec", -1, "0001 0000 7C00", "!22000 infinite value not allowed in halfvec")]
    [InlineData("sparsevec", -1, "00000005 00000001 00000000 00000002 3F800000", "{3:1}/5")]
    [InlineData("sparsevec", -1, "00000005 00000001 00000000 00000005 3F800000", "!22000 sparsevec index out of bounds")]
    [InlineData("sparsevec", -1, "00000005 00000002 00000000 00000002 00000001 3F800000 3F800000", "!22000 sparsevec indices must be in ascending order")]
    [InlineData("sparsevec", -1, "00000005 00000001 00000000 00000002 00000000", "!22000 binary representation of sparsevec cannot contain zero values")]
    [InlineData("sparsevec", -1, "00000005 00000006 00000000", "!54000 sparsevec cannot have more elements than dimensions")]
    [InlineData("sparsevec", -1, "00000005 FFFFFFFF 00000000", "!22000 sparsevec cannot have negative number of elements")]
    public void Binary_vectors_are_checked_as_pgvector_checks_them(string name, int modifier, string hex,
        string expected)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", ""));
        Assert.Equal(expected, Answer(name, builder =>
            Format(name).ReadBinary(bytes, modifier, builder, FormatContext.Default)));
        if (expected[0] != '!')
        {
            ColumnBuilder builder = new BinaryColumnBuilder();
            Format(name).ReadText(Encoding.ASCII.GetBytes(expected), -1, builder, FormatContext.Default);
            var target = new ArrayBufferWriter<byte>();
            Format(name).WriteBinary(builder.Build(), 0, target, FormatContext.Default);
            Assert.Equal(bytes, target.WrittenSpan.ToArray());
        }
    }

    [Fact]
    public void Dimensions_end_at_sixteen_thousand()
    {
        string most = "[" + string.Join(',', Enumerable.Repeat("1", 16_000)) + "]";
        Assert.Equal(most, Text("vector", -1, most));
        Assert.Equal("!54000 vector cannot have more than 16000 dimensions", Text("vector", -1, most[..^1] + ",1]"));
    }

    [Fact]
    public void Every_float_is_read_as_the_platforms_exact_parser_reads_it()
    {
        var random = new Random(12);
        for (int i = 0; i < 300_000; i++)
        {
            string text = (random.Next(6)) switch
            {
                0 => BitConverter.Int32BitsToSingle(random.Next()).ToString("G9", CultureInfo.InvariantCulture),
                1 => random.NextDouble().ToString("R", CultureInfo.InvariantCulture),
                2 => Midpoint(random),
                3 => $"{random.NextInt64()}.{random.NextInt64()}e{random.Next(-60, 40)}",
                4 => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
                _ => $"0.{new string('0', random.Next(45))}{random.NextInt64()}",
            };
            float expected = float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            int length = FloatParser.ParseSingle(Encoding.ASCII.GetBytes(text), out float actual, out _);
            if (float.IsNaN(expected) || text.Contains('y'))
                continue; // words of .NET's own
            Assert.True(length == text.Length && BitConverter.SingleToInt32Bits(
                expected) == BitConverter.SingleToInt32Bits(actual), text);
        }
    }

    // Text of numbers halfway between two floats, and a hair beside: where rounding twice goes wrong.
    private static string Midpoint(Random random)
    {
        float value = BitConverter.Int32BitsToSingle(random.Next(0x2000_0000, 0x5F00_0000));
        decimal middle;
        try
        {
            middle = ((decimal)(double)value + (decimal)(double)MathF.BitIncrement(value)) / 2;
        }
        catch (OverflowException)
        {
            return "1";
        }
        string digits = (((double)value + MathF.BitIncrement(value)) / 2).ToString("F40", CultureInfo.InvariantCulture);
        return random.Next(3) switch { 0 => digits, 1 => digits + "1", _ =>
            middle.ToString(CultureInfo.InvariantCulture) };
    }

    private static TypeFormat Format(string name)
    {
        Assert.True(BuiltinTypes.TryFindByName(name, out TypeEntry? entry));
        return TypeFormats.For(entry.Oid);
    }

    private static string Text(string name, int modifier, string text) => Answer(name, builder =>
        Format(name).ReadText(Encoding.UTF8.GetBytes(text), modifier, builder, FormatContext.Default));

    private static string Answer(string name, Action<ColumnBuilder> read)
    {
        var builder = new BinaryColumnBuilder();
        try
        {
            read(builder);
        }
        catch (SqlException error)
        {
            return $"!{error.State} {error.Message}{(error.Detail is null ? "" : " | " + error.Detail)}";
        }
        var target = new ArrayBufferWriter<byte>();
        Format(name).WriteText(builder.Build(), 0, target, FormatContext.Default);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }
}
