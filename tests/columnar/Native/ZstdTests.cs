using System.Text;
using VecSQL.Columnar.Native;

namespace VecSQL.Columnar.Tests.Native;

public sealed class ZstdTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(300_000)]
    public void What_is_compressed_comes_back(int length)
    {
        byte[] source = new byte[length], target = new byte[length];
        new Random(length).NextBytes(source.AsSpan(0, length / 2));
        byte[] packed = new byte[Zstd.BoundOf(length)];
        Assert.True(Zstd.TryCompress(source, packed, out int written));
        Assert.True(Zstd.TryDecompress(packed.AsSpan(0, written), target, out string? problem), problem);
        Assert.Equal(source, target);
    }

    [Fact]
    public void Compression_that_does_not_fit_its_room_says_so()
    {
        byte[] noise = new byte[1000];
        new Random(1).NextBytes(noise);
        Assert.False(Zstd.TryCompress(noise, new byte[900], out _));
    }

    [Fact]
    public void A_wrong_length_or_wrong_bytes_are_told_and_write_nothing_beyond_the_target()
    {
        byte[] packed = new byte[1000];
        Assert.True(Zstd.TryCompress(Encoding.ASCII.GetBytes(new string('x', 5000)), packed, out int written));
        byte[] target = new byte[6000];
        Assert.False(Zstd.TryDecompress(packed.AsSpan(0, written), target.AsSpan(0, 4999), out string? tooSmall));
        Assert.Contains("too small", tooSmall, StringComparison.Ordinal);
        Assert.Equal(0, target[4999]);
        Assert.False(Zstd.TryDecompress(packed.AsSpan(0, written), target, out string? tooLarge));
        Assert.Equal("5000 bytes where 6000 should be", tooLarge);
        Assert.False(Zstd.TryDecompress("not a frame"u8, target, out _));
        Assert.False(Zstd.TryDecompress(default, target, out _));
    }

    [Fact]
    public void A_missing_library_names_the_package_that_brings_it() =>
        Assert.Contains("libzstd1", new ZstdMissingException("libzstd.so.1").Message, StringComparison.Ordinal);
}
