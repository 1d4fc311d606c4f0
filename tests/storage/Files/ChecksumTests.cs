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
