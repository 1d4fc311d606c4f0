using System.Globalization;
using System.Numerics;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Tests.Samples;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Tests.Values;

public sealed class SqlNumericTests
{
    [Fact]
    public void Arithmetic_functions_and_text_agree_with_PostgreSQL() => SampleFile.Check("numeric.tsv", Answer);

    [Fact]
    public void What_is_written_is_read_back()
    {
        var random = new Random(7);
        byte[] buffer = new byte[4096];
        for (int i = 0; i < 5000; i++)
        {
            BigInteger coefficient = new(RandomBytes(random, random.Next(0, 40)));
            SqlNumeric value = SqlNumeric.Create(coefficient, random.Next(0, 60));
            int length = value.Write(buffer);
            Assert.True(length <= value.EncodedLengthMax);
            SqlNumeric back = SqlNumeric.Read(buffer.AsSpan(0, length));
            Assert.Equal((value.Coefficient, value.Scale), (back.Coefficient, back.Scale));
            Assert.Equal(value, SqlNumeric.Parse(Encoding.ASCII.GetBytes(value.ToString())));
            Assert.Equal(value.ToString().Length, Math.Min(value.TextLengthMax, value.ToString().Length));
            Assert.InRange(SqlNumeric.TextBytesMax(buffer.AsSpan(0, length)), value.ToString().Length, value.ToString().Length + 3);
        }
        foreach (SqlNumeric special in new[] { SqlNumeric.NaN, SqlNumeric.PositiveInfinity,
            SqlNumeric.NegativeInfinity })
            Assert.Equal(special, SqlNumeric.Read(buffer.AsSpan(0, special.Write(buffer))));
    }

    [Fact]
    public void Equal_numbers_of_unequal_scale_are_equal_and_hash_alike_and_trim_to_the_same_bytes()
    {
        var random = new Random(8);
        Span<byte> first = stackalloc byte[200], second = stackalloc byte[200];
        for (int i = 0; i < 2000; i++)
        {
            SqlNumeric value = SqlNumeric.Create(new BigInteger(RandomBytes(random, random.Next(0, 24))),
                random.Next(0, 9));
            SqlNumeric wider = value.Round(value.Scale + random.Next(0, 30));
            Assert.Equal(value, wider);
            Assert.Equal(value.GetHashCode(), wider.GetHashCode());
            int length = value.TrimScale().Write(first), widerLength = wider.TrimScale().Write(second);
            Assert.True(first[..length].SequenceEqual(second[..widerLength]));
        }
    }

    [Fact]
    public void Random_bytes_are_parsed_or_refused_without_other_exceptions()
    {
        var random = new Random(9);
        const string alphabet = "0123456789..eE+-  NaInfty_x\0é";
        for (int i = 0; i < 20000; i++)
        {
            string text = new(Enumerable.Range(0, random.Next(0, 14)).Select(_ =>
                alphabet[random.Next(alphabet.Length)]).ToArray());
            try
            {
                if (SqlNumeric.TryParse(Encoding.UTF8.GetBytes(text), out SqlNumeric value))
                    Assert.Equal(value, SqlNumeric.Parse(Encoding.UTF8.GetBytes(value.ToString())));
            }
            catch (Core.Errors.SqlException error)
            {
                Assert.Equal("value overflows numeric format", error.Message);
            }
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Answer(string[] fields)
    {
        if (fields[0] is "parse")
            return Parse(fields[1]).ToString();
        if (fields[0] is "from8")
            return SqlNumeric.FromDouble(double.Parse(fields[1])).ToString();
        if (fields[0] is "from4")
            return SqlNumeric.FromSingle(float.Parse(fields[1])).ToString();
        if (fields[0] is "fact")
            return SqlNumeric.Factorial(long.Parse(fields[1])).ToString();
        SqlNumeric x = Parse(fields[1]);
        if (fields[0] is "round")
            return x.Round(int.Parse(fields[2])).ToString();
        if (fields[0] is "trunc")
            return x.Truncate(int.Parse(fields[2])).ToString();
        if (fields[0] is "typmod")
            return x.WithModifier(BuiltinTypes.ModifierFrom(TypeOid.Numeric,
                fields[2].Split(',').Select(int.Parse).ToArray())).ToString();
        return fields.Length == 2 ? One(fields[0], x) : Two(fields[0], x, Parse(fields[2])).ToString();
    }

    private static string One(string function, SqlNumeric x) => function switch
    {
        "ceil" => x.Ceiling().ToString(),
        "floor" => x.Floor().ToString(),
        "trim_scale" => x.TrimScale().ToString(),
        "abs" => SqlNumeric.Abs(x).ToString(),
        "sign" => x.IsNaN ? "NaN" : x.Sign.ToString(),
        "sqrt" => SqlNumeric.Sqrt(x).ToString(),
        "exp" => SqlNumeric.Exp(x).ToString(),
        "ln" => SqlNumeric.Ln(x).ToString(),
        "int2" => x.ToInt16().ToString(),
        "int4" => x.ToInt32().ToString(),
        "int8" => x.ToInt64().ToString(),
        "float8" => Float(x.ToDouble()),
        "float4" => Float(x.ToSingle()),
        _ => throw new InvalidOperationException(function),
    };

    private static SqlNumeric Two(string function, SqlNumeric x, SqlNumeric y) => function switch
    {
        "add" => x + y,
        "sub" => x - y,
        "mul" => x * y,
        "div" => x / y,
        "mod" => x % y,
        "idiv" => SqlNumeric.DivideTruncated(x, y),
        "cmp" => x.CompareTo(y),
        "gcd" => SqlNumeric.Gcd(x, y),
        "lcm" => SqlNumeric.Lcm(x, y),
        "log" => SqlNumeric.Log(x, y),
        "power" => SqlNumeric.Power(x, y),
        _ => throw new InvalidOperationException(function),
    };

    private static SqlNumeric Parse(string text) => SqlNumeric.Parse(Encoding.UTF8.GetBytes(text));

    private static string Float(double value)
    {
        Span<byte> text = stackalloc byte[FloatText.LengthMax];
        return Encoding.ASCII.GetString(text[..FloatText.Write(value, text)]);
    }

    private static string Float(float value)
    {
        Span<byte> text = stackalloc byte[FloatText.LengthMax];
        return Encoding.ASCII.GetString(text[..FloatText.Write(value, text)]);
    }
}
