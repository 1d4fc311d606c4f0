using System.Buffers;
using VecSQL.Flight.Http2;
using VecSQL.Flight.Http2.Hpack;

namespace VecSQL.Flight.Tests.Http2;

/// <summary>Source of the blocks: RFC 7541, appendix C.</summary>
public sealed class HpackTests
{
    private static readonly string[] Requests =
    [
        ":method GET|:scheme http|:path /|:authority www.example.com",
        ":method GET|:scheme http|:path /|:authority www.example.com|cache-control no-cache",
        ":method GET|:scheme https|:path /index.html|:authority www.example.com|custom-key custom-value",
    ];

    private static readonly string[] Responses =
    [
        ":status 302|cache-control private|date Mon, 21 Oct 2013 20:13:21 GMT|location https://www.example.com",
        ":status 307|cache-control private|date Mon, 21 Oct 2013 20:13:21 GMT|location https://www.example.com",
        ":status 200|cache-control private|date Mon, 21 Oct 2013 20:13:22 GMT|location https://www.example.com|content-encoding gzip"
            + "|set-cookie foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ];

    /// <summary>A field of 4,000 bytes that is kept, and 10,000 times told of: 40 MB.</summary>
    public static byte[] Unfolding { get; } =
        [0x40, 1, (byte)'x', 0x7F, 0xA1, 0x1E, .. Enumerable.Repeat((byte)'y', 4000), .. Enumerable.Repeat((byte)0xBE, 10_000)];

    [Theory]
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key custom-header")] // C.2.1
    [InlineData("040c2f73616d706c652f70617468", ":path /sample/path")] // C.2.2
    [InlineData("100870617373776f726406736563726574", "password secret")] // C.2.3
    [InlineData("82", ":method GET")] // C.2.4
    public void A_field_is_read_in_each_of_its_forms(string block, string fields) =>
        Assert.Equal(fields, Text(new HpackDecoder(1000).Decode(Convert.FromHexString(block))));

    [Fact]
    public void Blocks_of_a_connection_are_read_plain_and_in_huffmans_code()
    {
        Check(Requests, "828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"); // C.3
        Check(Requests, "828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"); // C.4
    }

    [Fact]
    public void Fields_leave_the_table_when_it_is_full()
    {
        const string size = "3fe101"; // 256 bytes, which the examples take for granted
        Check(Responses, size + "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
            + "6e1768747470733a2f2f7777772e6578616d706c652e636f6d", "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157"
            + "454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31"); // C.5
        Check(Responses, size + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf", "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1"
            + "ab270fb5291f9587316065c003ed4ee5b1063d5007"); // C.6
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        HpackEncoder encoder = new();
        HpackDecoder decoder = new(1 << 20);
        string every = new([.. Enumerable.Range(32, 224).Select(code => (char)code)]);
        HeaderField[] fields = [new(":status", "200"), new("grpc-status", "0"), new("authorization", "Basic x"), new("x", ""), new("x-every", every),
            new("x-long", new string('y', 100_000)), new("content-type", "application/grpc")];
        for (int i = 0; i < 3; i++)
        {
            ArrayBufferWriter<byte> block = new();
            encoder.Encode(fields, block);
            Assert.Equal(i == 0, block.WrittenSpan[0] == 0x20); // the table's size, once
            Assert.Equal(fields, decoder.Decode(block.WrittenSpan));
        }
    }

    [Theory]
    [InlineData("80"), InlineData("be"), InlineData("ff"), InlineData("ffffffffffff7f")] // no such field; a number that does not end
    [InlineData("40"), InlineData("4005616263"), InlineData("00017f")] // cut off
    [InlineData("0001788101"), InlineData("0001788100"), InlineData("000178841fffffff")] // no Huffman code: a long padding, zeros, the end's symbol
    [InlineData("823fe101"), InlineData("3fe20f00"), InlineData("3fe21f")] // the table's size behind a field; beyond 4096
    public void Damage_is_an_error_of_the_connection(string block)
    {
        Http2Exception error = Assert.Throws<Http2Exception>(() => new HpackDecoder(1000).Decode(Convert.FromHexString(block)));
        Assert.Equal((Http2Error.Compression, 0), (error.Error, error.StreamId));
    }

    [Fact]
    public void Fields_beyond_the_limit_are_dropped_and_the_table_is_kept_all_the_same()
    {
        HpackDecoder decoder = new(100);
        Assert.Null(decoder.Decode([.. Convert.FromHexString("400a637573746f6d2d6b65790d637573746f6d2d686561646572"), 0xBE, 0xBE]));
        Assert.Equal("custom-key custom-header", Text(decoder.Decode([0xBE])));
    }

    [Fact]
    public void A_block_that_unfolds_takes_no_more_than_allowed()
    {
        HpackDecoder decoder = new(1 << 16);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(decoder.Decode(Unfolding));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 17);
    }

    private static void Check(string[] expected, params string[] blocks)
    {
        HpackDecoder decoder = new(1000);
        Assert.Equal(expected, blocks.Select(block => Text(decoder.Decode(Convert.FromHexString(block)))));
    }

    private static string Text(List<HeaderField>? fields) => string.Join('|', (fields ?? []).Select(field => $"{field.Name} {field.Value}"));
}
