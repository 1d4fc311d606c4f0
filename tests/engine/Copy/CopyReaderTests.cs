using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;

namespace VecSQL.Engine.Tests.Copy;

public sealed class CopyReaderTests
{
    private static readonly CopyColumn[] Columns =
    [
        new("a", SqlType.Int4), new("b", SqlType.Text), new("v", new SqlType(TypeOid.Float4Array)),
    ];

    // Inputs and what PostgreSQL makes of them: rows, or an error with its context.
    public static TheoryData<string, string, string> Samples => new()
    {
        { "", "1\tb\t{1}\n2\t\\N\t{2,3}\n", "(1,b,{1})(2,∅,{2,3})" },
        { "", "1\tb\t{1}", "(1,b,{1})" },
        { "", "\\N\tb\t\\N\n", "(∅,b,∅)" },
        { "", "\\.\n1\n", "" },
        { "", "1\tb\t{1}\n\\.\nrubbish", "(1,b,{1})" },
        { "", "1\tb\t{1}\\.\n", "(1,b,{1})" },
        { "", "1\tb\\x4\\101\\n\\qz\t{1}\n", "(1,b\u0004A\nqz,{1})" },
        { "", "1\ta\\\tb\\\nc\t{1}\n", "(1,a\tb\nc,{1})" },
        { "", "1\tb\t{1}\r2\tc\t{2}\r", "(1,b,{1})(2,c,{2})" },
        { "", "1\tb\t{1}\r\n2\tc\t{2}\r\n", "(1,b,{1})(2,c,{2})" },
        { "", "", "" },
        { "", "1\n", "!22P04 missing data for column \"b\" @ COPY t, line 1: \"1\"" },
        { "", "1\t2\t{3}\t4\n", "!22P04 extra data after last expected column @ COPY t, line 1: \"1\t2\t{3}\t4\"" },
        { "", "x\t2\t{3}\n", "!22P02 invalid input syntax for type integer: \"x\" @ COPY t, line 1, column a: \"x\"" },
        { "", "1\tb\t{1}\n2\tb\\", "!22P04 missing data for column \"v\" @ COPY t, line 2: \"2\tb\\\"" },
        { "", "1\tb\t{1}\n2\tx\\.\n", "!22P04 missing data for column \"v\" @ COPY t, line 2: \"2\tx\"" },
        { "", "1\ta\\.b\t{1}\n", "!22P04 end-of-copy marker corrupt @ COPY t, line 1" },
        { "", "1\tb\t{1}\r\n2\tb\t{2}\n", "!22P04 literal newline found in data @ COPY t, line 2" },
        { "", "1\tb\t{1}\n2\tb\r\t{2}\n", "!22P04 literal carriage return found in data @ COPY t, line 2" },
        { "", "1\tb\t{1}\n\n", "!22P02 invalid input syntax for type integer: \"\" @ COPY t, line 2, column a: \"\"" },
        { "", "1\t\\N\t{1,x}\n", "!22P02 invalid input syntax for type real: \"x\" @ COPY t, line 1, column v: \"{1,x}\"" },
        { "header", "a\tb\tv\n1\tb\n", "!22P04 missing data for column \"v\" @ COPY t, line 2: \"1\tb\"" },
        { "delimiter=,", "1\\,2,x\n", "!22P02 invalid input syntax for type integer: \"1,2\" @ COPY t, line 1, column a: \"1,2\"" },
        { "delimiter=,;null=nil", "nil,b,nil\n", "(∅,b,∅)" },
        { "csv", "1,\"x,\"\"y\"\"\",{1}\n2,,\n3,\"\",\n", "(1,x,\"y\",{1})(2,∅,∅)(3,,∅)" },
        { "csv", "1,a\"b,c\"d,{1}\n", "(1,ab,cd,{1})" },
        { "csv", "1,\"x\ny\",{1}\r\n2,c,{2}\r\n", "(1,x\ny,{1})(2,c,{2})" },
        { "csv", "1,a,{1}\n\\.\nx", "(1,a,{1})" },
        { "csv", ",,\n,\"\",x\n", "!22P02 malformed array literal: \"x\" @ COPY t, line 2, column v: \"x\"" },
        { "csv", "1,\"a\n", "!22P04 unterminated CSV quoted field @ COPY t, line 1: \"1,\"a\n\"" },
        { "csv", "1,a\n", "!22P04 missing data for column \"v\" @ COPY t, line 1: \"1,a\"" },
        { "csv", "1,a,{1},5\n", "!22P04 extra data after last expected column @ COPY t, line 1: \"1,a,{1},5\"" },
        { "csv", "1,\"x\ny\",{1}\nz,,\n", "!22P02 invalid input syntax for type integer: \"z\" @ COPY t, line 2, column a: \"z\"" },
        { "csv", "1,\"a\r\nb\",{1}\r\nq,1,2\r\n", "!22P02 invalid input syntax for type integer: \"q\" @ COPY t, line 3, column a: \"q\"" },
        { "csv", "1,a,{1}\n2,c\rd,{2}\n", "!22P04 unquoted carriage return found in data @ COPY t, line 2" },
        { "csv;header=match", "a,b,v\n1,x,{1}\n", "(1,x,{1})" },
        { "csv;header=match", "a,c,v\n", "!22P04 column name mismatch in header line field 2: got \"c\", expected \"b\" @ COPY t, line 1: \"a,c,v\"" },
        { "csv;header=match", "a,b\n", "!22P04 wrong number of fields in header line: got 2, expected 3 @ COPY t, line 1: \"a,b\"" },
        { "csv;header=match", "a,,v\n", "!22P04 column name mismatch in header line field 2: got null value (\"\"), expected \"b\" @ COPY t, line 1: \"a,,v\"" },
        { "csv;escape=\\", "1,\"a\\\"b\\\\c\\d\",{1}\n", "(1,a\"b\\c\\d,{1})" },
        { "csv;force_null=b", "1,\"\",{1}\n", "(1,∅,{1})" },
        { "csv;force_not_null=b", "1,,{1}\n", "(1,,{1})" },
        { "", "1\t\u00e9\t{1}\n", "(1,é,{1})" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Lines_become_rows_or_PostgreSQLs_errors_wherever_the_data_is_cut(string options, string data,
        string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(data);
        foreach (int piece in new[] { 1, 2, 3, 5, 7, bytes.Length + 1 })
            Assert.Equal(expected, Read(Parse(options), bytes, piece));
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_refused() =>
        Assert.Equal("!22021 invalid byte sequence for encoding \"UTF8\": 0xff @ COPY t, line 2",
            Read(new CopyOptions { ForceNull = new bool[3], ForceNotNull = new bool[3] },
                [.. "1\ta\t{1}\n2\t"u8, 0xff, .. "\t{2}\n"u8], 100));

    [Theory]
    [InlineData("", "!22P04 COPY file signature not recognized")]
    [InlineData("PGCOPX", "!22P04 COPY file signature not recognized")]
    [InlineData("S", "!22P04 invalid COPY file header (missing flags)")]
    [InlineData("S 00000000", "!22P04 invalid COPY file header (missing length)")]
    [InlineData("S 00010000 00000000", "!22P04 invalid COPY file header (WITH OIDS)")]
    [InlineData("S 00020000 00000000", "!22P04 unrecognized critical flags in COPY file header")]
    [InlineData("S 00000000 00000004 6162", "!22P04 invalid COPY file header (wrong length)")]
    [InlineData("H", "")]
    [InlineData("H 00", "")]
    [InlineData("H FFFF", "")]
    [InlineData("H FFFF 78", "!22P04 received copy data after EOF marker @ COPY t, line 1")]
    [InlineData("H 0002", "!22P04 row field count is 2, expected 3 @ COPY t, line 1")]
    [InlineData("H FFFE", "!22P04 row field count is -2, expected 3 @ COPY t, line 1")]
    [InlineData("H 0003 0000", "!22P04 unexpected EOF in COPY data @ COPY t, line 1, column a")]
    [InlineData("H 0003 FFFFFFFE", "!22P04 invalid field size @ COPY t, line 1, column a")]
    [InlineData("H 0003 00000004 0000", "!22P04 unexpected EOF in COPY data @ COPY t, line 1, column a")]
    [InlineData("H 0003 00000003 000000 FFFFFFFF FFFFFFFF", "!08P01 insufficient data left in message @ COPY t, line 1, column a")]
    [InlineData("H 0003 00000005 0000000000 FFFFFFFF FFFFFFFF", "!22P03 incorrect binary data format @ COPY t, line 1, column a")]
    [InlineData("H 0003 00000004 00000007 00000002 FFFE FFFFFFFF", "!22021 invalid byte sequence for encoding \"UTF8\": 0xff @ COPY t, line 1, column b")]
    [InlineData("H 0003 00000004 00000007 00000001 78 FFFFFFFF FFFF", "(7,x,∅)")]
    public void Binary_data_becomes_rows_or_PostgreSQLs_errors_wherever_it_is_cut(string data, string expected)
    {
        string hex = data.Replace("H", "S 00000000 00000000").Replace("S", "5047434F50590AFF0D0A00").Replace(" ", "");
        byte[] bytes = data.StartsWith('P') ? Encoding.ASCII.GetBytes(data) : Convert.FromHexString(hex);
        foreach (int piece in new[] { 1, 2, 3, 5, 7, bytes.Length + 1 })
            Assert.Equal(expected, Read(new CopyOptions { Format = CopyFormat.Binary }, bytes, piece));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("csv")]
    [InlineData("binary")]
    public void What_is_written_is_read_back(string format)
    {
        CopyOptions options = Parse(format == "text" ? "" : format);
        var random = new Random(3);
        const string alphabet = "ab,\"\\\t\n\r\vé.N'€";
        var rows = new BatchBuilder([Columnar.Columns.PhysicalType.Int32, Columnar.Columns.PhysicalType.Binary,
            Columnar.Columns.PhysicalType.Binary]);
        TypeFormat text = TypeFormats.For(TypeOid.Text), array = TypeFormats.For(TypeOid.Float4Array),
            number = TypeFormats.For(TypeOid.Int4);
        for (int i = 0; i < 3000; i++)
        {
            string value = new(Enumerable.Range(0, random.Next(0, 9)).Select(_ =>
                alphabet[random.Next(alphabet.Length)]).ToArray());
            number.ReadText(Encoding.ASCII.GetBytes(i.ToString()), -1, rows.Columns[0], FormatContext.Default);
            if (random.Next(8) == 0)
                rows.Columns[1].AppendNull();
            else
                text.ReadText(Encoding.UTF8.GetBytes(value), -1, rows.Columns[1], FormatContext.Default);
            array.ReadText("{1.5,NULL,-3e20}"u8, -1, rows.Columns[2], FormatContext.Default);
            rows.EndRow();
        }
        ColumnBatch batch = rows.Build();
        var buffer = new CopyBuffer();
        var rowEnds = new List<int>();
        CopyWriter writer = CopyWriter.Create(options, Columns, FormatContext.Default);
        writer.Begin(buffer, rowEnds);
        writer.Write(batch, buffer, rowEnds);
        writer.End(buffer, rowEnds);
        Assert.Equal(buffer.Length, rowEnds[^1]);
        Assert.Equal(Show(batch), Read(options, buffer.Written.Span, 1000));
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_without_other_exceptions()
    {
        var random = new Random(4);
        byte[] signs = "1,\"\\\t\n\r.Nx{}\0"u8.ToArray();
        foreach (string options in new[] { "", "csv", "csv;escape=\\", "header", "csv;header=match", "binary" })
        {
            for (int i = 0; i < 3000; i++)
            {
                byte[] data = new byte[random.Next(0, 60)];
                for (int at = 0; at < data.Length; at++)
                    data[at] = random.Next(12) == 0 ? (byte)random.Next(256) : signs[random.Next(signs.Length)];
                if (options == "binary" && random.Next(10) > 0)
                    data = [.. BinaryCopyReader.SignatureBytes, .. new byte[8], 0, 3, .. data];
                string whole = Read(Parse(options), data, data.Length + 1);
                Assert.Equal(whole, Read(Parse(options), data, 1 + random.Next(6)));
            }
        }
    }

    [Fact]
    public void A_full_batch_is_handed_over_before_more_is_read()
    {
        CopyReader reader = CopyReader.Create(Parse(""), "t", [new CopyColumn("a", SqlType.Int4)],
            FormatContext.Default);
        byte[] data = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{i}\n")));
        int taken = reader.Read(data);
        Assert.True(taken < data.Length);
        Assert.Equal(ColumnBatch.RowsMax, reader.Rows.RowCount);
        Assert.Equal(ColumnBatch.RowsMax, reader.Rows.Build().RowCount);
        Assert.Equal((byte)'\n', data[taken - 1]);
    }

    [Fact]
    public void Long_rows_fill_a_batch_by_their_bytes()
    {
        CopyReader reader = CopyReader.Create(Parse(""), "t", [new CopyColumn("a", SqlType.Text)],
            FormatContext.Default);
        byte[] data = new byte[12 << 20];
        data.AsSpan().Fill((byte)'x');
        for (int end = (1 << 20) - 1; end < data.Length; end += 1 << 20)
            data[end] = (byte)'\n';
        int taken = reader.Read(data);
        Assert.True(reader.IsFull);
        Assert.Equal(taken >> 20, reader.Rows.Build().RowCount);
        Assert.False(reader.IsFull);
        Assert.Equal(data.Length - taken, reader.Read(data.AsSpan(taken)));
    }

    private static CopyOptions Parse(string text)
    {
        var options = new CopyOptions { ForceNull = new bool[3], ForceNotNull = new bool[3], ForceQuote = new bool[3] };
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.Split('=');
            options = words[0] switch
            {
                "csv" => options with { Format = CopyFormat.Csv, Delimiter = (byte)',', Null = default },
                "binary" => options with { Format = CopyFormat.Binary },
                "header" => options with { Header = words.Length > 1 ? CopyHeader.Match : CopyHeader.Present },
                "delimiter" => options with { Delimiter = (byte)words[1][0] },
                "null" => options with { Null = Encoding.UTF8.GetBytes(words[1]) },
                "escape" => options with { Escape = (byte)words[1][0] },
                "force_null" => options with { ForceNull = [false, true, false] },
                "force_not_null" => options with { ForceNotNull = [false, true, false] },
                _ => throw new InvalidOperationException(part),
            };
        }
        return options;
    }

    private static string Read(CopyOptions options, ReadOnlySpan<byte> data, int piece)
    {
        var shown = new StringBuilder();
        try
        {
            CopyReader reader = CopyReader.Create(options, "t", Columns, FormatContext.Default);
            while (!data.IsEmpty)
            {
                int taken = reader.Read(data[..Math.Min(piece, data.Length)]);
                data = data[taken..];
                if (reader.IsFull)
                    shown.Append(Show(reader.Rows.Build()));
            }
            reader.Complete();
            return shown.Append(Show(reader.Rows.Build())).ToString();
        }
        catch (SqlException error)
        {
            return $"!{error.State} {error.Message}{(error.Where is null ? "" : " @ " + error.Where)}";
        }
    }

    private static string Show(ColumnBatch batch)
    {
        var shown = new StringBuilder();
        var value = new ArrayBufferWriter<byte>();
        for (int row = 0; row < batch.RowCount; row++)
        {
            for (int i = 0; i < Columns.Length; i++)
            {
                shown.Append(i == 0 ? '(' : ',');
                value.ResetWrittenCount();
                if (batch[i].IsNull(row))
                    shown.Append('∅');
                else
                    TypeFormats.For(Columns[i].Type.Oid).WriteText(batch[i], row, value, FormatContext.Default);
                shown.Append(Encoding.UTF8.GetString(value.WrittenSpan));
            }
            shown.Append(')');
        }
        return shown.ToString();
    }
}
