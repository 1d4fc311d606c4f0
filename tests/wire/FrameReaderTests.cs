using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using VecSQL.Wire.Messages;
using VecSQL.Wire.Sessions;

namespace VecSQL.Wire.Tests;

/// <summary>Cutting bytes into messages.</summary>
public sealed class FrameReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10_000)]
    public async Task Messages_arrive_whole_however_the_bytes_are_cut(int pieceBytes)
    {
        byte[] bytes = [.. Message('Q', "select 1\0"), .. Message('P', new string('x', 5000) + "\0"), .. Message('S', "")];
        Pipe pipe = new();
        Task writing = WritePiecesAsync(pipe.Writer, bytes, pieceBytes);
        using FrameReader frames = new(pipe.Reader.AsStream(), 1 << 20);
        Assert.Equal('Q', await frames.NextAsync(CancellationToken.None));
        Assert.Equal("select 1\0", Encoding.UTF8.GetString(frames.Body.Span));
        Assert.Equal('P', await frames.NextAsync(CancellationToken.None));
        Assert.Equal(5001, frames.Body.Length);
        Assert.Equal('S', await frames.NextAsync(CancellationToken.None));
        Assert.Equal(-1, await frames.NextAsync(CancellationToken.None));
        await writing;
    }

    [Theory]
    [InlineData('Q', 3)] // shorter than the length itself
    [InlineData('Q', -1)]
    [InlineData('Q', 1 << 21)] // over the limit given
    [InlineData('S', 20_000)] // Sync has no body
    [InlineData('?', 4)] // no such message
    [InlineData('\0', 4)]
    public async Task Impossible_headers_are_refused_before_any_body_is_awaited(char type, int length)
    {
        Pipe pipe = new();
        byte[] header = new byte[5];
        header[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), length);
        await pipe.Writer.WriteAsync(header);
        using FrameReader frames = new(pipe.Reader.AsStream(), 1 << 20);
        await Assert.ThrowsAsync<ProtocolException>(async () => await frames.NextAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData('Q', 10)]
    [InlineData('X', 4)]
    [InlineData('p', 10_001)]
    [InlineData('p', -1)]
    public async Task Before_a_client_is_let_in_it_may_send_short_passwords_only(char type, int length)
    {
        Pipe pipe = new();
        byte[] header = new byte[5];
        header[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), length);
        await pipe.Writer.WriteAsync(header);
        using FrameReader frames = new(pipe.Reader.AsStream(), 1 << 20);
        await Assert.ThrowsAsync<ProtocolException>(async () => await frames.NextPasswordAsync("SASL", CancellationToken.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(10_001)]
    [InlineData(int.MaxValue)]
    [InlineData(0x47455420)] // "GET "
    public async Task Impossible_startup_lengths_are_refused(int length)
    {
        Pipe pipe = new();
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        await pipe.Writer.WriteAsync(header);
        using FrameReader frames = new(pipe.Reader.AsStream(), 1 << 20);
        await Assert.ThrowsAsync<ProtocolException>(async () => await frames.NextStartupAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Random_bytes_end_in_messages_or_a_protocol_error()
    {
        Random random = new(7);
        int refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[random.Next(0, 64)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && random.Next(2) == 0)
                bytes[0] = "QPBEDCHSXdcfFp"u8[random.Next(14)];
            if (bytes.Length > 4 && random.Next(2) == 0)
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), random.Next(0, 40));
            Pipe pipe = new();
            await pipe.Writer.WriteAsync(bytes);
            await pipe.Writer.CompleteAsync();
            using FrameReader frames = new(pipe.Reader.AsStream(), 1 << 20);
            try
            {
                while (await frames.NextAsync(CancellationToken.None) != -1)
                {
                }
            }
            catch (ProtocolException)
            {
                refused++;
            }
        }
        Assert.True(refused > 100, $"only {refused} refused");
    }

    private static byte[] Message(char type, string body)
    {
        byte[] bytes = new byte[5 + Encoding.UTF8.GetByteCount(body)];
        bytes[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), bytes.Length - 1);
        Encoding.UTF8.GetBytes(body, bytes.AsSpan(5));
        return bytes;
    }

    private static async Task WritePiecesAsync(PipeWriter writer, byte[] bytes, int pieceBytes)
    {
        for (int start = 0; start < bytes.Length; start += pieceBytes)
            await writer.WriteAsync(bytes.AsMemory(start, Math.Min(pieceBytes, bytes.Length - start)));
        await writer.CompleteAsync();
    }
}
