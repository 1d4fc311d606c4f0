using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Tests.Values;

public sealed class JsonDepthTests
{
    [Theory]
    [InlineData("[", "]", 1_000_000)]
    [InlineData("{\"a\":", "}", 1_000_000)]
    [InlineData("[", "]", 5_999)]
    [InlineData("{\"a\":", "}", 5_999)]
    public void Deep_nesting_is_read_or_refused_but_never_exhausts_the_stack(string open, string close, int depth)
    {
        byte[] text = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth)));
        // A small stack, smaller than any thread that serves a client has.
        var thread = new Thread(() =>
        {
            Refused(() => JsonValue.Check(text));
            Refused(() =>
            {
                var target = new BinaryColumnBuilder();
                JsonValue.AppendNormalized(text, target);
                byte[] value = ((BinaryColumn)target.Build())[0].ToArray();
                Assert.Equal(0, JsonValue.Compare(value, value));
                Assert.True(JsonValue.Contains(value, value));
            });
        }, maxStackSize: 512 << 10);
        thread.Start();
        thread.Join();
    }

    [Fact]
    public void A_hundred_levels_are_read()
    {
        var target = new BinaryColumnBuilder();
        JsonValue.AppendNormalized(Encoding.ASCII.GetBytes(new string('[', 100) + new string(']', 100)), target);
        Assert.Equal(200, ((BinaryColumn)target.Build())[0].Length);
    }

    private static void Refused(Action read)
    {
        try
        {
            read();
        }
        catch (SqlException error)
        {
            Assert.Equal("stack depth limit exceeded", error.Message);
        }
    }
}
