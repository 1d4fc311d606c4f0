namespace VecSQL.Flight.Http2;

/// <summary>Where the bytes of a stream's body are put as they come.</summary>
/// <remarks>Threads: one at a time, the connection's reader.</remarks>
internal interface IBodySink
{
    /// <summary>Comes first.</summary>
    /// <param name="stream">Is told when bytes that came have been used: <see cref="Http2Stream.Credit"/>.</param>
    void Open(Http2Stream stream);

    /// <summary>Memory for the next bytes, at least one; it stays the sink's, and is written to until <see cref="Advance"/>.</summary>
    Memory<byte> Room();

    /// <summary>So many bytes have been put into the memory.</summary>
    void Advance(int count);

    /// <summary>The body has come whole.</summary>
    void Complete();

    /// <summary>The rest of the body will not come.</summary>
    void Fail(Exception reason);
}
