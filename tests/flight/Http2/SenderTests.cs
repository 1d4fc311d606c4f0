using VecSQL.Flight.Http2;

namespace VecSQL.Flight.Tests.Http2;

public sealed class SenderTests
{
    [Fact]
    public async Task A_flush_sends_what_was_posted_before_it_whoever_waits_for_the_turn()
    {
        MemoryStream target = new();
        FrameWriter writer = new(target, static broken => throw broken);
        StreamTable streams = new(isClient: false, new Http2Settings(), static (_, _) => throw new InvalidOperationException("no stream is opened"));
        Http2Sender sender = new(streams, writer);
        await writer.EnterAsync(default);
        sender.GoAway(Http2Error.FlowControl); // nobody can send it now
        Task flush = sender.FlushAsync(default).AsTask();
        Task next = writer.EnterAsync(default).AsTask();
        writer.Exit();
        await flush;
        Assert.Equal(FrameType.GoAway, FrameHeader.Read(target.ToArray()).Type);
        await next;
        writer.Exit();
    }
}
