using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Tests.Grpc;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000), InlineData("2M", 1_200_000_000), InlineData("3S", 30_000_000), InlineData("4m", 40_000)]
    [InlineData("5u", 50), InlineData("600n", 6), InlineData("0S", 0), InlineData("00000001S", 10_000_000)]
    public void A_timeout_is_digits_and_a_unit(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData(""), InlineData("S"), InlineData("1"), InlineData("1s"), InlineData("-1S"), InlineData("+1S"), InlineData("1.5S"), InlineData("123456789S")]
    public void Anything_else_is_no_timeout(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Fact]
    public void Timeouts_longer_than_timers_can_be_are_as_long_as_those()
    {
        Assert.True(GrpcTimeout.TryParse("99999999H", out TimeSpan timeout));
        using CancellationTokenSource timer = new(timeout);
        Assert.True(timeout > TimeSpan.FromDays(20));
    }

    [Theory]
    [InlineData(0.0000001, "1u"), InlineData(1.5, "1500000u"), InlineData(86_400, "86400000m"), InlineData(864_000, "864000S"), InlineData(-1, "1n")]
    public void Timeouts_are_written_in_eight_digits(double seconds, string text) =>
        Assert.Equal(text, GrpcTimeout.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("plain text"), InlineData("50 %"), InlineData("größe ✓\n\t\0"), InlineData("%41%zz%"), InlineData("")]
    public void A_message_survives_being_a_header(string message)
    {
        string header = GrpcMetadata.EncodeMessage(message);
        Assert.DoesNotContain(header, letter => letter is < ' ' or > '~');
        Assert.Equal(message, GrpcMetadata.DecodeMessage(header));
    }

    [Fact]
    public void Messages_from_others_are_read_leniently() => Assert.Equal("a%zz%4", GrpcMetadata.DecodeMessage("%61%zz%4"));

    [Theory]
    [InlineData("AQID", new byte[] { 1, 2, 3 }), InlineData("AQ==", new byte[] { 1 }), InlineData("AQ", new byte[] { 1 }), InlineData("", new byte[0])]
    [InlineData("A", null), InlineData("****", null)]
    public void Bytes_are_read_with_padding_and_without(string text, byte[]? bytes) => Assert.Equal(bytes, GrpcMetadata.Decode(text));

    [Fact]
    public void Metadata_that_no_header_can_hold_is_refused()
    {
        GrpcMetadata metadata = [];
        Assert.Throws<ArgumentException>(() => metadata.Add("Upper", "x"));
        Assert.Throws<ArgumentException>(() => metadata.Add("a b", "x"));
        Assert.Throws<ArgumentException>(() => metadata.Add("x-bin", "x"));
        Assert.Throws<ArgumentException>(() => metadata.Add("x", "line\nbreak"));
        Assert.Throws<ArgumentException>(() => metadata.Add("x", [1]));
        Assert.Equal(0, metadata.Count);
    }
}
