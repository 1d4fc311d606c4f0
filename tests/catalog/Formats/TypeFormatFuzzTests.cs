using System.Buffers;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Tests.Formats;

public sealed class TypeFormatFuzzTests
{
    private static readonly byte[] Signs =
        "0123456789+-.eE:/ ,;[]{}()\"\\'xXabdhmsTZPYMWDnaNinftrue\t\n"u8.ToArray();

    [Fact]
    public void Random_text_and_bytes_are_read_or_refused_without_other_exceptions_and_what_is_read_prints_and_reads_back()
    {
        var random = new Random(21);
        foreach (TypeEntry type in BuiltinTypes.All)
        {
            TypeFormat format = TypeFormats.For(type.Oid);
            for (int i = 0; i < 600; i++)
            {
                bool isBinary = i % 2 == 0;
                byte[] input = new byte[random.Next(0, 40)];
                for (int at = 0; at < input.Length; at++)
                    input[at] = isBinary ? Byte(random) : random.Next(40) == 0 ? (byte)random.Next(256)
                        : Signs[random.Next(Signs.Length)];
                ColumnBuilder builder = ColumnBuilder.Create(type.Physical);
                try
                {
                    if (isBinary)
                        format.ReadBinary(input, -1, builder, FormatContext.Default);
                    else
                        format.ReadText(input, -1, builder, FormatContext.Default);
                    Column value = builder.Build();
                    Assert.Equal(1, value.Length);
                    byte[] text = Write(target => format.WriteText(value, 0, target, FormatContext.Default));
                    byte[] bytes = Write(target => format.WriteBinary(value, 0, target, FormatContext.Default));
                    format.ReadBinary(bytes, -1, builder, FormatContext.Default);
                    Column again = builder.Build();
                    Assert.Equal(text, Write(target => format.WriteText(again, 0, target, FormatContext.Default)));
                }
                catch (SqlException)
                {
                    // refused, in the words of an SQL error
                }
            }
        }
    }

    private static byte Byte(Random random) => random.Next(3) == 0 ? (byte)random.Next(256) : (byte)random.Next(4);

    private static byte[] Write(Action<IBufferWriter<byte>> write)
    {
        var target = new ArrayBufferWriter<byte>();
        write(target);
        return target.WrittenSpan.ToArray();
    }
}
