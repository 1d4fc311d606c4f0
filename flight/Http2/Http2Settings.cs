using System.Buffers.Binary;

namespace VecSQL.Flight.Http2;

/// <summary>What one side of a connection asks of the other.</summary>
/// <remarks>Source: RFC 9113, 6.5.2. The values a connection begins with are those of an empty frame.</remarks>
internal sealed record Http2Settings
{
    public const int WindowBytesUsual = 65_535, WindowBytesMax = int.MaxValue, FrameBytesUsual = 16_384;

    private const int EntryBytes = 6;

    /// <summary>Streams at once that the other side may open.</summary>
    public int StreamsMax { get; init; } = int.MaxValue;

    /// <summary>Bytes of a stream that are taken before its reader has used any.</summary>
    public int WindowBytes { get; init; } = WindowBytesUsual;

    /// <summary>The longest frame taken.</summary>
    public int FrameBytesMax { get; init; } = FrameBytesUsual;

    /// <summary>Of the fields of a header block.</summary>
    public int FieldBytesMax { get; init; } = int.MaxValue;

    /// <summary>The payload of a frame that says so.</summary>
    /// <param name="isClient">Clients also say that they want nothing that they have not asked for.</param>
    public byte[] ToPayload(bool isClient)
    {
        List<(Setting, int)> said = [(Setting.WindowBytes, WindowBytes), (Setting.FrameBytes, FrameBytesMax), (Setting.FieldBytes, FieldBytesMax)];
        said.Add(isClient ? (Setting.Push, 0) : (Setting.Streams, StreamsMax));
        byte[] payload = new byte[said.Count * EntryBytes];
        for (int i = 0; i < said.Count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * EntryBytes), (ushort)said[i].Item1);
            BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan((i * EntryBytes) + 2), said[i].Item2);
        }
        return payload;
    }

    /// <summary>These settings, changed by what a frame says.</summary>
    /// <exception cref="Http2Exception">A value is out of its range.</exception>
    public Http2Settings With(ReadOnlySpan<byte> payload)
    {
        if (payload.Length % EntryBytes != 0)
            throw new Http2Exception(Http2Error.FrameSize, $"settings of {payload.Length} bytes");
        Http2Settings changed = this;
        for (; !payload.IsEmpty; payload = payload[EntryBytes..])
        {
            uint value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            int number = (int)Math.Min(value, int.MaxValue);
            switch ((Setting)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case Setting.Push when value > 1:
                    throw new Http2Exception(Http2Error.Protocol, $"the setting ENABLE_PUSH is {value}");
                case Setting.Streams:
                    changed = changed with { StreamsMax = number };
                    break;
                case Setting.WindowBytes:
                    changed = changed with { WindowBytes = value <= WindowBytesMax ? number : throw new Http2Exception(
                        Http2Error.FlowControl, $"the setting INITIAL_WINDOW_SIZE is {value}") };
                    break;
                case Setting.FrameBytes:
                    changed = changed with { FrameBytesMax = value is >= FrameBytesUsual and <= FrameHeader.LengthMax ? number
                        : throw new Http2Exception(Http2Error.Protocol, $"the setting MAX_FRAME_SIZE is {value}") };
                    break;
                case Setting.FieldBytes:
                    changed = changed with { FieldBytesMax = number };
                    break;
            }
        }
        return changed;
    }

    private enum Setting : ushort
    {
        Push = 2,
        Streams = 3,
        WindowBytes = 4,
        FrameBytes = 5,
        FieldBytes = 6,
    }
}
