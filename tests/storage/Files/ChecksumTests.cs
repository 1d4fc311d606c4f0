using System.Text;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Tests.Files;

public sealed class ChecksumTests
{
    [Fact]
    public void Agrees_with_the_published_check_value() =>
        Assert.Equal(0xE3069283u, Checksum.Crc32C("123456789"u8)); // RFC 3720's polynomial, the usual check string

    [Fact]
    public void Agrees_with_a_bit_by_bit_division_at_every_length_and_alignment()
    {
        byte[] bytes = new byte[300];
        new Random(1).NextBytes(bytes);
        for (int start = 0; start < 9; start++)
        {
            for (int length = 0; length < 70; length++)
                Assert.Equal(Slow(bytes.AsSpan(start, length)), Checksum.Crc32C(bytes.AsSpan(start, length)));
        }
    }

    [Theory]
    [InlineData(3071)]
    [InlineData(3072)]
    [InlineData(3080)]
    [InlineData(6143)]
    [InlineData(6144)]
    [InlineData(10_001)]
    public void Agrees_with_the_division_where_stretches_are_joined(int length)
    {
        byte[] bytes = new byte[length + 3];
        new Random(length).NextBytes(bytes);
        Assert.Equal(Slow(bytes.AsSpan(3)), Checksum.Crc32C(bytes.AsSpan(3)));
        uint first = Checksum.Crc32C(bytes.AsSpan(3, 5));
        Assert.Equal(Slow(bytes.AsSpan(3)), Checksum.Crc32C(bytes.AsSpan(8), first));
    }

    [Fact]
    public void Pieces_give_what_the_whole_gives()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("a block that is written in several pieces, of any size");
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            uint first = Checksum.Crc32C(bytes.AsSpan(0, cut));
            Assert.Equal(Checksum.Crc32C(bytes), Checksum.Crc32C(bytes.AsSpan(cut), first));
        }
    }

    private static uint Slow(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }
        return ~crc;
    }
}
